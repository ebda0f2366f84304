#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# test-avx512.sh [--emulate|--refuse]: runs the AVX-512 set's tests, on any x86-64 machine.
#
#   (nothing)   where the CPU has AVX-512, all tests natively, with that set required; elsewhere as --emulate
#   --emulate   in Bochs, which executes AVX-512: every kernel of the set over the sweep of awkward sizes, with guard
#               pages and NaN, the vector header, an epoch of training; then as --refuse
#   --refuse    in Bochs, a CPU that reports AVX-512 under an operating system that has not enabled it: what is listed,
#               taken and refused there, without an illegal instruction
#
# Builds into build/, the guest into build-guest/; its serial text stays there. Judged by that text alone: a time-out, a
# missing line or a missing last count is a failure.
# Exit: 0 all passed, 1 a guest failed, 2 usage, or a package cannot be had; otherwise what failed ended with.
. "$(dirname "$0")/lib.sh"
. scripts/guest.sh

seconds=${LANEWISE_GUEST_SECONDS:-1800} # a guest gets at most; twice what a slow and busy machine was seen to take

mode=
case ${1-} in
'') ;;
--emulate | --refuse) mode=${1#--} ;;
-h | --help) usage && exit 0 ;;
*) fail 2 "unknown option '$1' (--emulate, --refuse)" ;;
esac

train() { build/bench "${small_epoch[@]}" --out "$scratch" "$@"; }
result() { grep -oE 'test accuracy [0-9.]+ % .*test loss [0-9.]+'; }

natively() {
    say "AVX-512 is usable here: all tests, with that set required"
    LANEWISE_REQUIRE=avx512 LANEWISE_KERNEL=avx512 ctest --preset release --parallel "$(nproc)" -E '^cli'
    say "bench check: every kind of values and placement on every problem"
    build/bench check --kernel avx512
    say "training: the same epoch with AVX-512 and with scalar code"
    train --kernel avx512 | result | tee "$scratch/avx512.txt"
    train --kernel scalar | result | tee "$scratch/scalar.txt"
    near "$(cat "$scratch/avx512.txt")" "$(cat "$scratch/scalar.txt")"
}

# near RESULT RESULT: accuracies within a point of each other, and above 90 %.
near() {
    awk -v a="$1" -v b="$2" 'BEGIN {
        split(a, x); split(b, y); exit !(x[3] > 90 && y[3] > 90 && x[3] - y[3] < 1 && y[3] - x[3] < 1) }' ||
        fail 1 "'$1' and '$2' are further apart than rounding explains"
}

# emulate NAME WORDS: boots the guest that is in $root, and shows what it said.
emulate() {
    local before=$SECONDS
    text=$guest/$1.txt
    say "booting Bochs: $1"
    guest_boot "$root" "$2" "$seconds" "$text"
    grep -v '^\[' "$text" || true
    say "$1: $((SECONDS - before)) s, $text"
    grep -x "guest: done, $3 cases" "$text" >/dev/null || fail 1 "$1: the last count is missing: it hung, died or ran past $seconds s"
    [ "$(grep -c '^guest: case .* ok$' "$text")" -eq "$3" ] || fail 1 "$1: $(grep '^guest: case .* FAILED' "$text" | head -n 1)"
    if grep -E 'invalid opcode|Illegal instruction' "$text"; then fail 1 "$1: an illegal instruction"; fi
}

# said CASE PATTERN: a line of that case.
said() {
    sed -n "/^guest: begin $1\$/,/^guest: case $1 /p" "$text" | grep -E -- "$2" >/dev/null || fail 1 "$1 did not say '$2'"
}

sweep() {
    local kernels here
    guest_new "$root"
    for program in build/bench build/tests/test_vec_avx512; do guest_add "$root" $program; done
    cat >"$root/run" <<EOF
expect list 0 bench list --kernel avx512
expect vectors 0 test_vec_avx512
expect sweep 0 bench check --kernel avx512 --quick --extra 2
expect training 0 bench $(printf '%q ' "${small_epoch[@]}") --kernel avx512 --out /tmp
EOF
    emulate sweep "$guest_enable" 4
    said list '^avx512 +yes +yes +yes +yes +<- dispatched'
    kernels=$(grep -cE '^[a-z0-9_]+ +avx512 +[0-9]+ +[0-9.]+ +[0-9.]+ +ok$' "$text" || true)
    here=$(build/bench list --csv - | grep -c '^1,avx512,')
    [ "$kernels" -eq "$here" ] || fail 1 "$kernels of $here kernels were swept"
    said sweep "^$here kernels are right, 0 skipped"
    here=$(train | result)
    say "training here: $here"
    near "$(sed -n '/begin training/,$p' "$text" | result)" "$here"
}

refusal() {
    guest_new "$root"
    for program in bench tests/test_cpu tests/test_dispatch; do guest_add "$root" build/$program; done
    cat >"$root/run" <<'EOF'
expect list 0 bench list
expect taken 0 bench check --kernel auto --quick --extra 0 --op relu_fwd,sgd
expect whatever-runs 0 bench check --quick --extra 0 --op relu_fwd
expect refused 2 bench check --kernel avx512
LANEWISE_KERNEL=avx512 expect refused-by-environment 2 bench list
expect refused-training 2 bench train --kernel avx512 --data synthetic
expect detection 0 test_cpu
expect dispatch 0 test_dispatch
EOF
    emulate refusal "" 8
    said list '^avx512 +yes +yes +no +no +not enabled by the operating system'
    for name in refused refused-by-environment refused-training; do
        said $name "'avx512' is not enabled by the operating system; known: auto .*; OS-enabled: scalar"
    done
    # Its AVX state is off as a whole, so the best that is left is scalar code.
    said list '^avx2 +yes +yes +no +no +not enabled by the operating system'
    said list '^scalar .* <- dispatched'
    said taken '^relu_fwd_ref +scalar .* ok$'
}

[ "$(uname -m)" = x86_64 ] || fail 2 "AVX-512 is built on x86-64 only"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
scripts/install-deps.sh build test
say "building: preset release"
configure_and_build release

if [ -z "$mode" ] && build/bench list --kernel avx512 >/dev/null 2>&1; then
    natively
else
    scripts/install-deps.sh emulation
    root=$guest/root
    guest_kernel
    [ "$mode" = refuse ] || sweep
    refusal
fi
say "all passed"
