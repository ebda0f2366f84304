#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_run.sh BENCH EXPERIMENTS: `bench run` and `bench table`: what files may say, sweeps, shards, kills; and the
# experiments in the folder EXPERIMENTS.
experiments=$(realpath "$2")
# shellcheck source=tests/cli_training.sh
. "$(dirname "$0")/cli_training.sh"

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
