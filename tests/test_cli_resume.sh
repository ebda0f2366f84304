#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_resume.sh BENCH: training that is interrupted or killed goes on from its checkpoint, to the same bits.
# shellcheck source=tests/cli_training.sh
. "$(dirname "$0")/cli_training.sh"

echo "# checkpoints"
long=("${small[@]}" --epochs 6 --schedule 'cosine(warmup=1)' --ema 0.9 --keep best
    --augment 'rotate=10,elastic=2' --normalize standard --lr-factor dense_1=0.5)
run "$bench" train "${long[@]}" --out whole
verify "without --checkpoint-every there is no checkpoint" test ! -e whole/checkpoint-seed1
run "$bench" train "${long[@]}" --checkpoint-every 7 --out kept
verify "checkpoints change no bit" same_numbers whole kept
verify "nor one of the weights" same_weights whole kept
verify "and are gone when the run has ended" test ! -e kept/checkpoint-seed1

# Killed again and again, at moments that nobody chose, until a program gets through: in the end one that nobody kills.
kills=0 rc=1
for i in $(seq 60); do
    "$bench" train "${long[@]}" --checkpoint-every 7 --resume --out killed >out 2>err &
    pid=$!
    sleep "0.$(printf %02d $((8 + (i * 37) % 29)))"
    if kill -9 $pid 2>/dev/null; then kills=$((kills + 1)); fi
    wait $pid 2>/dev/null && rc=0 && break
    [ "$kills" -lt 12 ] || break
done
[ $rc -eq 0 ] || run "$bench" train "${long[@]}" --checkpoint-every 7 --resume --out killed
verify "a run killed $kills times ends" test $rc -eq 0
verify "it was killed at least three times" test "$kills" -ge 3
verify "with the same numbers in every epoch" same_numbers whole killed
verify "and the same weights" same_weights whole killed
verify "with one row per epoch" rows killed/epochs.csv 6
verify "the parts of its time are those of the whole" parts_of_time whole augment data
verify "and of all its programs" parts_of_time killed augment data

interrupt_after stopped/epochs.csv 2 "$bench" train "${long[@]}" --epochs 400 --checkpoint-every 100000 --out stopped
verify "interrupted training exits with 130" test $rc -eq 130
verify "interrupted training keeps a checkpoint" test -e stopped/checkpoint-seed1
refuses 3 'another configuration' "$bench" train "${long[@]}" --epochs 401 --checkpoint-every 7 --resume --out stopped
refuses 3 'another configuration' "$bench" train "${long[@]}" --epochs 400 --normalize unit --checkpoint-every 7 --resume --out stopped
head -c 1000 stopped/checkpoint-seed1 >torn.part && mv torn.part stopped/checkpoint-seed1
refuses 3 'not a whole checkpoint' "$bench" train "${long[@]}" --epochs 400 --checkpoint-every 7 --resume --out stopped

sum_up
