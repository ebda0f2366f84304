# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# cli_training.sh: cli.sh, and what the tests of training and of experiments compare: tensors, epochs, rows.
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

# On the digits that are drawn, a network that takes a moment.
# shellcheck disable=SC2034 # for those who source this
small=(--data synthetic --model 'flatten dense(24) relu dropout(0.2) dense(10)' --threads 2 --quiet)

# same_tensor NAME A B: the tensor's bytes in two safetensors files.
same_tensor() {
    python3 - "$@" <<'PY'
import json, struct, sys
def tensor(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    first, last = json.loads(data[8:8 + size])[sys.argv[1]]["data_offsets"]
    return data[8 + size + first:8 + size + last]
sys.exit(tensor(sys.argv[2]) != tensor(sys.argv[3]))
PY
}
differs() { ! same_tensor "$@"; }

# numbers EPOCHS_CSV: what must not depend on interruptions: no times, no name of the run.
numbers() {
    cut -d, -f1-5,8-11 "$1"
}

# tensors FILE: the values of a safetensors file without its header, which names the run.
tensors() {
    python3 - "$1" <<'PY'
import hashlib, struct, sys
data = open(sys.argv[1], "rb").read()
print(hashlib.sha256(data[8 + struct.unpack("<Q", data[:8])[0]:]).hexdigest())
PY
}

same_numbers() { [ "$(numbers "$1/epochs.csv")" = "$(numbers "$2/epochs.csv")" ]; }
same_weights() { [ "$(tensors "$1/weights.safetensors")" = "$(tensors "$2/weights.safetensors")" ]; }
rows() { [ "$(wc -l <"$1")" -eq $(($2 + 1)) ]; }

# parts_of_time FOLDER PART OTHER: the parts are those of the time that the run took, PART among them, not OTHER.
parts_of_time() {
    python3 - "$@" <<'PY'
import csv, sys
run, = csv.DictReader(open(sys.argv[1] + "/runs.csv", newline=""))
parts = {p: float(run[p + "_seconds"]) for p in "data augment forward backward optimizer evaluate".split()}
training = sum(parts.values()) - parts["evaluate"]
assert parts[sys.argv[2]] > 0 and parts[sys.argv[3]] == 0, parts
assert min(parts[p] for p in "forward backward optimizer evaluate".split()) > 0, parts
# On a busy machine starting, evaluating and checkpoints may take most of it.
assert 0.02 * float(run["seconds"]) < training <= float(run["seconds"]), (parts, run["seconds"])
PY
}
