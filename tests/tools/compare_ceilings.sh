#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# compare_ceilings.sh BENCH CEILINGS_ASM [ROUNDS]: `bench roofline` beside the assembly loops, in turn. Each round gives a
# ratio of the two; exits with 1 if the median of a ceiling's ratios is more than 5 % away from 1. Not part of ctest: it
# needs a quiet machine; memory shared with others swings by a tenth, and forty rounds settle it to 3 %.
set -eu
bench=$1 asm=$2 rounds=${3:-40}
T=$(mktemp -d /tmp/lanewise-ceilings.XXXXXX)
trap 'rm -rf "$T"' EXIT
for i in $(seq "$rounds"); do
    "$bench" roofline --kernel avx2 --quick --csv "$T/$i.csv" >/dev/null
    # shellcheck disable=SC2046
    "$asm" $(python3 -c '
import csv, sys
print(*[r["set_bytes_per_thread"] for r in csv.DictReader(open(sys.argv[1]))])' "$T/$i.csv") >"$T/$i.asm"
done
python3 - "$T" "$rounds" <<'PY'
import csv, statistics, sys
folder, rounds = sys.argv[1], int(sys.argv[2])
pairs = {}
for i in range(1, rounds + 1):
    theirs = {name: float(value) for name, value in (line.split() for line in open(f"{folder}/{i}.asm"))}
    for r in csv.DictReader(open(f"{folder}/{i}.csv")):
        for name, value in (("peak", r["peak_gflops"]), (r["level"] + ".read", r["read_gbytes_per_second"]),
                            (r["level"] + ".triad", r["triad_gbytes_per_second"])):
            pairs.setdefault(name, []).append((float(value), theirs[name]))
worst = 0
print(f"{'ceiling':12} {'bench':>9} {'assembly':>9} {'difference':>10}  ratios")
for name, both in pairs.items():
    ours, asm = (statistics.median(side) for side in zip(*both))
    ratios = sorted(a / b for a, b in both)
    difference = 100 * (statistics.median(ratios) - 1)
    worst = max(worst, abs(difference))
    print(f"{name:12} {ours:9.1f} {asm:9.1f} {difference:+9.1f} %  {ratios[0]:.3f} .. {ratios[-1]:.3f}")
sys.exit(worst > 5)
PY
