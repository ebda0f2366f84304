#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_compare.sh BENCH: `bench compare` and the peers, those that are there and those that are not.
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

echo "# bench compare and the peers"
succeeds '^openblas +(yes|no) ' "$bench" list
verify "every peer has a line" test "$(grep -cE '^(openblas|blis|onednn|libxsmm) +(yes|no) ' out)" -eq 4
refuses 2 "mkl.*peers: openblas blis onednn" "$bench" compare --kernel auto,mkl
refuses 2 "has a name that is empty" "$bench" compare --kernel auto,,openblas
refuses 2 "no peer among 'scalar' is there" "$bench" compare --kernel scalar
refuses 2 "--peer-isa wants" "$bench" compare --peer-isa sse2
refuses 2 "LANEWISE_PEER_ISA wants same, any, avx2 or avx512, got 'sse2'" env LANEWISE_PEER_ISA=sse2 "$bench" compare
refuses 2 "openblas" "$bench" train --kernel openblas --data synthetic --out bad
peer= # one that offers sgemm
for name in onednn blis openblas; do
    "$bench" list | grep -qE "^$name +yes" && peer=$name
done
if [ -n "$peer" ]; then
    succeeds "^sgemm .*/$peer .*(faster|slower|not distinguishable)" "$bench" compare --kernel auto,$peer --op sgemm \
        --problem 64x64:64x64 --repetitions 9 --csv compare.csv
    verify "it sums up" grep -qE "^sgemm +best peer +1 +[0-9.]+x" out
    verify "the head names the library" grep -qE "$peer [0-9.]+, " out
    succeeds "too few samples" "$bench" compare --kernel scalar,$peer --op sgemm --problem 8x8:8x8 --repetitions 3
    succeeds "^sgemm .* sgemm/$peer " "$bench" kernels --kernel scalar,$peer --op sgemm --problem 8x8:8x8 --repetitions 3
    succeeds "kernels are right" "$bench" check --kernel $peer --op sgemm --problem 33x65:65x17
    run "$bench" compare --kernel auto,$peer --op add
    verify "an op that no peer offers ends with 1" test $rc -eq 1
    verify "and says so" grep -q 'no peer offers these ops' err
    verify "its CSV parses" csv_ok compare.csv 2
    # A row's command measures the same thing.
    python3 - <<'PY' >repeat
import csv, shlex
row = list(csv.DictReader(open("compare.csv")))[1]
print(row["command"].split(" ", 1)[1])
PY
    # shellcheck disable=SC2046
    succeeds "^sgemm .*/$peer " "$bench" $(cat repeat)
    [ "$(nproc)" -lt 2 ] || succeeds "^sgemm .*/$peer " "$bench" compare --kernel auto,$peer --op sgemm --threads 2 \
        --problem 64x64:64x64 --repetitions 7
else
    skip "bench compare" "no peer is there"
    refuses 2 "no peer among" "$bench" compare
fi
for name in openblas blis onednn libxsmm; do
    "$bench" list | grep -qE "^$name +yes" && continue
    refuses 2 "kernel '$name' is not there: .*package" "$bench" compare --kernel auto,$name
done

sum_up
