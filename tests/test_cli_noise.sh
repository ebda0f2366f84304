#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_noise.sh BENCH: what `bench kernels` says of a row while something else is at work, and where operands are
# cold. Nothing here needs a quiet machine.
command -v taskset >/dev/null || exit 77
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"
hog=
trap '[ -z "$hog" ] || kill "$hog" 2>/dev/null; clean_up' EXIT

# rows FILE EXPRESSION: it holds for each row, of which there is one at least. f(x) is a number, NaN where empty.
rows() {
    python3 - "$1" "$2" <<'PY'
import csv, math, sys
f = lambda text: float(text) if text else math.nan
table = list(csv.DictReader(open(sys.argv[1], newline="")))
bad = [r for r in table if not eval(sys.argv[2], {"r": r, "f": f, "math": math})]
show = "problem isa cache bound bound_percent peak_percent verdict verdict_why others others_machine".split()
for r in bad:
    print("       ", {k: r[k] for k in show})
sys.exit(not table or bool(bad))
PY
}
measure() {
    run "$bench" kernels --csv rows.csv "$@"
    verify "bench kernels $*" test $rc -eq 0
}
cpu=$("$bench" kernels --op add --quick --repetitions 1 2>/dev/null | sed -n 's/^threads .*bound to CPU \([0-9]*\).*/\1/p')
[ -n "$cpu" ] || exit 77 # nothing can be bound here

echo "# a busy loop on the same CPU"
taskset -c "$cpu" sh -c 'while :; do :; done' &
hog=$!
measure --bind "$cpu" --op sgemm,add --quick --min-time 0.2
verify "no row is stable" rows rows.csv 'r["verdict"] != "stable"'
verify "and each says that others were there" rows rows.csv 'f(r["others"]) >= 5 and "others took" in r["verdict_why"]'
kill $hog && wait $hog 2>/dev/null
hog=

if [ "$(nproc)" -ge 2 ] && [ "$(nproc)" -le 4 ]; then
    echo "# a busy loop on another CPU"
    other=$(python3 -c "import os; print(next(c for c in os.sched_getaffinity(0) if c != $cpu))")
    taskset -c "$other" sh -c 'while :; do :; done' &
    hog=$!
    measure --bind "$cpu" --op sgemm --problem 64x64:64x64 --min-time 0.3
    verify "no row is stable" rows rows.csv 'r["verdict"] != "stable"'
    verify "and each knows how much of the machine others had" rows rows.csv 'f(r["others_machine"]) >= 10'
    kill $hog && wait $hog 2>/dev/null
    hog=
fi

echo "# few samples"
measure --op add --quick --repetitions 5
verify "five samples are unknown" rows rows.csv 'r["verdict"] == "unknown" and r["ci_low"] == ""'
measure --op add --quick --repetitions 6
verify "six have an interval" rows rows.csv 'r["verdict"] != "unknown" and f(r["ci_low"]) <= f(r["median_seconds"]) <= f(r["ci_high"])'

echo "# no share above 100 %"
measure --op sgemm,add,adam,conv2d_fwd,relu_fwd --quick
whole='f(r["flop"]) == f(r["executed_flop"])'
verify "of the peak, or the row says so" rows rows.csv "not ($whole) or not f(r['peak_percent']) > 100 or 'peak' in r['verdict_why']"
verify "of the level that bounds it" rows rows.csv 'not f(r["bound_percent"]) > 100'
verify "the clock is a clock" rows rows.csv '0.1 < f(r["ghz"]) < 20'
verify "hot rows have one set of operands" rows rows.csv 'r["cache"] == "hot" and r["buffers"] == "1"'

echo "# cold operands"
measure --op add,relu_fwd --quick --cache cold --footprint 64
verify "rows have sets that take turns" rows rows.csv 'r["cache"] == "cold" and int(r["buffers"]) >= 2 and int(r["footprint"]) <= 64 << 20'
verify "whose bytes are theirs" rows rows.csv 'int(r["footprint"]) == int(r["buffers"]) * f(r["bytes"])'
verify "no bandwidth above that of the level named" rows rows.csv 'not f(r["bound_percent"]) > 100'
verify "the command repeats it" rows rows.csv '"--cache cold --footprint 64" in r["command"]'
measure --op sgemm,add --quick --cache weights-cold --footprint 4
verify "weights alone, where there are any" rows rows.csv '(r["cache"], int(r["buffers"]) > 1) == (("weights-cold", True) if r["op"] == "sgemm" else ("hot", False))'
verify "a limit that binds is told of" grep -q 'notice: [0-9]* sets of operands, .*--footprint' err
refuses 2 "--cache wants" "$bench" kernels --cache lukewarm

if [ "$(nproc)" -ge 2 ]; then
    echo "# two threads"
    measure --threads 2 --op sgemm --quick --samples samples.csv
    cat >samples.py <<'PY'
import csv
samples = list(csv.DictReader(open("samples.csv")))
for row in csv.DictReader(open("rows.csv")):
    mine = [s for s in samples if s["problem"] == row["problem"]]
    assert sum(s["accepted"] == "0" for s in mine) == int(row["rejected"])
    assert sum(s["accepted"] == "1" for s in mine) == int(row["samples"])
    assert all(0 < float(s["capacity"]) <= 1 for s in mine)
PY
    verify "rejected samples are counted, and no others" python3 samples.py
fi

sum_up
