# SPDX-License-Identifier: BSD-3-Clause
# lib.sh: what the scripts share; sourced from scripts/ and .ci/, and leaves the caller in the repository root.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '== %s\n' "$*"; }

# fail CODE MESSAGE...: the one clear line, then the exit code that the caller documents.
fail() {
    local code=$1
    shift
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit "$code"
}

# usage: the caller's own comment at its top, from its name to the first line that is no comment.
usage() { awk 'NR > 3 && !/^#/ { exit } NR > 3 { sub(/^# ?/, ""); print }' "$self"; }
self=$PWD/scripts/${0##*/}

# configure_and_build PRESET: the folder is the one that CMakePresets.json names.
configure_and_build() {
    local quiet=--quiet
    [ -t 1 ] && quiet= # on a terminal ninja's progress is one line; in a log it is a hundred
    cmake --preset "$1" >/dev/null
    # shellcheck disable=SC2086
    cmake --build --preset "$1" -- $quiet
}

# build_neon: for AArch64, into build-neon/, with the cross compiler where this is another machine.
build_neon() {
    local toolchain=(-DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake)
    [ "$(uname -m)" != aarch64 ] || toolchain=()
    scripts/install-deps.sh build test neon
    cmake -S . -B build-neon -G Ninja "${toolchain[@]}" >/dev/null
    cmake --build build-neon -- --quiet
}

# An epoch of a convolutional network on small synthetic digits, in as few operations as end above 95 %: an emulator takes
# minutes for what takes a second. For `bench`, with --out.
# shellcheck disable=SC2034 # for those who source this
small_epoch=(train --quiet --data synthetic --fraction 0.3 --resize 14x14 --validation-split 0 --epochs 1 --batch 32 --lr 0.01
    --model 'conv(8,3) relu maxpool(2) conv(16,3) relu maxpool(2) flatten dense(10)' --threads 1)

# planted_faults [--emulate] [ISA...]: a machine that can run none of the sets has nothing to find them in, and says so.
planted_faults() {
    say "planting faults: the tests must find each"
    tests/plant.sh "$@" || [ $? -eq 77 ]
}

# beside COMMAND...: begins it in the background; what it prints is kept, and `join` shows it. One at a time.
beside() {
    beside_log=$(mktemp)
    trap beside_end EXIT
    set -m # a process group of its own, which can be ended as one
    "$@" >"$beside_log" 2>&1 &
    set +m
    beside_pid=$!
}

# join: waits for what goes beside, shows what it said, and ends with its exit code.
join() {
    local rc=0
    wait "$beside_pid" || rc=$?
    cat "$beside_log"
    beside_pid=
    return $rc
}

# At the caller's end, early or not. The script ends with this function's exit code if that is not 0, so it has none.
beside_end() {
    [ -z "$beside_pid" ] || kill -- "-$beside_pid" 2>/dev/null || true
    rm -f "$beside_log"
}
