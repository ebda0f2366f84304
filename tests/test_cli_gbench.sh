#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_gbench.sh BENCH: `bench` under the flags of Google Benchmark, and its JSON as that library's compare.py
# (tools/compare.py, tools/gbench/report.py, util.py) goes about reading it.
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

# runs CODE ARGUMENT...: leaves out and err.
runs() {
    local code=$1
    shift
    run "$bench" "$@"
    verify "bench $* -> $code" test $rc -eq "$code"
}

few=(--benchmark_repetitions=9 --quick --problem n4096)

echo "# names and filter"
runs 0 --benchmark_list_tests --kernel scalar,autovec --op add
verify "every name says op, problem, set and threads" test "$(grep -cvE '^add/n[0-9]+/(scalar|autovec)/threads:1$' out)" -eq 0
runs 0 --benchmark_list_tests=true --kernel scalar --benchmark_filter='^(add|relu_fwd)/'
verify "the filter keeps what matches" test "$(cut -d/ -f1 out | sort -u | tr '\n' ' ')" = "add relu_fwd "
runs 0 --benchmark_list_tests --kernel scalar --benchmark_filter='-^(add|relu_fwd)/'
verify "and with a minus what does not" test "$(grep -cE '^(add|relu_fwd)/' out)" -eq 0
verify "which is something" test -s out
refuses 2 "benchmark_filter 'frob' matches no name" "$bench" --benchmark_filter=frob
refuses 2 "wants a regular expression, got '\\('" "$bench" --benchmark_filter='('

echo "# refusals"
refuses 2 "unknown option '--benchmark_frobnicate'" "$bench" --benchmark_frobnicate=1
refuses 2 "unknown option '--benchmark_perf_counters'" "$bench" --benchmark_perf_counters=CYCLES
refuses 2 "benchmark_format wants one of console\|json\|csv, got 'xml'" "$bench" --benchmark_format=xml
refuses 2 "benchmark_min_time wants seconds .*, got '3x'" "$bench" --benchmark_min_time=3x
refuses 2 "benchmark_list_tests wants true or false, got 'maybe'" "$bench" --benchmark_list_tests=maybe
refuses 2 "benchmark_context wants KEY=VALUE" "$bench" --benchmark_context=alone --op add
refuses 2 "samples wants a file, got '-'" "$bench" --samples - --op add
refuses 2 "both want standard output" "$bench" --benchmark_format=json --csv - --op add
"$bench" --kernel scalar --op add "${few[@]}" --benchmark_out=/nonexistent/x.json >out 2>err
verify "a file that cannot be created ends with 4" test $? -eq 4
verify "and is named" grep -q 'cannot create /nonexistent/x.json: No such file' err

echo "# reports"
runs 0 --kernel scalar,autovec --op add "${few[@]}" --benchmark_format=json --benchmark_out=file.json \
    --benchmark_context=owner=me,place=here --benchmark_min_time=0.01s --benchmark_enable_random_interleaving=false
verify "the table moved to standard error" grep -q '^add ' err
cat >read.py <<'PY'
import json, statistics, sys
d = json.load(open(sys.argv[1]))
repetitions = int(sys.argv[2])
assert isinstance(d["context"]["num_cpus"], int) and d["context"]["lanewise_version"]
rows = d["benchmarks"]
names = {r["run_name"] for r in rows}
assert names, "no benchmarks"
for r in rows:
    assert r["run_type"] in ("iteration", "aggregate")
    assert r["time_unit"] in ("ns", "us", "ms", "s")
    for field in ("real_time", "cpu_time"):
        assert isinstance(r[field], float) and r[field] >= 0, (r["name"], field)
for name in names:
    mine = [r for r in rows if r["run_name"] == name]
    singles = [r for r in mine if r["run_type"] == "iteration"]
    aggregates = {r["aggregate_name"]: r for r in mine if r["run_type"] == "aggregate"}
    assert set(aggregates) == {"mean", "median", "stddev", "cv"}, name
    assert all(r["name"] == name + "_" + a for a, r in aggregates.items())
    if repetitions == 0:
        assert not singles
        continue
    # compare.py pairs repetitions by name and time unit, and asks for nine of each.
    assert len(singles) == repetitions and all(r["name"] == name for r in singles), name
    assert [r["repetition_index"] for r in singles] == list(range(repetitions))
    assert len({(r["family_index"], r["per_family_instance_index"], r["time_unit"], r["iterations"]) for r in singles}) == 1
    times = [r["real_time"] for r in singles]
    near = lambda a, b: abs(a - b) <= 1e-9 * abs(b) + 1e-12
    assert near(aggregates["mean"]["real_time"], statistics.mean(times))
    assert near(aggregates["median"]["real_time"], statistics.median(times))
    assert near(aggregates["stddev"]["real_time"], statistics.stdev(times))
    assert near(aggregates["cv"]["real_time"], statistics.stdev(times) / statistics.mean(times))
    # the rates are those of the times
    scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[singles[0]["time_unit"]]
    product = [r["bytes_per_second"] * r["real_time"] * scale for r in singles]
    assert max(product) - min(product) <= 1e-6 * max(product)
PY
verify "the JSON on standard output" python3 read.py out 9
verify "the JSON in the file" python3 read.py file.json 9
verify "has the facts that were added" grep -q '"owner": "me"' file.json
runs 0 --kernel scalar --op add "${few[@]}" --benchmark_out=file.json --benchmark_report_aggregates_only --benchmark_time_unit=us
verify "aggregates alone" python3 read.py file.json 0
verify "in the unit asked for" grep -q '"time_unit": "us"' file.json
verify "without --benchmark_format our table is on standard output" grep -q '^add ' out
runs 0 --kernel scalar --op add "${few[@]}" --benchmark_format=csv
verify "the CSV has its header" grep -qE '^name,iterations,real_time,cpu_time,time_unit' out
runs 0 --kernel scalar --op add "${few[@]}" --benchmark_format=console --benchmark_counters_tabular --benchmark_out=t.csv --benchmark_out_format=csv
verify "the console has its head" grep -qE '^Benchmark +Time +CPU +Iterations' out
verify "and the file is CSV" grep -qE '^name,iterations' t.csv
"$bench" --kernel scalar --op add "${few[@]}" --benchmark_format=json >/dev/full 2>err
verify "a full disk ends with 4" test $? -eq 4
"$bench" --kernel scalar --op add "${few[@]}" --benchmark_out=/dev/full >out 2>err
verify "in the file too" test $? -eq 4

echo "# two runs side by side, as compare.py reads them"
runs 0 --kernel scalar --op add "${few[@]}" --benchmark_out=a.json
runs 0 --kernel scalar --op add "${few[@]}" --benchmark_out=b.json
cat >pair.py <<'PY'
import json
a, b = (json.load(open(f))["benchmarks"] for f in ("a.json", "b.json"))
common = [n for n in dict.fromkeys(r["name"] for r in a) if n in {r["name"] for r in b}]
assert common and len(common) == len({r["name"] for r in a}), "names differ from run to run"
for n in common:
    x, y = ([r for r in rows if r["name"] == n] for rows in (a, b))
    assert len(x) == len(y) and {r["time_unit"] for r in x} == {r["time_unit"] for r in y}
PY
verify "names, units and repetitions pair" python3 pair.py

echo "# --samples"
runs 0 --kernel scalar --op add "${few[@]}" --samples samples.csv --csv rows.csv
cat >samples.py <<'PY'
import csv, statistics
samples = list(csv.DictReader(open("samples.csv")))
for row in csv.DictReader(open("rows.csv")):
    mine = [s for s in samples if s["problem"] == row["problem"] and s["set"] == row["isa"] and s["accepted"] == "1"]
    assert len(mine) == int(row["samples"]) == 9
    assert all(s["loops"] == row["loops"] for s in mine)
    seconds = [float(s["seconds"]) for s in mine]
    kept = [float(s) for s in row["samples_s"].split()]
    assert len(kept) == 9 and all(abs(a / b - 1) < 1e-5 for a, b in zip(seconds, kept))
    assert abs(statistics.median(seconds) / float(row["median_seconds"]) - 1) < 1e-5
PY
verify "samples and rows agree" python3 samples.py

sum_up
