#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# check_objects.sh: what the source claims of the object code, proved from the disassembly.
#   1. Objects of the scalar set hold no packed arithmetic. Moves (movups, movaps), shuffles and the bitwise
#      ops that compilers use on single floats (xorps, andps) are no arithmetic and are allowed.
#   2. No micro-kernel spills: in the innermost loops of the AVX2 and AVX-512 objects that hold 8 packed FMAs or more,
#      no operand is on the stack. Loops are found by their backward jumps. One line per loop.
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

disassemble() { objdump -d --no-show-raw-insn "$1"; }

# ---- 1. packed arithmetic: prints the offending instructions; fails if there are any
packed_arithmetic() {
    disassemble "$1" | awk -v object="$(basename "$1")" '
        / <.*>:$/ { name = $2; gsub(/[<>:]/, "", name); next }
        $1 !~ /^[0-9a-f]+:$/ { next }
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
    disassemble "$1" | awk -v object="$(basename "$1")" '
        # Marks in body[] what lies on a way from head to tail that does not pass head again. Empty where tail
        # cannot be reached: a jump to code that was only laid out further up.
        function trace(head, tail,    i, k, top, stack, from_head) {
            delete body
            stack[top = 1] = head; from_head[head] = 1
            while (top) {
                i = stack[top--]
                if (i < n && !(i in leaves) && !((i + 1) in from_head)) { from_head[i + 1] = 1; stack[++top] = i + 1 }
                if ((i in target) && !(target[i] in from_head)) { from_head[target[i]] = 1; stack[++top] = target[i] }
            }
            if (!(tail in from_head)) return 0
            body[tail] = 1; body[head] = 1
            stack[top = 1] = tail
            while (top) {
                i = stack[top--]
                if (i == head) continue
                if (i > 1 && !((i - 1) in leaves) && ((i - 1) in from_head) && !((i - 1) in body)) {
                    body[i - 1] = 1; stack[++top] = i - 1
                }
                for (k = 1; k <= arrivals[i]; k++)
                    if ((arrival[i, k] in from_head) && !(arrival[i, k] in body)) {
                        body[arrival[i, k]] = 1; stack[++top] = arrival[i, k]
                    }
            }
            return 1
        }
        function report(head,    i, fma, loads, spills) {
            for (i in body) {
                if (text[i] ~ /vfn?m(add|sub)[0-9]*ps/) fma++
                if (text[i] ~ /\(/ && text[i] !~ /prefetch|lea |nop/ && text[i] !~ /,[^,()]*\([^()]*\)$/) loads++
                if (text[i] ~ /\(%rsp/ || (framed && text[i] ~ /\(%rbp/)) spills++
            }
            if (fma < 8) return
            loops++
            if (spills) bad++
            printf "  %-16s %-16s loop at %4s: %2d FMAs, %2d loads, %d spills%s\n", object, name, start[head], fma, \
                   loads, spills, spills ? "  <-- SPILLS" : ""
        }
        # A loop is innermost if no other backward jump starts and ends in it.
        function finish(    i, j, inner) {
            for (i = 1; i <= n; i++) if ((i in target) && target[i] <= i && trace(target[i], i)) {
                inner = 1
                for (j in body) if (j != i && (j in target) && target[j] <= j + 0 && target[j] != target[i] &&
                                    (target[j] in body)) inner = 0
                if (inner) report(target[i])
            }
            n = framed = 0
            delete at; delete target; delete leaves; delete arrivals; delete arrival
        }
        # Jumps are resolved when the whole function is known.
        function resolve(    i, to) {
            for (i = 1; i <= n; i++) if ((i in goes) && (goes[i] in at)) {
                to = target[i] = at[goes[i]]
                arrival[to, ++arrivals[to]] = i
            }
            delete goes
        }
        / <.*>:$/ { resolve(); finish(); name = $2; gsub(/[<>:]/, "", name); next }
        $1 ~ /^[0-9a-f]+:$/ {
            n++
            start[n] = $1; sub(/:/, "", start[n])
            at[start[n]] = n
            text[n] = $0
            sub(/#.*/, "", text[n]); sub(/[ \t]+$/, "", text[n])
            if ($0 ~ /mov +%rsp,%rbp/) framed = 1   # else rbp is a register like any other
            if ($2 ~ /^j/ && $3 ~ /^[0-9a-f]+$/) goes[n] = $3
            if ($2 ~ /^(jmp|ret|ud2)/) leaves[n] = 1
        }
        END { resolve(); finish(); exit bad ? 1 : loops ? 0 : 3 }'
}

# ---- a build
objects_of() { find "$1" -path "*lanewise_kernels_$2.dir*" -name '*.o' | sort; }

check_build() {
    local build=$1 scalar isa object rc bad=0 found=0
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
    # No grep -q behind a pipe here: it leaves early, and pipefail would report the writer's broken pipe.
    if ! objdump -f $(head -n 1 <<<"$scalar") | grep x86-64 >/dev/null; then
        echo "check_objects: skipped: reads x86-64 objects only"
        return 77
    fi

    echo "scalar objects without packed arithmetic (moves and bitwise ops on single floats do not count):"
    for object in $scalar; do
        if packed_arithmetic "$object"; then echo "  $(basename "$object"): none"; else bad=1; fi
    done
    for isa in avx2 avx512; do
        [ -n "$(objects_of "$build" $isa)" ] || fail "$build: no $isa objects; build first"
        echo "innermost loops of $isa objects with 8 or more packed FMAs:"
        found=0
        for object in $(objects_of "$build" $isa); do
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
    local cc=$1 rc
    if ! $cc -dM -E - </dev/null | grep __x86_64__ >/dev/null; then
        echo "check_objects: skipped: reads x86-64 objects only"
        return 77
    fi
    # 24 accumulators do not fit 16 registers; 8 do.
    cat >"$work/tile.c" <<'EOF'
#include <immintrin.h>
void tile(float *c, const float *a, const float *b, long k)
{
    __m256 acc[ROWS];
#pragma GCC unroll 32
    for (int i = 0; i < ROWS; i++) acc[i] = _mm256_loadu_ps(c + 8 * i);
    for (; k > 0; k--, a += ROWS, b += 8)
#pragma GCC unroll 32
        for (int i = 0; i < ROWS; i++)
            acc[i] = _mm256_fmadd_ps(_mm256_broadcast_ss(a + i), _mm256_loadu_ps(b), acc[i]);
#pragma GCC unroll 32
    for (int i = 0; i < ROWS; i++) _mm256_storeu_ps(c + 8 * i, acc[i]);
}
EOF
    cat >"$work/axpy.c" <<'EOF'
void axpy(float *restrict y, const float *restrict x, float a, long n)
{
    for (long i = 0; i < n; i++) y[i] += a * x[i];
}
EOF
    $cc -O3 -mavx2 -mfma -DROWS=24 -c "$work/tile.c" -o "$work/spills.o"
    $cc -O3 -mavx2 -mfma -DROWS=8 -c "$work/tile.c" -o "$work/clean.o"
    $cc -O3 -c "$work/axpy.c" -o "$work/vectorised.o"
    $cc -O2 -fno-tree-vectorize -fno-tree-slp-vectorize -c "$work/axpy.c" -o "$work/scalar.o"

    rc=0; fma_loops "$work/clean.o" || rc=$?
    [ $rc = 0 ] || fail "self-test: a clean loop was not accepted (status $rc)"
    rc=0; fma_loops "$work/spills.o" || rc=$?
    [ $rc = 1 ] || fail "self-test: planted spills were not found (status $rc)"
    rc=0; fma_loops "$work/scalar.o" || rc=$?
    [ $rc = 3 ] || fail "self-test: found an FMA loop where there is none (status $rc)"
    packed_arithmetic "$work/scalar.o" || fail "self-test: a scalar object was not accepted"
    if packed_arithmetic "$work/vectorised.o"; then fail "self-test: planted packed arithmetic was not found"; fi
    echo "check_objects: self-test: both plants were found, both clean objects accepted"
}

case "${1-}" in
--self-test) self_test "${2:-${CC:-cc}}" ;;
'' | -*) sed -n '4,14s/^# \{0,1\}//p' "$here/check_objects.sh" >&2; exit 2 ;;
*) check_build "$1" ;;
esac
