#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# check_objects.sh: what the source claims of the object code, proved from the disassembly.
#   1. Objects of the scalar set hold no packed arithmetic. Moves (movups, movaps), shuffles and the bitwise
#      ops that compilers use on single floats (xorps, andps) are no arithmetic and are allowed.
#   2. No micro-kernel spills: in the innermost loops of the AVX2, AVX-512 and NEON objects that hold 8 packed FMAs
#      or more (inner_loops.awk), no operand is on the stack. One line per loop. Known ones are shown and accepted: the
#      AVX-512 walk over the maxima of a pooled weight gradient, whose bounds and offsets do not all fit registers, and
#      in the AVX2 and AVX-512 register tiles one addend, the step between what they ask for ahead.
#
#   check_objects.sh BUILD_DIR          check a build
#   check_objects.sh --self-test [CC]   plant a spill and a vectorised "scalar" object; both must be found
#
# Exit: 0 all hold, 1 one does not, 2 usage, 77 nothing to check on this architecture.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "check_objects: $*" >&2; exit 1; }

# machine OBJECT: as its ELF header has it.
machine() {
    case $(od -An -tu2 -j18 -N2 "$1" | tr -d ' ') in 62) echo x86-64 ;; 183) echo aarch64 ;; *) echo unknown ;; esac
}

# Debian's objdump reads the objects of its own architecture only; the cross compiler brings the other one.
disassemble() {
    local objdump=objdump
    [ "$(machine "$1") $(uname -m)" != "aarch64 x86_64" ] || objdump=aarch64-linux-gnu-objdump
    $objdump -d --no-show-raw-insn "$1"
}

# ---- 1. packed arithmetic: prints the offending instructions; fails if there are any
packed_arithmetic() {
    disassemble "$1" | awk -v object="$(basename "$1")" '
        /file format .*aarch64/ { arm = 1 }
        / <.*>:$/ { name = $2; gsub(/[<>:]/, "", name); next }
        $1 !~ /^[0-9a-f]+:$/ { next }
        arm {
            op = $2
            if (op ~ /^(f?(add|sub|mul|mla|mls|div|max|min|maxnm|minnm|abd|sqrt|addp|cm[a-z]*)|[su](max|min|mlal|addl|hadd))$/ &&
                $3 ~ /^v[0-9]+\.(2s|4s|2d|4h|8h|8b|16b)/) {
                found++
                if (found <= 5) print "  " object ": " name ": " substr($0, index($0, op))
            }
            next
        }
        {
            op = $2
            float  = op ~ /^v?(add|sub|mul|div|sqrt|max|min|hadd|hsub|addsub|dp|rcp|rsqrt|round|cmp[a-z]*)p[sd]$/
            fused  = op ~ /^vfn?m(add|sub|addsub|subadd)[0-9]*p[sd]$/
            whole  = op ~ /^v?p(add|sub|mul|madd|max|min|avg|abs|sad|hadd|hsub|cmp|sll|srl|sra|sign)/
            wide   = $0 ~ /%[yz]mm/
            if (float || fused || whole || wide) {
                found++
                if (found <= 5) print "  " object ": " name ": " substr($0, index($0, op))
            }
        }
        END { if (found > 5) print "  " object ": and " found - 5 " more"; exit found > 0 }'
}

# ---- 2. loops of a micro-kernel: prints one line per loop; 0 clean, 1 spills, 3 no loop found
fma_loops() {
    disassemble "$1" | awk -f "$here/inner_loops.awk" | awk -F '\t' -v object="$(basename "$1")" '
        {
            known = $1 == "lw_conv2d_pool_bwd_weights_avx512" || ($1 ~ /^tile_([68]x|any$)/ && $6 == 1 && $7 == 1)
            if ($6 && !known) bad = 1
            printf "  %-16s %-16s loop at %4s: %2d FMAs, %2d loads, %d spills%s\n", object, $1, $2, $3, $4, $6,
                   !$6 ? "" : known ? "  (known)" : "  <-- SPILLS"
        }
        END { exit bad ? 1 : NR ? 0 : 3 }'
}

# ---- a build
objects_of() { find "$1" -path "*lanewise_kernels_$2.dir*" -name '*.o' | sort; }

check_build() {
    local build=$1 scalar sets isa object rc bad=0 found=0
    [ -f "$build/CMakeCache.txt" ] || fail "$build: not a build folder (no CMakeCache.txt)"
    if grep -q '^LANEWISE_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
        echo "check_objects: skipped: a sanitizer build instruments every load, so its loops say nothing"
        return 77
    fi
    if grep -q '^CMAKE_BUILD_TYPE:[A-Z]*=Debug' "$build/CMakeCache.txt"; then
        echo "check_objects: skipped: a Debug build keeps every variable on the stack"
        return 77
    fi
    scalar=$(objects_of "$build" scalar)
    [ -n "$scalar" ] || fail "$build: no scalar objects; build first"
    case $(machine "$(head -n 1 <<<"$scalar")") in
    x86-64 | aarch64) ;;
    *) echo "check_objects: skipped: reads x86-64 and AArch64 objects only" && return 77 ;;
    esac
    sets=$(sed -n 's/^LANEWISE_SETS:[A-Z]*=//p' "$build/CMakeCache.txt" | tr ';' ' ')

    echo "scalar objects without packed arithmetic (moves and bitwise ops on single floats do not count):"
    for object in $scalar; do
        if packed_arithmetic "$object"; then echo "  $(basename "$object"): none"; else bad=1; fi
    done
    for isa in $sets; do
        [ -n "$(objects_of "$build" "$isa")" ] || fail "$build: no $isa objects; build first"
        echo "innermost loops of $isa objects with 8 or more packed FMAs:"
        found=0
        for object in $(objects_of "$build" "$isa"); do
            rc=0
            fma_loops "$object" || rc=$?
            case $rc in 0) found=1 ;; 1) found=1 bad=1 ;; 3) ;; *) fail "$object: cannot be read" ;; esac
        done
        [ $found = 1 ] || fail "no loop with 8 packed FMAs in any $isa object: the check proved nothing"
    done
    [ $bad = 0 ] || fail "the object code does not hold what the source claims (see above)"
    echo "check_objects: holds"
}

# ---- itself
self_test() {
    local cc=$1 rc flags spilling
    # As many accumulators as do not fit the registers, and 8, which do.
    case $($cc -dM -E - </dev/null) in
    *__x86_64__*) flags="-mavx2 -mfma -DWIDTH=32" spilling=24 ;;
    *__aarch64__*) flags="-DWIDTH=16" spilling=40 ;;
    *) echo "check_objects: skipped: reads x86-64 and AArch64 objects only" && return 77 ;;
    esac
    cat >"$work/tile.c" <<'EOF'
typedef float vf __attribute__((vector_size(WIDTH), aligned(4)));
void tile(vf *c, const float *a, const vf *b, long k)
{
    vf acc[ROWS];
#ifdef LISTED
    long list[64]; /* on the stack, as it should be */
    for (int i = 0; i < 64; i++) list[i] = ((const long *)c)[i] & 63;
    const float *first = a;
#endif
#pragma GCC unroll 64
    for (int i = 0; i < ROWS; i++) acc[i] = c[i];
    for (; k > 0; k--, a += ROWS, b++) {
#ifdef LISTED
        a = first + list[k & 63];
#endif
#pragma GCC unroll 64
        for (int i = 0; i < ROWS; i++) acc[i] += a[i] * *b;
    }
#pragma GCC unroll 64
    for (int i = 0; i < ROWS; i++) c[i] = acc[i];
}
EOF
    cat >"$work/axpy.c" <<'EOF'
void axpy(float *restrict y, const float *restrict x, float a, long n)
{
    for (long i = 0; i < n; i++) y[i] += a * x[i];
}
EOF
    # shellcheck disable=SC2086
    $cc -O3 $flags -ffp-contract=fast -DROWS=$spilling -c "$work/tile.c" -o "$work/spills.o"
    # shellcheck disable=SC2086
    $cc -O3 $flags -ffp-contract=fast -DROWS=8 -c "$work/tile.c" -o "$work/clean.o"
    # shellcheck disable=SC2086
    $cc -O3 $flags -ffp-contract=fast -DROWS=8 -DLISTED -c "$work/tile.c" -o "$work/listed.o"
    $cc -O3 -c "$work/axpy.c" -o "$work/vectorised.o"
    $cc -O2 -fno-tree-vectorize -fno-tree-slp-vectorize -c "$work/axpy.c" -o "$work/scalar.o"

    rc=0; fma_loops "$work/clean.o" || rc=$?
    [ $rc = 0 ] || fail "self-test: a clean loop was not accepted (status $rc)"
    rc=0; fma_loops "$work/listed.o" || rc=$?
    [ $rc = 0 ] || fail "self-test: a list on the stack was taken for a spill (status $rc)"
    rc=0; fma_loops "$work/spills.o" || rc=$?
    [ $rc = 1 ] || fail "self-test: planted spills were not found (status $rc)"
    rc=0; fma_loops "$work/scalar.o" || rc=$?
    [ $rc = 3 ] || fail "self-test: found an FMA loop where there is none (status $rc)"
    if [ "$(machine "$work/clean.o")" = x86-64 ]; then
        written() { # written NAME OPERAND [MORE]: eight FMAs with it, and more, in a loop that is entered in its middle
            # shellcheck disable=SC2016 # a number of the assembler
            printf '%s\n' ".globl $1" "$1: mov \$4, %eax" '0: jmp 2f' '1:'
            for _ in {1..8}; do echo "  vfmadd231ps $2, %ymm1, %ymm2"; done
            printf '%s\n' "${3-}" '2: dec %rdi' '  jne 1b' '  dec %eax' '  jne 0b' '  ret'
        }
        expect() { # expect STATUS COMPLAINT: of what was written
            $cc -c "$work/written.s" -o "$work/written.o"
            rc=0; fma_loops "$work/written.o" || rc=$?
            [ $rc = "$1" ] || fail "self-test: $2 (status $rc)"
        }
        written entered '(%rsp)' >"$work/written.s"
        expect 1 "spills in a loop that is entered in its middle were not found"
        written tile_6x16 '%ymm3' '  add -8(%rsp), %rsi' >"$work/written.s"
        expect 0 "the one step of a register tile was not accepted"
        written other '%ymm3' '  add -8(%rsp), %rsi' >"$work/written.s"
        expect 1 "a step on the stack was accepted of what is no register tile"
        written tile_6x16 '%ymm3' $'  add -8(%rsp), %rsi\n  add -16(%rsp), %rdx' >"$work/written.s"
        expect 1 "two steps on the stack were accepted"
        written tile_6x16 '%ymm3' '  vmovaps -64(%rsp), %ymm4' >"$work/written.s"
        expect 1 "a vector on the stack was accepted"
    fi
    packed_arithmetic "$work/scalar.o" || fail "self-test: a scalar object was not accepted"
    if packed_arithmetic "$work/vectorised.o"; then fail "self-test: planted packed arithmetic was not found"; fi
    echo "check_objects: self-test: both plants were found, all clean objects accepted"
}

case "${1-}" in
--self-test) self_test "${2:-${CC:-cc}}" ;;
'' | -*) sed -n '4,14s/^# \{0,1\}//p' "$here/check_objects.sh" >&2; exit 2 ;;
*) check_build "$1" ;;
esac
