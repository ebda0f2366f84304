#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# peers.sh [BENCH COMPARE OPTION...]: installs OpenBLAS, BLIS, oneDNN and libxsmm, builds, and runs `bench compare`
# over the whole default list on one thread and, where there are two CPUs, on two.
#
# Leaves results/peers/threads-N.csv and .txt. What follows goes to bench compare: `--quick` for a first look,
# `--op sgemm` for one op, `--peer-isa any` for whatever the libraries choose instead of our own ISA.
# Exit: 0 done, 1 a kernel (ours or theirs) failed its check, 2 a package cannot be had, or wrong options;
# otherwise what the step that failed ended with.
. "$(dirname "$0")/lib.sh"

case ${1-} in
-h | --help) usage && exit 0 ;;
esac

out=results/peers
threads=(1)
[ "$(nproc)" -lt 2 ] || threads=(1 2)

say "1/3 packages: what the build needs, and the libraries to compare with (apt, only what is missing)"
scripts/install-deps.sh build peers

say "2/3 build: build/bench, with $(cc --version | head -n 1)"
configure_and_build release

say "3/3 comparison"
mkdir -p $out
status=0
for n in "${threads[@]}"; do
    rc=0
    build/bench compare --threads "$n" --csv "$out/threads-$n.csv" "$@" | tee "$out/threads-$n.txt" || rc=$?
    case $rc in
    0) ;;
    1) status=1 ;; # a wrong kernel: its row says FAILED, and the rest is measured
    *) exit "$rc" ;;
    esac
done

say "done: $(printf "$out/threads-%s.csv " "${threads[@]}")"
exit $status
