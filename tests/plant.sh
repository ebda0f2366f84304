#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# plant.sh [ISA...]: plants faults in the kernels, one at a time, in a copy of the sources, and requires that
# `bench check --quick` finds each and names the op. The faults are in tests/plants/ISA.txt (default: avx2). NEON is
# built with the cross compiler and run under qemu where this is no AArch64.
#
# Exit: 0 all were found, 1 one was not, 2 a plant no longer fits the sources, 77 this machine cannot run a set.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "plant: $2" >&2; exit "$1"; }

(cd "$top" && tar cf - --exclude=./build* --exclude=./.git --exclude=./data --exclude=./results .) | tar xf - -C "$work"

bench() { "${emulator[@]}" "$work/build/bench" "$@"; }

# build ISA: the unharmed program, for this machine or for the one that is emulated.
build() {
    local toolchain=()
    emulator=()
    if [ "$1" = neon ] && [ "$(uname -m)" != aarch64 ]; then
        toolchain=(-DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake)
        emulator=(qemu-aarch64-static)
    fi
    rm -rf "$work/build"
    (cd "$work" && cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DLANEWISE_WERROR=OFF "${toolchain[@]}" >"$work/log") &&
        ninja -C "$work/build" bench >"$work/log" || { tail -n 20 "$work/log"; fail 2 "the sources do not build"; }
}

planted=0 missed=0

# try ISA TITLE FILE OLD NEW OP
try() {
    local isa=$1 title=$2 file=$work/$3 old=$4 new=$5 op=$6 rc=0 text
    text=$(cat "$file")
    [[ $text == *"$old"* ]] || fail 2 "$3 no longer holds: $old"
    printf '%s\n' "${text/"$old"/"$new"}" >"$file"
    ninja -C "$work/build" bench >"$work/log" || { tail -n 20 "$work/log"; fail 2 "'$title' does not compile"; }
    bench check --quick --kernel "$isa" >"$work/out" 2>&1 || rc=$?
    planted=$((planted + 1))
    if [ $rc -eq 1 ] && grep -qE "is wrong on $op " "$work/out"; then
        printf 'found   %-8s %-20s %s\n' "$isa" "$op" "$title"
    else
        printf 'MISSED  %-8s %-20s %s (exit code %s)\n' "$isa" "$op" "$title" $rc
        missed=$((missed + 1))
    fi
    printf '%s\n' "$text" >"$file"
}

for isa in "${@:-avx2}"; do
    list=$top/tests/plants/$isa.txt
    [ -f "$list" ] || fail 2 "no plants for '$isa' (there is: $(cd "$top/tests/plants" && echo *.txt))"
    build "$isa"
    if ! bench list --kernel "$isa" >/dev/null 2>"$work/out"; then
        echo "plant: skipped: $(cat "$work/out")"
        exit 77
    fi
    title= fields=()
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '#'*) ;;
        '  '*) fields+=("${line#  }") ;;
        '') [ -z "$title" ] || try "$isa" "$title" "${fields[@]}"; title= fields=() ;;
        *) title=$line ;;
        esac
    done < <(cat "$list"; echo)
done
echo "plant: $planted planted, $missed missed"
[ $planted -gt 0 ] && [ $missed -eq 0 ]
