#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# plant.sh [--emulate] [ISA...]: plants faults in the kernels, one at a time, in a copy of the sources, and requires
# that `bench check --quick` of their op finds each and names the op. The faults are in tests/plants/ISA.txt (default:
# avx2). NEON is built with the cross compiler and run under qemu where this is no AArch64; AVX-512 runs in Bochs, all
# plants in one guest, where the CPU has none or with --emulate.
#
# Exit: 0 all were found, 1 one was not, or an emulator does not run its set, 2 a plant no longer fits the sources,
# 77 this machine can run none of the sets.
. "$(dirname "$0")/../scripts/lib.sh"
. scripts/guest.sh

top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
emulate=
if [ "${1-}" = --emulate ]; then emulate=1 && shift; fi

(cd "$top" && tar cf - --exclude=./build* --exclude=./.git --exclude=./data --exclude=./results .) | tar xf - -C "$work"

bench() { "${emulator[@]}" "$build/bench" "$@"; }

# build ISA: the unharmed program, for this machine or for the one that is emulated, with that set alone.
build() {
    local toolchain=()
    emulator=() build=$work/build-$1
    if [ "$1" = neon ] && [ "$(uname -m)" != aarch64 ]; then
        toolchain=(-DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake)
        emulator=(qemu-aarch64-static)
    fi
    # shellcheck disable=SC2015 # either may fail
    (cd "$work" && cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE=-O1 \
        -DLANEWISE_WERROR=OFF -DLANEWISE_SETS="$1" "${toolchain[@]}" >"$work/log") &&
        ninja -C "$build" bench >"$work/log" || { tail -n 20 "$work/log"; fail 2 "the sources do not build"; }
    cp -a "$build" "$build.whole"
}

planted=0 missed=0

# verdict FOUND ISA OP TITLE EXIT_CODE
verdict() {
    planted=$((planted + 1))
    if [ "$1" = yes ]; then
        printf 'found   %-8s %-20s %s\n' "$2" "$3" "$4"
    else
        printf 'MISSED  %-8s %-20s %s (exit code %s)\n' "$2" "$3" "$4" "$5"
        missed=$((missed + 1))
    fi
}

# run ISA TITLE OP: the program as it is now; in a guest, what becomes of it is seen later.
run() {
    local rc=0 found=no
    if [ -n "$guest_root" ]; then
        titles+=("$2") ops+=("$3")
        strip -o "$guest_root/bin/planted-${#ops[@]}" "$build/bench"
        echo "expect planted-${#ops[@]} 1 planted-${#ops[@]} check --quick --kernel $1 --op $3" >>"$guest_root/run"
        return
    fi
    bench check --quick --kernel "$1" --op "$3" >"$work/out" 2>&1 || rc=$?
    if [ $rc -eq 1 ] && grep -E "is wrong on $3 " "$work/out" >/dev/null; then found=yes; fi
    verdict $found "$1" "$3" "$2" $rc
}

# try ISA TITLE FILE OLD NEW OP
try() {
    local isa=$1 title=$2 file=$work/$3 old=$4 new=$5 op=$6 text
    text=$(cat "$file")
    cp -p "$file" "$work/whole"
    [[ $text == *"$old"* ]] || fail 2 "$3 no longer holds: $old"
    printf '%s\n' "${text/"$old"/"$new"}" >"$file"
    ninja -C "$build" bench >"$work/log" || { tail -n 20 "$work/log"; fail 2 "'$title' does not compile"; }
    run "$isa" "$title" "$op"
    # With their times, so that nothing is compiled for having been mended.
    mv "$work/whole" "$file"
    rm -rf "$build"
    cp -a "$build.whole" "$build"
}

# A guest for all plants of a set, and with them the unharmed program, in which nothing may be found.
guest_begin() {
    scripts/install-deps.sh emulation
    guest_kernel
    guest_root=$guest/plants titles=() ops=()
    guest_new "$guest_root"
    guest_add "$guest_root" "$build/bench"
    echo "expect unharmed 0 bench check --quick --kernel $1 --op sgemm" >"$guest_root/run"
}

guest_end() {
    local isa=$1 n found
    guest_boot "$guest_root" "$guest_enable" "${LANEWISE_GUEST_SECONDS:-2400}" "$work/text"
    grep -x "guest: done, $((${#ops[@]} + 1)) cases" "$work/text" >/dev/null || fail 1 "the guest's last count is missing"
    grep -x "guest: case unharmed ok" "$work/text" >/dev/null || fail 1 "the guest finds faults where none is planted"
    for n in $(seq ${#ops[@]}); do
        sed -n "/^guest: begin planted-$n\$/,/^guest: case planted-$n /p" "$work/text" >"$work/out"
        found=no
        if grep -x "guest: case planted-$n ok" "$work/out" >/dev/null &&
            grep -E "is wrong on ${ops[n - 1]} " "$work/out" >/dev/null; then found=yes; fi
        verdict $found "$isa" "${ops[n - 1]}" "${titles[n - 1]}" "see above"
        [ $found = yes ] || cat "$work/out"
    done
    guest_root=
}

for isa in "${@:-avx2}"; do
    list=$top/tests/plants/$isa.txt
    [ -f "$list" ] || fail 2 "no plants for '$isa' (there is: $(cd "$top/tests/plants" && echo *.txt))"
    build "$isa"
    guest_root=
    if [ "$isa $(uname -m)" = "avx512 x86_64" ] && { [ -n "$emulate" ] || ! bench list --kernel avx512 >/dev/null 2>&1; }; then
        guest_begin "$isa"
    elif ! bench list --kernel "$isa" >/dev/null 2>"$work/out"; then
        [ ${#emulator[@]} -eq 0 ] || fail 1 "$isa does not run in its emulator: $(cat "$work/out")"
        echo "plant: skipped: $(cat "$work/out")"
        continue
    fi
    title="" fields=()
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '#'*) ;;
        '  '*) fields+=("${line#  }") ;;
        '') [ -z "$title" ] || try "$isa" "$title" "${fields[@]}"; title="" fields=() ;;
        *) title=$line ;;
        esac
    done < <(cat "$list"; echo)
    [ -z "$guest_root" ] || guest_end "$isa"
done
echo "plant: $planted planted, $missed missed"
[ $planted -gt 0 ] || exit 77
[ $missed -eq 0 ]
