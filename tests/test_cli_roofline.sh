#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_roofline.sh BENCH TESTS_DIR: `bench roofline`, `bench machine`, --bind and `bench train --profile`.
# Nothing here depends on how busy the machine is.
set -u
bench=$(realpath "$1") here=$(realpath "$2")
unset LANEWISE_KERNEL LANEWISE_DATA OMP_NUM_THREADS OMP_THREAD_LIMIT HWLOC_XMLFILE HWLOC_THISSYSTEM
T=$(mktemp -d /tmp/lanewise-roofline.XXXXXX)
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$T"' EXIT
cd "$T" || exit 1
tests=0 failures=0

# check NAME CODE PATTERN COMMAND...: that exit code, and a line of stdout or stderr that matches.
check() {
    local name=$1 code=$2 pattern=$3
    shift 3
    "$@" >out 2>err </dev/null
    local rc=$?
    tests=$((tests + 1))
    if [ $rc -eq "$code" ] && cat out err | grep -qE -- "$pattern"; then
        echo "ok      $name"
    else
        failures=$((failures + 1))
        echo "FAILED  $name: exit code $rc, wanted $code and a line like: $pattern"
        sed 's/^/        /' out err | head -20
    fi
}

# also NAME PATTERN: a line of what the last check printed.
also() {
    tests=$((tests + 1))
    if cat out err | grep -qE -- "$2"; then
        echo "ok      $1"
    else
        failures=$((failures + 1))
        echo "FAILED  $1: no line like: $2"
        sed 's/^/        /' out err | head -20
    fi
}

first=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')

echo "# bench machine"
check "help" 0 '^Usage: bench machine' "$bench" machine --help
check "this machine" 0 '^ +0 +' "$bench" machine
check "under taskset" 0 "^ +0 +$first +$first " taskset -c "$first" "$bench" machine
check "one CPU is all it may use" 2 "from 1 to 1, got '2': this process may use 1 CPU" taskset -c "$first" "$bench" machine --threads 2
check "more threads than CPUs, unbound" 0 '^threads +2, not bound' taskset -c "$first" "$bench" machine --threads 2 --bind none
check "a list" 0 "^threads +1, (bound to CPU $first$|not bound)" "$bench" machine --bind "$first" --threads 1
check "a CPU outside the mask" 2 'may not use CPU 4095' "$bench" machine --bind 4095
check "no such way" 2 "bench machine: --bind wants auto, none, cores, threads or a list" "$bench" machine --bind sideways
[ "$(wc -l <err)" -eq 1 ] || also "in one line" 'not one line'
check "OMP_PROC_BIND does not hide CPUs" 0 "^ +0 +$first " env OMP_PROC_BIND=true "$bench" machine --threads 1 --bind "$first"
check "a full disk" 4 'cannot write' sh -c "'$bench' machine >/dev/full"

echo "# other machines"
two=$here/topology/two-socket.xml hybrid=$here/topology/hybrid.xml
check "two sockets: a core each" 0 '^ +15 +30 +[0-9]+ +1 +alike' env HWLOC_XMLFILE="$two" "$bench" machine
check "two sockets: nothing is bound" 0 'not bound: HWLOC_XMLFILE describes another machine' env HWLOC_XMLFILE="$two" "$bench" machine
check "two sockets: sizes" 0 '16 cores, 32 CPUs, 2 packages, 2 NUMA nodes; L1d 48 KiB, L2 1 MiB, L3 32 MiB' env HWLOC_XMLFILE="$two" "$bench" machine
check "two sockets: siblings side by side" 0 '^ +3 +3 ' env HWLOC_XMLFILE="$two" "$bench" machine --bind threads --threads 4
check "two sockets: kernels" 0 '^add ' env HWLOC_XMLFILE="$two" "$bench" kernels --op add --quick --repetitions 3
check "hybrid: fast cores only" 0 '^threads +4, not bound' env HWLOC_XMLFILE="$hybrid" "$bench" machine
check "hybrid: then the slow ones" 0 '^ +4 +8 .*IntelAtom' env HWLOC_XMLFILE="$hybrid" "$bench" machine --threads 12
check "hybrid: second CPUs last" 0 '^ +11 +7 .*IntelCore' env HWLOC_XMLFILE="$hybrid" "$bench" machine --threads 12
check "hybrid: never two on a core" 2 'from 1 to 8' env HWLOC_XMLFILE="$hybrid" "$bench" machine --threads 12 --bind cores
check "hybrid: roofline" 0 '^scalar .*L1' env HWLOC_XMLFILE="$hybrid" "$bench" roofline --kernel scalar --quick
check "taken for this system" 0 '^ +0 +' env HWLOC_XMLFILE="$hybrid" HWLOC_THISSYSTEM=1 taskset -c "$first" "$bench" machine --threads 1
check "no such file" 0 '^ +0 +' env HWLOC_XMLFILE=/nonexistent.xml "$bench" machine --threads 1

echo "# bench roofline"
check "help" 0 '^Exit codes' "$bench" roofline --help
check "table" 0 '^scalar +[0-9.]+ GFLOP/s +L1 +[0-9]+ KiB +[0-9.]+ GB/s +[0-9.]+ GB/s' "$bench" roofline --kernel scalar --quick
also "its clock" '^(clock +[0-9.]+ GHz|set of)'
check "under taskset" 0 ' DRAM ' taskset -c "$first" "$bench" roofline --kernel scalar --quick
check "no such set" 2 'sse17' "$bench" roofline --kernel sse17
check "too many threads" 2 '--threads wants' "$bench" roofline --threads 1024
check "no such folder" 4 'nonexistent' "$bench" roofline --kernel scalar --quick --csv /nonexistent/x.csv
check "a full disk" 4 'No space left' "$bench" roofline --kernel scalar --quick --csv /dev/full
if command -v python3 >/dev/null; then
    "$bench" roofline --quick --csv - >rows.csv 2>err
    check "its CSV" 0 ok python3 -c '
import csv
rows = list(csv.DictReader(open("rows.csv", newline="")))
assert {"L1", "L2", "DRAM"} <= {r["level"] for r in rows}
for r in rows:
    assert float(r["read_gbytes_per_second"]) > 0 and float(r["triad_gbytes_per_second"]) > 0, r
    assert None not in r and r["governor"].split(":")[0] in ("good", "bad", "unknown") and r["placement"]
print("ok")'
    "$bench" kernels --op add,sgemm --quick --repetitions 3 --csv bounds.csv >out 2>err
    check "kernel rows name their bound" 0 ok python3 -c '
import csv
rows = list(csv.DictReader(open("bounds.csv", newline="")))
assert rows
for r in rows:
    assert r["bound"] in ("FMA", "L1", "L2", "L3", "DRAM") and float(r["bound_percent"]) > 0, r
    assert r["core_kind"] and r["numa"] and r["placement"], r
print("ok")'
fi

echo "# without /sys"
if unshare -m true 2>/dev/null; then
    hide="mount -t tmpfs none /sys/devices/system/cpu"
    check "no /sys/devices/system/cpu" 0 'unknown +.*governor' unshare -m sh -c "$hide && '$bench' machine --threads 1"
    check "nor for a roofline" 0 ' DRAM ' unshare -m sh -c "$hide && '$bench' roofline --kernel scalar --quick"
else
    echo "skipped no /sys/devices/system/cpu: cannot unshare mounts here"
fi

echo "# bench train --profile"
model='conv(4,3) relu maxpool(2) flatten dense(16) relu dense(10)'
check "profile" 0 '^conv2d +backward weights' "$bench" train --data synthetic --model "$model" --epochs 1 --threads 1 --profile --out p
also "it sums up" '^the parts sum to .* a step takes '
also "beside its kernel calls alone" '^its kernel calls alone take .* hot and .* cold: a step takes '
also "each part has its line" '^dense_1 +backward data'
check "its rows" 0 '^schema,run,seed,layer,part,problems' head -1 p/profile.csv
check "rows are added" 0 . "$bench" train --data synthetic --model "$model" --epochs 1 --threads 1 --profile --out p
check "under one header" 0 '^1$' grep -c '^schema' p/profile.csv
check "too short a run" 0 'too few full batches' "$bench" train --data synthetic --model "$model" --epochs 1 --batch 5000 --threads 1 --profile --out p

echo
echo "$tests checks, $failures failed"
[ $tests -gt 0 ] && [ $failures -eq 0 ]
