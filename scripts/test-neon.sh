#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# test-neon.sh: builds for AArch64 and runs the tests under qemu, on a machine of another architecture.
#
# Installs the cross compiler, qemu and the libraries' arm64 packages; builds into build-neon/; runs all tests, the
# correctness sweep of the NEON set, and an epoch of training on the synthetic digits, which must end with the same
# accuracy as here. Exit: 0 all passed, 2 a package cannot be had; otherwise what failed ended with.
. "$(dirname "$0")/lib.sh"

build=build-neon # as lib.sh makes it
model='conv(8,3) relu maxpool(2) conv(16,3) relu maxpool(2) flatten dense(10)'

say "cross compiler, qemu, arm64 libraries; building for AArch64 into $build/"
build_neon

# A core of emulation takes minutes for what takes seconds: fewer random problems, and no timing.
say "tests under qemu"
LANEWISE_REQUIRE=neon ctest --test-dir $build --output-on-failure --parallel "$(nproc)" -E '^(cli|cli_.*|objects.*)$'

bench() { qemu-aarch64-static $build/bench "$@"; }

say "bench list"
bench list

say "bench check: the NEON set"
bench check --kernel neon --quick

say "training: the same epoch here and there"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
accuracy() { "$@" train --quiet --data synthetic --model "$model" --epochs 1 --threads 1 --out "$out/$1" | grep -oE 'accuracy [0-9.]+'; }
there=$(accuracy bench)
say "NEON: $there %"
if [ -x build/bench ]; then
    here=$(accuracy build/bench)
    say "here: $here %"
    awk -v a="${there#* }" -v b="${here#* }" 'BEGIN { exit !(a > 90 && a - b < 1 && b - a < 1) }' ||
        fail 1 "the accuracies are further apart than rounding explains"
fi
say "all passed"
