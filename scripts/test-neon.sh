#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# test-neon.sh: builds for AArch64 and runs the tests there: under qemu on a machine of another architecture.
#
# Installs the cross compiler, qemu and the libraries' arm64 packages; builds into build-neon/; runs all tests but
# those of the command line and simulations, `bench list`, the correctness sweep of the NEON set, and an epoch of
# training on the synthetic digits, which must end with the accuracy that scalar code has here.
# Exit: 0 all passed, 1 the accuracies differ, 2 a package cannot be had; otherwise what failed ended with.
. "$(dirname "$0")/lib.sh"

case ${1-} in
'') ;;
-h | --help) usage && exit 0 ;;
*) fail 2 "takes no arguments" ;;
esac

build="build-neon" # as lib.sh makes it
emulator=(qemu-aarch64-static)
[ "$(uname -m)" != aarch64 ] || emulator=()

bench() { "${emulator[@]}" $build/bench "$@"; }

say "cross compiler, qemu, arm64 libraries; building for AArch64 into $build/"
build_neon

# A core of emulation takes minutes for what takes seconds: no timing, and no command line.
say "tests for AArch64"
LANEWISE_REQUIRE=neon ctest --test-dir $build --output-on-failure --parallel "$(nproc)" -LE 'command|training|timing|simulation'

say "bench list"
bench list | tee $build/list.txt
grep -E '^neon +yes +yes +yes +yes +<- dispatched' $build/list.txt >/dev/null || fail 1 "the NEON set is not dispatched"

say "bench check: the NEON set"
bench check --kernel neon --quick

say "training: the same epoch with NEON and with this machine's scalar code"
configure_and_build release
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
accuracy() {
    "$1" "${small_epoch[@]}" --out "$out" --kernel "$2" | grep -oE 'test accuracy [0-9.]+ %'
}
there=$(accuracy bench neon)
here=$(accuracy build/bench scalar)
say "NEON: $there; scalar: $here"
awk -v a="$there" -v b="$here" 'BEGIN { split(a, x); split(b, y); exit !(x[3] > 90 && (x[3] - y[3])^2 < 1) }' ||
    fail 1 "the accuracies are further apart than rounding explains"
say "all passed"
