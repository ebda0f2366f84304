#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_run.sh BENCH: training that is interrupted and goes on, schedules, early stopping.
set -u
bench=$(realpath "$1")
unset LANEWISE_KERNEL LANEWISE_DATA OMP_NUM_THREADS OMP_THREAD_LIMIT
export OMP_WAIT_POLICY=passive
T=$(mktemp -d /tmp/lanewise-run.XXXXXX)
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1

tests=0 failures=0

# run COMMAND...: leaves out, err and rc.
run() {
    "$@" >"$T/out" 2>"$T/err" </dev/null
    rc=$?
}

# verify NAME CONDITION...: the condition is a command.
verify() {
    local name=$1
    shift
    tests=$((tests + 1))
    if "$@"; then
        echo "ok      $name"
    else
        failures=$((failures + 1))
        echo "FAILED  $name: not so: $*"
        sed 's/^/        stdout: /' "$T/out" | head -8
        sed 's/^/        stderr: /' "$T/err" | head -8
    fi
}

# refuses CODE PATTERN COMMAND...: that exit code, one matching line on stderr.
refuses() {
    local code=$1 pattern=$2
    shift 2
    run "$@"
    one_line() { [ $rc -eq "$code" ] && [ "$(wc -l <err)" -eq 1 ] && grep -qE -- "$pattern" err; }
    verify "${*/#$bench/bench} -> $code" one_line
}

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

echo "# checkpoints"
long=("${small[@]}" --epochs 6 --schedule 'cosine(warmup=1)' --ema 0.9 --keep best)
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

run timeout -s INT 0.5 "$bench" train "${long[@]}" --epochs 400 --checkpoint-every 100000 --out stopped
verify "interrupted training keeps a checkpoint" test -e stopped/checkpoint-seed1
refuses 3 'another configuration' "$bench" train "${long[@]}" --epochs 401 --checkpoint-every 7 --resume --out stopped
head -c 1000 stopped/checkpoint-seed1 >cut && mv cut stopped/checkpoint-seed1
refuses 3 'not a whole checkpoint' "$bench" train "${long[@]}" --epochs 400 --checkpoint-every 7 --resume --out stopped

echo "# $tests tests, $failures failures"
[ $tests -gt 0 ] && [ $failures -eq 0 ]
