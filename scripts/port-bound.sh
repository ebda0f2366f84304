#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# port-bound.sh [--write] [ISA...]: what the innermost loops of the GEMM and convolution kernels could reach, by
# LLVM's models of CPUs: cycles per turn beside the bound that the FMA ports set, and what limits the loop.
#
#   --write   put the table into docs/TABLES.md, between its two port-bound lines; otherwise it goes to stdout
#   ISA       avx2, avx512, neon (default: all three; NEON comes from the cross build that test-neon.sh makes)
#
# Each function's loops with the most FMAs are taken from the object files, so what is modelled is what runs; functions of
# a file that come out alike share the rows of the first. The models know ports, latencies and widths; they assume that
# every load hits L1. LLVM_MCA names the llvm-mca to use.
# Exit: 0 done, 2 usage, or a package cannot be had.
. "$(dirname "$0")/lib.sh"

turns=2000 # per simulation; the first fill of the pipeline is then no longer seen

declare -A cpus=(
    [avx2]="haswell skylake znver3 znver4"
    [avx512]="skylake-avx512 icelake-server sapphirerapids znver4"
    [neon]="neoverse-n1 neoverse-v1 apple-m1")
declare -A builds=([avx2]=build [avx512]=build [neon]=build-neon)
declare -A triples=([avx2]=x86_64 [avx512]=x86_64 [neon]=aarch64)
declare -A fma=(
    [avx2]='vfmadd231ps %ymm0, %ymm1, %ymm2'
    [avx512]='vfmadd231ps %zmm0, %zmm1, %zmm2'
    [neon]='fmla v2.4s, v1.4s, v0.s[0]')
kernels='tile_*.c.o sgemm.c.o conv2d.c.o conv2d_pool_fwd.c.o conv2d_pool_bwd.c.o'

write='' sets=()
for word; do
    case $word in
    -h | --help) usage && exit 0 ;;
    --write) write=1 ;;
    avx2 | avx512 | neon) sets+=("$word") ;;
    *) fail 2 "unknown option or set '$word' (--write, avx2, avx512, neon)" ;;
    esac
done
[ ${#sets[@]} -gt 0 ] || sets=(avx2 avx512 neon)

find_mca() {
    local name
    for name in "${LLVM_MCA-}" llvm-mca-{22,21,20,19,18,17,16,15,14} llvm-mca; do
        if [ -n "$name" ] && command -v "$name" >/dev/null; then mca=$name && return; fi
    done
    return 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# simulate ISA CPU: standard input is what runs.
simulate() { "$mca" -mtriple="${triples[$1]}" -mcpu="$2" -iterations=$turns -instruction-info=0 2>&1; }

knows() { ! simulate "$1" "$2" <<<nop | grep 'not a recognized processor' >/dev/null; }

# fma_cycles ISA CPU: of one packed FMA when there is nothing else to do.
fma_cycles() {
    for _ in {1..64}; do echo "${fma[$1]}"; done | simulate "$1" "$2" | awk '/^Block RThroughput/ { print $3 / 64 }'
}

# verdict BOUND: from llvm-mca's report: cycles per turn, share of the bound, and what limits it. The fullest
# resource is the limit if it is nearly as full as the turn is long; else the front end; else the chain of results.
verdict() {
    awk -v bound="$1" -v turns=$turns '
        /^Total Cycles/ { cycles = $3 / turns }
        /^Total uOps/ { uops = $3 / turns }
        /^Dispatch Width/ { width = $3 }
        /^\[[0-9.]+\] +-/ { key = $1; name[key] = $3 }
        /^Resource pressure per iteration/ { getline; heads = split($0, head); getline
            for (i = 1; i <= heads; i++) if ($i + 0 > most) { most = $i + 0; fullest = name[head[i]] } }
        END {
            if (bound / cycles >= 0.95) limit = "FMA ports"
            else if (most >= 0.95 * cycles) limit = sprintf("%s, %.1f cycles", fullest, most)
            else if (uops / width >= 0.95 * cycles) limit = sprintf("dispatch, %d uops at %d", uops, width)
            else limit = "order and latency"
            printf "%.1f | %.1f | %.0f %% | %s", cycles, bound, 100 * bound / cycles, limit
        }'
}

# loops OBJECT: each function's loops with its most FMAs, a file each, $work/loop-N; prints N and inner_loops.awk's line.
loops() {
    local objdump=objdump
    [[ $1 != *_neon.dir/* ]] || [ "$(uname -m)" = aarch64 ] || objdump=aarch64-linux-gnu-objdump
    rm -f "$work"/loop-*
    $objdump -d --no-show-raw-insn "$1" | awk -v listing=1 -f tests/inner_loops.awk >"$work/all"
    awk -F '\t' -v out="$work/loop-" '
        NR == FNR { if ($1 != "" && $3 > most[$1]) most[$1] = $3; next }
        $1 != "" { wanted = $3 == most[$1]; if (wanted) print ++n "\t" $0; next }
        wanted { print $2 "\t" $3 >(out n) }' "$work/all" "$work/all"
}

# rows ISA OBJECT CPU...: the table's rows of one object.
rows() {
    local isa=$1 object=$2 n function _address fmas loads size _spills cpu bound
    shift 2
    while IFS=$'\t' read -r n function _address fmas loads size _spills; do
        for cpu; do
            bound=$(awk -v n="$fmas" -v c="${cost[$cpu]}" 'BEGIN { print n * c }')
            # shellcheck disable=SC2016 # code marks of Markdown
            printf '| `%s` `%s` | %s, %s, %s | %s | %s |\n' "$(basename "$object" .c.o)" "$function" "$fmas" \
                "$loads" "$size" "$cpu" "$(simulate "$isa" "$cpu" <"$work/loop-$n" | verdict "$bound")"
        done
    done < <(loops "$object")
}

# once: of rows that say the same of several functions of an object, the first.
once() { awk -F '|' '{ row = $0; sub(/` `[^`]*`/, "`", row) } !(row in seen) { seen[row]; print }'; }

table() {
    local isa=$1 folder=${builds[$1]}/kernels/CMakeFiles/lanewise_kernels_$1.dir/$1 kernel object cpu known=()
    local -A cost=()
    for cpu in ${cpus[$isa]}; do
        if knows "$isa" "$cpu"; then known+=("$cpu") cost[$cpu]=$(fma_cycles "$isa" "$cpu"); fi
    done
    printf '\n### %s\n\n' "$isa"
    echo '| kernel | FMAs, loads, instructions | CPU model | cycles | bound | reached | limit |'
    echo '|---|---|---|---:|---:|---:|---|'
    for kernel in $kernels; do
        for object in "$folder"/$kernel; do rows "$isa" "$object" "${known[@]}"; done | once
    done
}

tables() {
    "$mca" --version | sed -n 's/.*LLVM version \([0-9.]*\).*/Models of LLVM \1; /p' | tr -d '\n'
    printf 'objects of %s.\n' "$(${CC:-cc} --version | head -n 1)"
    for isa in "${sets[@]}"; do table "$isa"; done
}

scripts/install-deps.sh build
find_mca || { scripts/install-deps.sh ports && find_mca; } || fail 2 "no llvm-mca here"
for isa in "${sets[@]}"; do
    case $isa in
    neon) build_neon >&2 ;;
    *) configure_and_build release >&2 ;;
    esac
done

tables >"$work/tables"
if [ -z "$write" ]; then
    cat "$work/tables"
else
    awk -v new="$work/tables" '
        /^<!-- end of port-bound -->/ { inside = 0 }
        !inside { print }
        /^<!-- port-bound -->/ { inside = 1; print ""; while ((getline line <new) > 0) print line; print "" }
    ' docs/TABLES.md >"$work/page"
    cp "$work/page" docs/TABLES.md
fi
