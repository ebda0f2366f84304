#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_run.sh BENCH EXPERIMENTS: training that is interrupted and goes on, schedules, early stopping, augmentation,
# sweeps; and the experiments in the folder EXPERIMENTS.
experiments=$(realpath "$2")
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

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

small=(--data synthetic --model 'flatten dense(24) relu dropout(0.2) dense(10)' --threads 2 --quiet)

echo "# schedules, optimisers, early stopping"
run "$bench" train --help
for word in constant step exponential polynomial cosine onecycle plateau; do
    verify "--help explains the schedule $word" grep -qE "^    $word" out
done
refuses 2 "no schedule 'cosin'.*onecycle" "$bench" train "${small[@]}" --schedule cosin
refuses 2 'schedule cosine: no setting .mini.' "$bench" train "${small[@]}" --schedule 'cosine(mini=1)'
refuses 2 'patience wants a validation loss' "$bench" train "${small[@]}" --patience 1 --validation-split 0
refuses 2 'plateau|this --schedule' "$bench" train "${small[@]}" --schedule plateau --validation-split 0
refuses 2 'keep wants one of' "$bench" train "${small[@]}" --keep both
run "$bench" train "${small[@]}" --epochs 3 --schedule 'step(every=1,factor=0.5)' --optimizer rmsprop --lr 0.004 --out steps
verify "rates halve from epoch to epoch" test "$(cut -d, -f8 steps/epochs.csv | paste -sd' ')" = 'lr 0.004 0.002 0.001'
run "$bench" train "${small[@]}" --epochs 40 --lr 0.03 --patience 2 --keep best --out early
verify "a run that no longer improves stops" test "$(wc -l <early/epochs.csv)" -lt 41
best_is_last_but_patience() {
    python3 - <<'PY'
import csv
epochs = list(csv.DictReader(open("early/epochs.csv")))
run, = csv.DictReader(open("early/runs.csv"))
best = min(range(len(epochs)), key=lambda i: float(epochs[i]["val_loss"]))
assert best == len(epochs) - 3 and int(run["tested_epoch"]) == best and int(run["epochs_run"]) == len(epochs)
assert run["val_loss"] == epochs[best]["val_loss"]
PY
}
verify "two epochs after the best one, which is the one that is tested" best_is_last_but_patience
run "$bench" train "${small[@]}" --epochs 2 --ema 0.99 --out ema
run "$bench" train "${small[@]}" --epochs 2 --out plain
verify "an average trains with the same losses" test "$(cut -d, -f2,3 ema/epochs.csv)" = "$(cut -d, -f2,3 plain/epochs.csv)"
verify "and validates with other weights" test "$(cut -d, -f4,5 ema/epochs.csv)" != "$(cut -d, -f4,5 plain/epochs.csv)"
run "$bench" train "${small[@]}" --epochs 2 --label-smoothing 0.1 --out smooth
verify "smoothed labels train to a higher loss" awk -F, 'FNR == 2 { loss[FILENAME] = $3 } END { exit !(loss["smooth/epochs.csv"] > loss["plain/epochs.csv"]) }' plain/epochs.csv smooth/epochs.csv
verify "and say so" grep -q ',0.1,' smooth/runs.csv

echo "# fine-tuning"
run "$bench" train "${small[@]:0:6}" --epochs 1 --init-from plain/weights.safetensors --anew dense_1 --freeze dense --fraction 0.5 --out tuned
verify "it ends well" test $rc -eq 0
verify "says what starts anew" grep -q '^weights   from plain/weights.safetensors; anew: dense_1/kernel, dense_1/bias$' out
verify "and what is frozen" grep -q 'dense (Dense + ReLU, frozen)' out
verify "a frozen tensor ends as it was" same_tensor dense/kernel plain/weights.safetensors tuned/weights.safetensors
verify "another one does not" differs dense_1/kernel plain/weights.safetensors tuned/weights.safetensors
refuses 2 "no layer 'head' with parameters in this model; it has: dense, dense_1" "$bench" train "${small[@]}" --freeze head --out tuned
refuses 2 "no layer 'head' with parameters" "$bench" train "${small[@]}" --lr-factor head=2 --out tuned
refuses 2 "dense is frozen" "$bench" train "${small[@]}" --freeze dense --lr-factor dense=2 --out tuned
run "$bench" train "${small[@]}" --epochs 2 --lr-factor dense=1,dense_1=1 --out ones
verify "factors of 1 change no bit" same_tensor dense/kernel plain/weights.safetensors ones/weights.safetensors
run "$bench" train "${small[@]:0:6}" --epochs 2 --lr-factor dense_1=0.25 --out slower
verify "another factor is shown" grep -q 'dense_1 (Dense, rate x 0.25)' out
verify "and recorded" grep -q ',dense_1=0.25,' slower/runs.csv
verify "and trains to other weights" differs dense_1/kernel plain/weights.safetensors slower/weights.safetensors
refuses 2 "--anew belongs to --init-from" "$bench" train "${small[@]}" --anew dense --out tuned
refuses 2 "--init-from: cannot read none.safetensors" "$bench" train "${small[@]}" --init-from none.safetensors --out tuned

echo "# pixels"
refuses 2 "--resize: expected HEIGHTxWIDTH, each from 1 to 4096, such as 32x32; got '32'" "$bench" train "${small[@]}" --resize 32 --out pixels
refuses 2 "--normalize: expected unit, standard or MEAN,SD .*got '0.5,0'" "$bench" train "${small[@]}" --normalize 0.5,0 --out pixels
run "$bench" train "${small[@]:0:6}" --epochs 2 --resize 14x20 --normalize standard --out pixels
verify "it ends well" test $rc -eq 0
verify "says the size" grep -q '^images    resized to 14x20$' out
verify "and what is seen" grep -qE '^pixels    less 0\.[0-9]+, divided by 0\.[0-9]+ \(standard\)$' out
run "$bench" train "${small[@]}" --epochs 1 --init-from pixels/weights.safetensors --out pixels-on
pixels_are_kept() {
    python3 - <<'PY'
import csv
first, = csv.DictReader(open("pixels/runs.csv"))
second, = csv.DictReader(open("pixels-on/runs.csv"))
assert first["resize"] == second["resize"] == "14x20" and first["normalize"] == "standard"
assert first["pixel_mean"] == second["pixel_mean"] and first["pixel_sd"] == second["pixel_sd"]
assert 0 < float(first["pixel_mean"]) < 0.5 and 0 < float(first["pixel_sd"]) < 0.5
PY
}
verify "weights take their pixels along" pixels_are_kept
run "$bench" train "${small[@]}" --epochs 1 --init-from pixels/weights.safetensors --normalize unit --resize 28x28 --anew dense --out pixels-off
verify "what is asked for comes first" grep -q ',28x28,unit,0,1,' pixels-off/runs.csv
run "$bench" train "${small[@]}" --epochs 1 --normalize 0,1 --out same
run "$bench" train "${small[@]}" --epochs 1 --out as-ever
verify "0,1 is unit" same_tensor dense/kernel same/weights.safetensors as-ever/weights.safetensors

echo "# augmentation"
refuses 2 "augment: augmentation: no setting 'rot'" "$bench" train "${small[@]}" --augment rot=3
refuses 2 'out FILE.png says' "$bench" augment --data synthetic
refuses 2 'augmentation: scale wants' "$bench" augment --data synthetic --augment scale=2 --out sheet.png
refuses 4 'cannot write .*sheet.png' "$bench" augment --data synthetic --out nowhere/sheet.png
run "$bench" augment --data synthetic --rows 3 --columns 4 --augment rotate=20,elastic=2,erase=0.5 --out sheet.png
verify "a sheet is drawn" grep -q '3 images' out
sheet_is_right() {
    python3 - <<'PY'
import struct, zlib
data = open("sheet.png", "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n"
at, chunks = 8, {}
while at < len(data):
    length, kind = struct.unpack(">I4s", data[at:at + 8])
    chunks[kind] = data[at + 8:at + 8 + length]
    assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + chunks[kind])
    at += 12 + length
w, h = struct.unpack(">II", chunks[b"IHDR"][:8])
rows = zlib.decompress(chunks[b"IDAT"])
assert (w, h) == (2 + 5 * 30, 2 + 3 * 30) and len(rows) == h * (w + 1) and list(chunks)[-1] == b"IEND"
first = [rows[(2 + y) * (w + 1) + 3:][:28] for y in range(28)]
second = [rows[(2 + y) * (w + 1) + 33:][:28] for y in range(28)]
assert first != second and max(map(max, first)) > 128 and max(map(max, second)) > 128
PY
}
verify "it is a PNG file with images in it" sheet_is_right
run "$bench" train "${small[@]}" --epochs 2 --augment rotate=10,translate=0.1 --out augmented
verify "augmented images are harder to fit" test "$(cut -d, -f2,3 plain/epochs.csv)" != "$(cut -d, -f2,3 augmented/epochs.csv)"

echo "# checkpoints"
long=("${small[@]}" --epochs 6 --schedule 'cosine(warmup=1)' --ema 0.9 --keep best
    --augment 'rotate=10,elastic=2' --normalize standard --lr-factor dense_1=0.5)
run "$bench" train "${long[@]}" --out whole
verify "without --checkpoint-every there is no checkpoint" test ! -e whole/checkpoint-seed1
run "$bench" train "${long[@]}" --checkpoint-every 7 --out kept
verify "checkpoints change no bit" same_numbers whole kept
verify "nor one of the weights" same_weights whole kept
verify "and are gone when the run has ended" test ! -e kept/checkpoint-seed1

# Killed again and again, at moments that nobody chose, until a program gets through.
kills=0
for i in $(seq 60); do
    "$bench" train "${long[@]}" --checkpoint-every 7 --resume --out killed >out 2>err &
    pid=$!
    sleep "0.$(printf %02d $((8 + (i * 37) % 29)))"
    if kill -9 $pid 2>/dev/null; then kills=$((kills + 1)); fi
    wait $pid 2>/dev/null && break
    [ "$kills" -lt 12 ] || break
done
run "$bench" train "${long[@]}" --checkpoint-every 7 --resume --out killed
verify "a run killed $kills times ends" test $rc -eq 0
verify "it was killed at least three times" test "$kills" -ge 3
verify "with the same numbers in every epoch" same_numbers whole killed
verify "and the same weights" same_weights whole killed
verify "with one row per epoch" rows killed/epochs.csv 6
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
verify "the parts of its time are those of the whole" parts_of_time whole augment data
verify "and of all its programs" parts_of_time killed augment data
verify "without augmentation pixels are data" parts_of_time plain data augment

# As soon as an epoch is done: how long a start takes, and a sanitizer's, nobody knows.
"$bench" train "${long[@]}" --epochs 400 --checkpoint-every 100000 --out stopped >out 2>err </dev/null &
pid=$!
for _ in $(seq 2400); do
    [ -f stopped/epochs.csv ] && [ "$(wc -l <stopped/epochs.csv)" -ge 2 ] && break
    sleep 0.05
done
kill -INT $pid
wait $pid
verify "interrupted training exits with 130" test $? -eq 130
verify "interrupted training keeps a checkpoint" test -e stopped/checkpoint-seed1
refuses 3 'another configuration' "$bench" train "${long[@]}" --epochs 401 --checkpoint-every 7 --resume --out stopped
refuses 3 'another configuration' "$bench" train "${long[@]}" --epochs 400 --normalize unit --checkpoint-every 7 --resume --out stopped
head -c 1000 stopped/checkpoint-seed1 >torn.part && mv torn.part stopped/checkpoint-seed1
refuses 3 'not a whole checkpoint' "$bench" train "${long[@]}" --epochs 400 --checkpoint-every 7 --resume --out stopped

echo "# experiments: what is refused"
# ini LINE...: writes bad.ini.
ini() { printf '%s\n' "$@" >bad.ini; }
refuses 2 'no file' "$bench" run
refuses 2 'cannot read nowhere.ini' "$bench" run nowhere.ini
refuses 2 'cannot read .*folder' "$bench" run .
ini '[base]' 'epochs = 2' 'epoch = 3'
refuses 2 "bad.ini:3: unknown key 'epoch'; did you mean 'epochs'" "$bench" run bad.ini
ini '[base]' 'frobnication = 2'
refuses 2 "bad.ini:2: unknown key 'frobnication'" "$bench" run bad.ini
ini '[base]' 'data = synthetic' '' 'epochs = two'
refuses 2 "bad.ini:4: epochs wants a whole number.*'two'" "$bench" run bad.ini
ini '[base]' 'epochs = 0'
refuses 2 'bad.ini:2: epochs wants' "$bench" run bad.ini
ini '[base]' 'nesterov = maybe'
refuses 2 'bad.ini:2: nesterov wants yes or no' "$bench" run bad.ini
ini '[base]' 'seed = 3'
refuses 2 "bad.ini:2: unknown key 'seed'" "$bench" run bad.ini
ini '[base]' 'out = elsewhere'
refuses 2 "bad.ini:2: unknown key 'out'" "$bench" run bad.ini
ini '[base]' 'epochs = 1' 'epochs = 2'
refuses 2 "bad.ini:3: 'epochs' is there twice in .base., first in line 2" "$bench" run bad.ini
ini '[a]' 'epochs = 1' '[b]' 'epochs = 2' '[a]'
refuses 2 'bad.ini:5: section .a. is there twice, first in line 1' "$bench" run bad.ini
ini 'epochs = 1'
refuses 2 'bad.ini:1: .epochs. stands before' "$bench" run bad.ini
ini '[base]' 'nonsense'
refuses 2 'bad.ini:2: neither' "$bench" run bad.ini
ini '[base]' 'data = synthetic' '[broken]' 'model = conv(32'
refuses 2 'bad.ini:3: broken: model, column' "$bench" run bad.ini
ini '[base]' '[v]' 'schedule = cosin'
refuses 2 "bad.ini:2: v: --schedule: no schedule 'cosin'" "$bench" run bad.ini
ini '[v]' 'momentum = 0.9'
refuses 2 'bad.ini:1: v: --momentum belongs' "$bench" run bad.ini
ini '[v]' 'kernel = sse17'
refuses 2 'bad.ini:1: v: .*sse17' "$bench" run bad.ini
ini '[a]' 'epochs = 3' '[b]' 'epochs = 3'
refuses 2 'bad.ini:3: variants a and b are the same configuration' "$bench" run bad.ini
ini '[experiment]' 'baseline = c' '[a]'
refuses 2 "bad.ini:2: baseline 'c' is none" "$bench" run bad.ini
ini '[experiment]' 'seeds = 5..1' '[a]'
refuses 2 'bad.ini:2: seeds wants' "$bench" run bad.ini
ini '[experiment]' 'sedes = 1' '[a]'
refuses 2 "bad.ini:2: .experiment. has name" "$bench" run bad.ini
ini '[grid]' 'batch = 32 | many'
refuses 2 "bad.ini:2: batch wants a whole number.*'many'" "$bench" run bad.ini
ini '[base]' "model = $(printf 'relu %.0s' $(seq 60))"
refuses 2 'bad.ini:2: longer than' "$bench" run bad.ini

cat >tiny.ini <<'INI'
; four variants, two of which come from a grid of one section
[experiment]
name = tiny
seeds = 1..2
baseline = plain/batch=64
[base]
data = synthetic
model = flatten dense(16)
    relu dense(10)
epochs = 3
[grid]
batch = 64 | 128
[plain]
[drop]
model = flatten dense(16) relu dropout(0.5) dense(10)
INI
refuses 2 "unknown key 'epoch'" "$bench" run tiny.ini --set epoch=1
refuses 2 'wants key=value' "$bench" run tiny.ini --set epochs
refuses 2 'no such variant' "$bench" run tiny.ini --only plane
refuses 2 'shard wants' "$bench" run tiny.ini --shard 3/2
refuses 2 'seeds wants' "$bench" run tiny.ini --seeds x
refuses 3 'runs.csv: cannot be opened' "$bench" table .
refuses 2 'no folder' "$bench" table

for file in "$experiments"/*.ini; do
    # A set that is not built or not usable here is refused by name; that is the file's business, not its fault.
    for form in '' --quick; do
        # shellcheck disable=SC2086
        run "$bench" run "$file" $form --dry-run --set kernel=auto
        verify "${file##*/} $form is an experiment" grep -qE '^[0-9]+ runs, |are the same configuration' out err
    done
done

echo "# experiments: runs"
run "$bench" run tiny.ini --dry-run --out sweep
verify "--dry-run lists eight runs" grep -q '^8 runs, ' out
verify "and makes no folder" test ! -e sweep
run "$bench" run tiny.ini --dry-run --only plain --seeds 7
verify "--only a section takes all of its grid" grep -q '^2 runs, ' out
run "$bench" run tiny.ini --dry-run --only 'drop*' --only 'plain/batch=64' --seeds 7
verify "--only takes patterns, several" grep -q '^3 runs, ' out

# results FOLDER: what must not depend on jobs, shards and kills.
results() {
    python3 - "$@" <<'PY'
import csv, sys
rows = [r for folder in sys.argv[1:] for r in csv.DictReader(open(folder + "/runs.csv", newline=""))]
assert len({r["identity"] for r in rows}) == len(rows), "a run is there twice"
keep = "variant seed identity model batch loss accuracy val_loss test_loss test_correct epochs_run".split()
for r in sorted(rows, key=lambda r: r["identity"]):
    assert None not in r and None not in r.values(), "half a row"
    print(*[r[k] for k in keep])
PY
}
same_results() { [ "$(results whole-sweep)" = "$(results "$@")" ] && [ "$(results whole-sweep | wc -l)" -eq 8 ]; }

# same_runs FOLDER: weights and epochs of every run, bit for bit.
same_runs() {
    local run
    for run in whole-sweep/runs/*; do
        same_weights "$run" "$1/runs/${run##*/}" && same_numbers "$run" "$1/runs/${run##*/}" || return 1
    done
}

run "$bench" run tiny.ini --out whole-sweep
verify "a sweep runs" test $rc -eq 0
verify "its table has four variants" test "$(grep -c '^| tiny ' out)" -eq 4
verify "one is the baseline" grep -q '^| tiny | plain/batch=64 | 2 .*| baseline |' out
verify "no checkpoint is left" test -z "$(ls whole-sweep/runs/*/checkpoint* 2>/dev/null)"
verify "the log is quiet about errors" test -z "$(grep bench: whole-sweep/runs/*/log.txt)"
cp whole-sweep/runs.csv before.csv
run "$bench" run tiny.ini --out whole-sweep
verify "finished runs are skipped" grep -q '^8 of 8 runs are finished already' err
verify "and leave the same rows" cmp -s before.csv whole-sweep/runs.csv
run "$bench" table whole-sweep whole-sweep
verify "the same run in two folders counts once" grep -q '^| tiny | drop/batch=64 | 2 |' out
errors_match() {
    python3 - <<'PY'
import csv, glob
for folder in glob.glob("whole-sweep/runs/*"):
    row, = csv.DictReader(open(folder + "/runs.csv"))
    errors = list(csv.DictReader(open(folder + "/errors.csv")))
    confusion = [list(map(int, r[1:])) for r in list(csv.reader(open(folder + "/confusion.csv")))[1:]]
    right = sum(confusion[i][i] for i in range(10))
    assert sum(map(sum, confusion)) == int(row["test_images"]) and right == int(row["test_correct"])
    assert len(errors) == int(row["test_images"]) - right and all(e["label"] != e["predicted"] for e in errors)
PY
}
verify "errors.csv and confusion.csv agree with the accuracy" errors_match

run "$bench" run tiny.ini --out jobs --jobs 2
verify "two jobs give the same results" same_results jobs
run "$bench" run tiny.ini --out one --shard 1/2
run "$bench" run tiny.ini --out two --shard 2/2
verify "two shards have half of the runs each" test "$(wc -l <one/runs.csv) $(wc -l <two/runs.csv)" = '5 5'
verify "and together the same results" same_results one two
# The table without its last two columns, rate and time.
accuracies() { cut -d'|' -f1-11 | sort; }
verify "and the same table" test "$("$bench" table one two | accuracies)" = "$("$bench" table whole-sweep | accuracies)"

# Killed with all its processes, at moments that nobody chose.
kills=0
for i in $(seq 80); do
    "$bench" run tiny.ini --set epochs=3 --jobs $((1 + i % 2)) --checkpoint-every 5 --out killed-sweep >out 2>err &
    pid=$!
    sleep "0.$(printf %02d $((5 + (i * 23) % 31)))"
    if kill -9 $pid 2>/dev/null; then kills=$((kills + 1)); fi
    wait $pid 2>/dev/null && break
    [ ! -e killed-sweep/runs.csv ] || results killed-sweep >/dev/null || break
    [ "$kills" -lt 20 ] || break
done
run "$bench" run tiny.ini --checkpoint-every 5 --out killed-sweep
verify "a sweep killed $kills times ends" test $rc -eq 0
verify "it was killed at least five times" test "$kills" -ge 5
verify "with the same results" same_results killed-sweep
verify "and the same weights and epochs, bit for bit" same_runs killed-sweep
verify "and no file beside the whole ones" test -z "$(find killed-sweep -name '*.new' -o -name 'checkpoint*')"

echo "# experiments: reduced, and from weights of others"
refuses 2 'tiny.ini:1: has no section .quick.' "$bench" run tiny.ini --quick
cat tiny.ini - >quick.ini <<'INI'
[quick]
seeds = 4
epochs = 1
INI
run "$bench" run quick.ini --quick
verify "a reduced experiment lies apart" rows results/quick/tiny/runs.csv 4
verify "with its own seeds and epochs" test "$(cut -d, -f1 results/quick/tiny/runs/*/epochs.csv | grep -c 0)" -eq 4
run "$bench" run quick.ini --dry-run
verify "and the whole one is as it was" grep -q '^8 runs, ' out
cat >after.ini <<'INI'
[experiment]
name = after
seeds = 2..3
[base]
data = synthetic
model = flatten dense(16) relu dense(10)
epochs = 1
[scratch]
[tuned]
init-from = tiny.ini:plain/batch=64
anew = dense_1
freeze = dense
INI
sed 's/batch=64/batch=65/' after.ini >bad.ini
refuses 2 "bad.ini:9: init-from: no variant 'plain/batch=65' in tiny.ini" "$bench" run bad.ini
sed 's/tiny.ini:.*/after.ini:tuned/' after.ini >bad.ini
refuses 2 'after.ini:9: tuned starts from weights of .*one too many' "$bench" run bad.ini
sed 's/tiny.ini/none.ini/' after.ini >bad.ini
refuses 2 'cannot read none.ini' "$bench" run bad.ini
run "$bench" run after.ini --dry-run --out chain/after
verify "--dry-run counts what has to be trained first" grep -q '^and before them 2 runs of other experiments' out
verify "and trains nothing" test ! -e chain
run "$bench" run after.ini --out chain/after
verify "it is trained in its own folder" rows chain/tiny/runs.csv 2
of_seed() { dirname "$(grep -lx "$2" chain/"$1"/runs/*/seed | head -1)"; }
tuned_from() {
    local run
    for run in chain/after/runs/*; do
        grep -q '^init-from' "$run/configuration.txt" || continue
        same_tensor dense/kernel "$run/weights.safetensors" "$(of_seed tiny "$(cat "$run/seed")")/weights.safetensors" || return 1
    done
}
verify "each run starts from the weights of its seed" tuned_from
verify "there are four" rows chain/after/runs.csv 4
cp chain/after/runs.csv before.csv
run "$bench" run after.ini --out chain/after
verify "and nothing of it is done again" cmp -s before.csv chain/after/runs.csv
older=$(ls -d chain/after/runs/* | tail -1)/runs.csv
sed -i '1s/^/column,/; 2s/^/1,/' "$older"
run "$bench" run after.ini --out chain/after
verify "a run of another version is a refusal" test $rc -eq 3
verify "and named" grep -q '/runs.csv has other columns than the runs beside it' err
verify "and rows of two shapes are never in one file" cmp -s before.csv chain/after/runs.csv

run "$bench" run tiny.ini --only plain --seeds 1 --set lr=1e30 --out diverged
verify "a loss that becomes infinite does not stop a sweep" test $rc -eq 0
verify "and is said" grep -q 'its loss became infinite' err
run "$bench" run tiny.ini --only plain --seeds 1 --set data=./nowhere --out nodata
verify "a run without data stops it" test $rc -eq 3
verify "and points to its log" grep -q 'nodata/runs/.*/log.txt' err
refuses 4 'cannot create folder' "$bench" run tiny.ini --out /proc/nowhere
# --foreground: otherwise timeout signals the program and then its group, and a second signal kills.
timeout --foreground -s TERM 1 "$bench" run tiny.ini --set epochs=100000 --only plain --seeds 1 --out stopped-sweep >out 2>err
rc=$?
verify "an interrupted sweep says how to go on" grep -q 'the same command goes on' err
verify "and has a checkpoint" test -n "$(ls stopped-sweep/runs/*/checkpoint-seed1)"

sum_up
