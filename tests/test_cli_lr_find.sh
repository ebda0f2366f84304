#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_lr_find.sh BENCH: the learning-rate range test, its rows, its plot, and what it refuses.
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

find=("$bench" lr-find --data synthetic --fraction 0.02 --batch 16 --model "flatten dense(16) relu dense(10)"
    --steps 30 --to 0.1)

# python CODE ARGUMENT...: asserts.
python() { python3 -c "$@" 2>>err; }

# The header is the schema; every rate is the one of its step.
rows='
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
steps, low, high, done = int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
assert len(rows) == done, len(rows)
assert list(rows[0])[:5] == ["schema", "step", "learning_rate", "loss", "smoothed_loss"]
average = 0
for i, r in enumerate(rows):
    assert None not in r and None not in r.values() and r["schema"] == "1" and r["step"] == str(i)
    assert r["seed"] == "1" and r["data"] == "synthetic" and r["cpu"] and r["command"].startswith("bench lr-find ")
    rate = low * (high / low) ** (i / (steps - 1))
    assert abs(float(r["learning_rate"]) / rate - 1) < 1e-8, r
    average = 0.9 * average + 0.1 * float(r["loss"])
    assert abs(float(r["smoothed_loss"]) * (1 - 0.9 ** (i + 1)) - average) < 1e-6, r
rates = [float(r["learning_rate"]) for r in rows]
assert rates == sorted(set(rates))
'

# A plot with two curves, both losses drawn point by point, and labelled powers of ten.
svg='
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
name = "{http://www.w3.org/2000/svg}"
assert root.tag == name + "svg"
paths = [p.get("d").split() for p in root.iter(name + "path")]
assert len(paths) == 2 and all(len(p) == 2 * int(sys.argv[2]) for p in paths), [len(p) for p in paths]
texts = [t.text for t in root.iter(name + "text")]
for wanted in "learning rate", "loss", "smoothed loss", "1e-06", "0.001", "0.1":
    assert wanted in texts, texts
assert sum("suggested" in t for t in texts) == int(sys.argv[3]), texts
'

echo "# help and refusals"
run "$bench" lr-find --help
verify "help says what it is" grep -q '^Usage: bench lr-find' out
verify "and its exit codes" grep -q '^Exit codes' out
verify "options of training are there" grep -q -- '--momentum' out
verify "those that the test decides are not" \
    test -z "$(grep -E -- '^ +(-.,)? *--(epochs|lr|schedule|resume) ' out)"
refuses 2 'from wants a rate below --to, which is 0.1; got 1' "${find[@]}" --from 1
refuses 2 'from wants a rate below --to' "${find[@]}" --from 0.1
refuses 2 'from wants' "${find[@]}" --from 0
refuses 2 'steps wants' "${find[@]}" --steps 1
refuses 2 'beta wants' "${find[@]}" --beta 1
refuses 2 "unknown option.*epochs" "${find[@]}" --epochs 3
refuses 2 'bench lr-find: --momentum belongs' "${find[@]}" --momentum 0.9
refuses 2 'bench lr-find: model, column' "${find[@]}" --model 'flatten dense('
refuses 3 'bench lr-find: ' "${find[@]}" --data ./nowhere
refuses 4 'nowhere/rows.csv: No such file' "${find[@]}" --csv nowhere/rows.csv
ends 4 'cannot write nowhere/plot.svg' "${find[@]}" --quiet --plot nowhere/plot.svg
refuses 4 '/dev/full: No space left' "${find[@]}" --csv /dev/full
refuses 4 'cannot write' sh -c '"$@" >/dev/full' - "${find[@]}"

echo "# rows and plot"
run "${find[@]}" --threads 1 --csv one.csv --plot plot.svg
verify "a range test ends" test $rc -eq 0
verify "and suggests a rate, with its rule" \
    grep -qE '^suggested rate  [0-9.e-]+: a tenth of .*lowest  \[synthetic data\]$' out
verify "and the steepest fall" grep -qE '^steepest fall   [0-9.e-]+: ' out
verify "a row per step, the rates and averages that are promised" python "$rows" one.csv 30 1e-6 0.1 30
verify "the plot is SVG" python "$svg" plot.svg 30 1
run "${find[@]}" --csv -
cp out all.csv
verify "--csv - sends the table to standard error" grep -q 'smoothed loss' err
same() { cmp -s <(cut -d, -f1-5 "$1") <(cut -d, -f1-5 "$2"); }
verify "the same numbers for one thread and for one per core" same one.csv all.csv
run "${find[@]}" --seed 2 --csv two.csv
verify "another seed, other losses" test "$(cut -d, -f4 one.csv)" != "$(cut -d, -f4 two.csv)"
run "${find[@]}" --steps 200 --fraction 0.01 --to 1e-5 --csv long.csv
verify "more steps than an epoch has" python "$rows" long.csv 200 1e-6 1e-5 200

echo "# losses that break out"
run "${find[@]}" --optimizer sgd --to 1e30 --csv wild.csv --plot wild.svg
verify "end the test as a result" test $rc -eq 0
verify "which is said" grep -qE '^stopped at rate .*(lowest|infinite|NaN)$' out
done=$(($(wc -l <wild.csv) - 1))
verify "before its last step" test "$done" -lt 30
verify "its plot is SVG" python 'import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])' wild.svg
run "${find[@]}" --optimizer sgd --from 1e20 --to 1e30 --csv nan.csv --plot nan.svg
verify "a loss that is no number ends it at once" test $rc -eq 0
verify "and is said" grep -qE 'the loss became (NaN|infinite)$' out
verify "in the table as well, without a sign" grep -qE '^ +[0-9]+ .* (NaN|inf) +(NaN|inf)$' out
verify "and suggests nothing" grep -q '^suggested rate  none' out
verify "its row is kept, with empty fields" test "$(tail -n 1 nan.csv | cut -d, -f4,5)" = ,
verify "and its plot is SVG" python 'import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])' nan.svg

# Interrupted once there are rows.
: >out
"${find[@]}" --steps 1000000 --to 1e-5 --csv stopped.csv >/dev/null 2>err &
pid=$!
for _ in $(seq 600); do
    [ -s stopped.csv ] && [ "$(wc -l <stopped.csv)" -ge 2 ] && break
    sleep 0.1
done
kill -TERM $pid
wait $pid
rc=$?
verify "an interruption is told by the exit code" test $rc -eq 130
verify "and said" grep -qE 'interrupted after step [0-9]+ of 1000000; its rows are kept' err
verify "with whole rows" test "$(tail -c 1 stopped.csv | od -An -c | tr -d ' ')" = '\n'

sum_up
