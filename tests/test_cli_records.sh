#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_records.sh BENCH SOURCE_DIR: where rows go, problem files and ranges, `bench diff` and `bench verify`.
# Nothing here depends on how busy the machine is.
set -u
bench=$(realpath "$1") source=$(realpath "$2")
unset LANEWISE_KERNEL LANEWISE_DATA OMP_NUM_THREADS OMP_THREAD_LIMIT
T=$(mktemp -d /tmp/lanewise-records.XXXXXX)
trap 'chmod -R u+w "$T"; rm -rf "$T"' EXIT
cd "$T" || exit 1
tests=0 failures=0 skipped=0

result() {
    tests=$((tests + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok      $2"
    else
        failures=$((failures + 1))
        echo "FAILED  $2"
        sed 's/^/        /' out err | head -20
    fi
}

# check NAME CODE PATTERN COMMAND...: that exit code, and a line of stdout or stderr that matches.
check() {
    local name=$1 code=$2 pattern=$3
    shift 3
    "$@" >out 2>err </dev/null
    local rc=$?
    [ $rc -eq "$code" ] && cat out err | grep -qE -- "$pattern"
    result $? "$name (exit code $rc, wanted $code; a line like: $pattern)"
}

# refuses NAME CODE PATTERN COMMAND...: so, with nothing on stdout and one line on stderr.
refuses() {
    check "$@"
    [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ]
    result $? "$1: one line, and nothing on standard output"
}

# verify NAME CONDITION...: the condition is a command.
verify() {
    local name=$1
    shift
    "$@" >>err 2>&1
    result $? "$name"
}

python() {
    python3 - "$@"
}

skip() {
    skipped=$((skipped + 1))
    echo "skipped $1: $2"
}

few=(--kernel scalar --op 'add,relu_fwd' --problem n1000 --repetitions 3)

echo "# where rows go"
check "all at once" 0 '^add +n1000 ' "$bench" kernels "${few[@]}" --csv rows.csv --jsonl rows.jsonl --markdown rows.md --out runs
cat >agree.py <<'PY'
import csv, glob, json, sys
rows = list(csv.DictReader(open("rows.csv", newline="")))
lines = [json.loads(line) for line in open("rows.jsonl")]
assert len(rows) == len(lines) == 2
for row, line in zip(rows, lines):
    assert list(row) == list(line), "other columns"
    for name, text in row.items():
        value = line[name]
        if value is None: assert text == "", name
        elif isinstance(value, str): assert value == text, name
        else: assert float(text) == value, name
assert isinstance(lines[0]["median_seconds"], float) and isinstance(lines[0]["threads"], int)
table = [line for line in open("rows.md").read().splitlines() if line.startswith("|")]
assert len(table) == 4 and len({line.count("|") for line in table}) == 1, table
assert table[2].startswith(f"| {rows[0]['op']} | n1000 |")
folder, = glob.glob("runs/*")
for name in ("csv", "jsonl", "md"):
    assert open(f"{folder}/results.{name}").read() == open(f"rows.{name}").read(), name
machine = "".join(c if c.isalnum() else "-" for c in rows[0]["cpu"].lower())
date = rows[0]["date"].replace("-", "").replace(":", "")
assert folder.endswith(f'-{date}-{rows[0]["revision"]}'), folder
assert machine.split("-")[0] in folder
command = open(f"{folder}/command.txt").read()
assert command.startswith("bench kernels --kernel scalar --op add,relu_fwd --problem n1000"), command
PY
if command -v python3 >/dev/null; then
    verify "CSV, JSON Lines, Markdown and the folder agree" python3 agree.py
else
    skip "CSV, JSON Lines, Markdown and the folder agree" "no python3"
fi
check "a second run is a second folder" 0 '^results in deep/er/' "$bench" kernels "${few[@]}" --out deep/er
check "so it is in the same second" 0 '^results in deep/er/' "$bench" kernels "${few[@]}" --out deep/er
verify "two folders" [ "$(find deep/er -name results.csv | wc -l)" -eq 2 ]
check "--jsonl -" 0 '^\{"schema": 2, "op": "add"' "$bench" kernels "${few[@]}" --jsonl -
verify "and the table on stderr" grep -q '^add ' err
check "--markdown -" 0 '^\| add \| n1000 \|' "$bench" kernels "${few[@]}" --markdown -
refuses "two on standard output" 2 'only one of --csv, --jsonl and --markdown' "$bench" kernels "${few[@]}" --csv - --jsonl -
for format in csv jsonl markdown; do
    check "a full disk, --$format" 4 '/dev/full: No space left' "$bench" kernels "${few[@]}" --$format /dev/full
    verify "in one line" [ "$(grep -c '^bench' err)" -eq 1 ]
    refuses "no such folder, --$format" 4 'nonexistent/x: No such file' "$bench" kernels "${few[@]}" --$format /nonexistent/x
done
refuses "--out below a file" 4 'cannot create rows.csv' "$bench" kernels "${few[@]}" --out rows.csv/x
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed && chmod a-w closed
    refuses "--out without permission" 4 'Permission denied' "$bench" kernels "${few[@]}" --out closed
else
    refuses "--out where nobody may write" 4 'cannot create /proc/' "$bench" kernels "${few[@]}" --out /proc
fi

echo "# problem files and ranges"
for file in "$source"/experiments/problems/*.txt; do
    check "${file##*/}" 0 '^[a-z0-9_]+ +[^ ]+ +[0-9.e+]+ +[0-9.e+]+ +[a-z0-9_]+$' "$bench" kernels --list-problems --batch "$file"
done
check "squares reach 2048" 0 '^sgemm +2048x2048:2048x2048 .*squares$' "$bench" kernels --list-problems --batch "$source/experiments/problems/gemm_squares.txt"
printf '# two\nsmall: add,relu_fwd nN N=8..16*2\n' >two.txt
check "a file is measured" 0 '^relu_fwd +n16 ' "$bench" kernels --kernel scalar --batch two.txt --repetitions 3 --csv two.csv
verify "names are a column" grep -q ',small,' two.csv
verify "four rows" [ "$(wc -l <two.csv)" -eq 5 ]
check "--op picks" 0 '^add +n16 ' "$bench" kernels --list-problems --batch two.txt --op add
verify "and leaves out" [ "$(wc -l <out)" -eq 3 ]
printf 'a: add n8\nb: ad n8\n' >bad.txt
refuses "a mistake in a file" 2 "bad.txt, line 2: unknown op 'ad'" "$bench" kernels --batch bad.txt
refuses "no such file" 2 'cannot open nothing.txt' "$bench" kernels --batch nothing.txt
refuses "--batch and --problem" 2 'one of the two' "$bench" kernels --batch two.txt --problem n8
refuses "a range that never ends" 2 'never ends' "$bench" kernels --op add --problem 'nN N=1..8*1'
refuses "an unknown axis" 2 'there is no axis Q' "$bench" kernels --problem 'nN N=3 Q=1..8'
check "a range is checked" 0 'kernels are right' "$bench" check --kernel scalar --op add --problem 'nN N=1..3'
check "a bare range" 0 '^sgemm +8x3:3x2 ' "$bench" kernels --list-problems --problem 'M=4..8*2 K=3 N=2'

echo "# bench diff"
check "help" 0 '^Exit codes' "$bench" diff --help
if command -v python3 >/dev/null; then
    python <<'PY'
# Made-up runs: 30 rows, skewed noise; B is another draw, in `slow` one row takes 8 % longer, in `machine` all take
# 20 % longer and so does the peak.
import csv, random, statistics
columns = ("schema op problem variant isa threads cache verdict cpu command median_seconds ci_low ci_high peak_gflops "
           "ghz samples_s bound date").split()
def run(name, seed, factor=1, slow=None, peak=105.0, verdict="stable", schema=2):
    random.seed(seed)
    with open(name, "w", newline="") as out:
        w = csv.writer(out)  # CRLF
        w.writerow(columns)
        for i in range(30):
            base = 1e-6 * 1.3 ** i * factor * (1.08 if i == slow else 1)
            samples = [base * (1 + 0.002 * random.lognormvariate(0, 1)) for _ in range(21)]
            s = sorted(samples)
            w.writerow([schema, "sgemm", f"{i+1}x8:8x8", "tile", "avx2", 1, "hot", verdict, "made, up", "bench kernels",
                        statistics.median(s), s[5], s[15], peak, 3.2, " ".join(f"{x:.6g}" for x in samples), "FMA", "today"])
run("a.csv", 1); run("b.csv", 2); run("slow.csv", 3, slow=7)
run("machine.csv", 4, factor=1.2, peak=105 / 1.2); run("build.csv", 5, factor=1.2)
run("unstable.csv", 6, factor=3, verdict="unstable"); run("old.csv", 7, schema=1)
PY
    check "another draw" 0 '^30 not distinguishable\.' "$bench" diff a.csv b.csv
    check "a file and itself" 0 '^30 not distinguishable\.' "$bench" diff a.csv a.csv
    check "8 % are found" 1 '^sgemm 8x8:8x8 tile/avx2 .* \+[78]\.[0-9] % .*regression' "$bench" diff a.csv slow.csv
    verify "and nothing else" grep -q '^1 regression, 29 not' out
    check "and forgiven" 0 '^30 not distinguishable' "$bench" diff a.csv slow.csv --threshold 10%
    check "the other way" 0 '^1 improvement, 29 not' "$bench" diff slow.csv a.csv --threshold=2
    check "only changes" 1 'regression' "$bench" diff a.csv slow.csv --changes-only
    verify "leave out the rest" [ "$(grep -c '^sgemm' out)" -eq 1 ]
    check "a slower machine" 0 'The machine was slower: peak 105 -> 87.5 GFLOP/s' "$bench" diff a.csv machine.csv
    verify "is no regression" grep -q '^30 slower with the machine' out
    check "a slower build" 1 'does not explain it' "$bench" diff a.csv build.csv
    check "unstable rows" 3 'no row could be tested' "$bench" diff a.csv unstable.csv
    verify "are shown" grep -q 'unstable - read with care' out
    sed 's/,8x8:8x8,/,9x9:9x9,/' b.csv >other.csv
    check "rows of one file" 0 'unpaired: only in B' "$bench" diff a.csv other.csv
    verify "of either" grep -q 'unpaired: only in A' out
    sed 's/,sgemm,/,gemm,/' b.csv >none.csv
    refuses "nothing in common" 3 'no row of a.csv is in none.csv' "$bench" diff a.csv none.csv
    refuses "another schema" 3 "old.csv, line 2: schema '1', this version reads 2" "$bench" diff a.csv old.csv
    sed '5s/,sgemm,/,/' b.csv >torn.csv
    refuses "a torn row" 3 'torn.csv, line 5: 17 fields instead of the 18 of the header' "$bench" diff a.csv torn.csv
    sed '3s/,105.0,/,fast,/' b.csv >word.csv
    refuses "a word for a number" 3 "word.csv, line 3: peak_gflops wants a number, got 'fast'" "$bench" diff a.csv word.csv
    head -1 b.csv >head.csv
    refuses "only a header" 3 'head.csv: no row below the header' "$bench" diff a.csv head.csv
    check "a full disk" 4 'cannot write standard output' sh -c "'$bench' diff a.csv b.csv >/dev/full"
    refuses "no such file" 3 'nothing.csv: cannot be opened' "$bench" diff a.csv nothing.csv
else
    skip "bench diff" "no python3"
fi
refuses "one file" 2 'two files are wanted' "$bench" diff rows.csv
refuses "three files" 2 "unexpected argument 'c'" "$bench" diff a b c
refuses "no percentage" 2 "threshold wants a number from 0 to 1000, got 'x'" "$bench" diff rows.csv rows.csv --threshold x%
: >empty.csv
refuses "an empty file" 3 'empty.csv: the file is empty' "$bench" diff empty.csv empty.csv
refuses "another command's rows" 3 'not rows of .bench kernels.' sh -c "'$bench' list --csv list.csv >/dev/null && '$bench' diff list.csv list.csv"

echo "# bench verify"
check "help" 0 '^Exit codes' "$bench" verify --help
# rewrite OUT LOW MEDIAN HIGH [COMMAND | CPU PEAK]: rows.csv stating another interval, in seconds.
rewrite() {
    python "$@" <<'PY'
import csv, sys
rows = list(csv.DictReader(open("rows.csv", newline="")))
for row in rows:
    row["ci_low"], row["median_seconds"], row["ci_high"] = sys.argv[2:5]
    if len(sys.argv) == 6: row["command"] = sys.argv[5]
    if len(sys.argv) == 7: row["cpu"], row["peak_gflops"] = sys.argv[5:]
with open(sys.argv[1], "w", newline="") as out:
    w = csv.DictWriter(out, rows[0]); w.writeheader(); w.writerows(rows)
PY
}
if command -v python3 >/dev/null; then
    rewrite wide.csv 1e-12 1e-6 1
    rewrite fast.csv 1e-12 2e-12 3e-12
    rewrite slow.csv 1 2 3
    rewrite evil.csv 1 2 3 "bench kernels --kernel scalar --op add --problem n8 --csv stolen.csv"
    rewrite shell.csv 1 2 3 "touch stolen.csv"
    rewrite away.csv 1 2 3 "bench kernels --kernel scalar --op add --problem n8 --threads 1024 --repetitions 3"
    check "inside" 0 '^2 of 2 rows inside' "$bench" verify wide.csv
    check "slower than stated" 1 'outside: slower' "$bench" verify fast.csv
    verify "both rows" grep -q '^0 of 2 rows inside, 0 within 3 %, 2 outside' out
    check "faster than stated" 1 'outside: faster' "$bench" verify slow.csv
    rewrite elsewhere.csv 1e-12 1e-6 1 'Another CPU' 1e9
    check "another CPU: by the share of its peak" 1 ' [0-9.]+ +0\.000 +outside: faster' "$bench" verify elsewhere.csv
    check "the first row only" 0 '^1 of 1 rows inside' "$bench" verify wide.csv --rows 1
    refuses "an option that writes" 3 "evil.csv, line 2: its command has an option .* '--csv'" "$bench" verify evil.csv
    refuses "another program" 3 "shell.csv, line 2: its command is none of" "$bench" verify shell.csv
    verify "neither was run" [ ! -e stolen.csv ]
    check "what cannot run here" 3 'not measured: ' "$bench" verify away.csv
    check "a full disk" 4 'cannot write standard output' sh -c "'$bench' verify wide.csv >/dev/full"
    sed '2s/^2,/1,/' wide.csv >old.csv
    refuses "another schema" 3 "old.csv, line 2: schema '1'" "$bench" verify old.csv
else
    skip "bench verify" "no python3"
fi
refuses "no file" 2 'a file is wanted' "$bench" verify
refuses "no such file" 3 'nothing.csv: cannot be opened' "$bench" verify nothing.csv

echo "# other programs"
pandas= # Debian's belongs to Debian's python3, which need not be the first one
for candidate in python3 /usr/bin/python3; do
    [ -n "$pandas" ] || ! "$candidate" -c 'import pandas' 2>/dev/null || pandas=$candidate
done
if [ -n "$pandas" ]; then
    verify "pandas reads it" "$pandas" - <<'PY'
import pandas
rows = pandas.read_csv("rows.csv")
assert sorted(rows.op) == ["add", "relu_fwd"]
assert rows.median_seconds.dtype == float and rows.threads.dtype == int and (rows.median_seconds > 0).all()
assert len(rows.samples_s[0].split()) == 3
lines = pandas.read_json("rows.jsonl", lines=True)
assert list(lines.columns) == list(rows.columns)
assert (abs(lines.median_seconds / rows.median_seconds - 1) < 1e-12).all()  # pandas rounds the two in its own ways
PY
else
    skip "pandas reads it" "no python3-pandas"
fi
if command -v sqlite3 >/dev/null; then
    sqlite3 rows.db '.import --csv rows.csv rows' 'SELECT op, problem, median_seconds > 0 FROM rows ORDER BY op' >out 2>err
    verify "sqlite3 imports it" [ "$(cat out err)" = $'add|n1000|1\nrelu_fwd|n1000|1' ]
else
    skip "sqlite3 imports it" "no sqlite3"
fi

echo "$tests tests, $failures failed, $skipped skipped"
[ $failures -eq 0 ]
