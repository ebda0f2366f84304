#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# test.sh [--preset NAME] [--long] [CTEST OPTION...]: installs what is missing, builds, and runs all tests.
#
#   --preset NAME   release (default, in build/), debug, clang, asan, tsan (in build-NAME/): see CMakePresets.json
#   --long          each kernel with every kind of value and placement on every problem, and then the planted
#                   faults: do the tests still find them?
#
# What follows goes to ctest: `-R conv2d` for some tests, `-V` for all they print. LANEWISE_REQUIRE=avx2 makes
# an ISA that this machine cannot run a failure instead of a skipped test.
# Exit: 0 all passed, 2 usage, or a package cannot be had; 8 a test failed; otherwise the build failed.
. "$(dirname "$0")/lib.sh"

preset=release long=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage && exit 0 ;;
    --preset) preset=${2-} && shift $(($# > 1 ? 2 : 1)) ;;
    --preset=*) preset=${1#*=} && shift ;;
    --long) long=1 && shift ;;
    *) break ;;
    esac
done

case $preset in
release | debug | asan) groups=(build test) ;;
clang | tsan) groups=(build test clang) ;;
*) fail 2 "unknown preset '$preset' (release, debug, clang, asan, tsan)" ;;
esac

scripts/install-deps.sh "${groups[@]}"
say "building: preset $preset"
configure_and_build "$preset"
say "testing: preset $preset"
LW_TEST_LONG=${long:-0} ctest --preset "$preset" --parallel "$(nproc)" "$@"
[ -z "$long" ] || planted_faults
