#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# compare_ceilings.sh BENCH CEILINGS_ASM [ROUNDS]: `bench roofline` beside the assembly loops, in turn, the
# best of the rounds of each; exits with 1 if they differ by more than 5 %. Not part of ctest: it needs a
# quiet machine.
set -eu
bench=$1 asm=$2 rounds=${3:-5}
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
import csv, sys
folder, rounds = sys.argv[1], int(sys.argv[2])
ours, theirs = {}, {}
for i in range(1, rounds + 1):
    for r in csv.DictReader(open(f"{folder}/{i}.csv")):
        for name, value in (("peak", r["peak_gflops"]), (r["level"] + ".read", r["read_gbytes_per_second"]),
                            (r["level"] + ".triad", r["triad_gbytes_per_second"])):
            ours[name] = max(ours.get(name, 0), float(value))
    for line in open(f"{folder}/{i}.asm"):
        name, value = line.split()
        theirs[name] = max(theirs.get(name, 0), float(value))
worst = 0
print(f"{'ceiling':12} {'bench':>9} {'assembly':>9} {'difference':>10}")
for name in ours:
    difference = 100 * (ours[name] / theirs[name] - 1)
    worst = max(worst, abs(difference))
    print(f"{name:12} {ours[name]:9.1f} {theirs[name]:9.1f} {difference:+9.1f} %")
sys.exit(worst > 5)
PY
