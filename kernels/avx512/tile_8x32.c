/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile_8x32.c: the 8 x 32 register tile, AVX-512 F.
 *
 * Registers   16 accumulators (8 rows x 2 vectors), 2 of B, 1 broadcast of A: 19 of 32 zmm. Not more zmm set the
 *             limit, but general registers: 8 row pointers, the offset common to them, B, what is asked for ahead, two
 *             steps and a counter are 14 of 15, as the rows of a convolution are windows with an address of their own
 *             each; the 12 or 14 of a 12 x 32 or 14 x 32 tile do not fit beside the rest. 8 x 48 was measured and gains
 *             nothing.
 * Per k       16 FMA, 2 loads, 8 broadcasts. Two FMA ports take 8 cycles for it, two load ports 5: FMA-bound.
 * Columns     a tile runs as many vectors as its columns need: 10 classes cost one, not two. One vector uses each
 *             broadcast once, so it is folded into the FMA, {1to16}; the loads then set the pace, 9 for 8.
 * Fewer rows  each count of rows is a kernel of its own, so a partial tile costs only its rows.
 * Tails       opmasks: a masked lane is neither read nor written, and cannot fault.
 */
#include "kernels/avx512/tile_8x32.h"
#include "kernels/avx512/tile_8x1.h"

#include <immintrin.h>
#include <math.h>

#define MR 8
#define NV 2
#define LANES 16

/* Full unrolling is what keeps the accumulators in registers. */
#ifdef __clang__
#    define UNROLL _Pragma("clang loop unroll(full)")
#else
#    define UNROLL _Pragma("GCC unroll 8")
#endif

#define INLINE static inline __attribute__((always_inline))

/* acc += a * b in the form that overwrites acc; left the choice, compilers move accumulators about. */
INLINE void fma_into(__m512 *acc, __m512 a, __m512 b)
{
    __asm__("vfmadd231ps %2, %1, %0" : "+v"(*acc) : "v"(a), "v"(b));
}

INLINE void fma_broadcast_into(__m512 *acc, const float *a, __m512 b)
{
    __asm__("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(*acc) : "v"(b), "m"(*a));
}

INLINE __mmask16 lanes_below(int n)
{
    return n >= LANES ? (__mmask16)0xffff : (__mmask16)((1u << n) - 1);
}

INLINE void step(__m512 acc[MR][NV], const float *const a[MR], ptrdiff_t p, const float *b, const int rows,
                 const int vectors)
{
    __m512 bv[NV];
    UNROLL
    for (int v = 0; v < vectors; v++) bv[v] = _mm512_loadu_ps(b + LANES * v);
    UNROLL
    for (int i = 0; i < rows; i++) {
        if (vectors == 1) {
            fma_broadcast_into(&acc[i][0], a[i] + p, bv[0]);
            continue;
        }
        const __m512 ai = _mm512_set1_ps(a[i][p]);
        UNROLL
        for (int v = 0; v < vectors; v++) fma_into(&acc[i][v], ai, bv[v]);
    }
}

/* acc = act(alpha * acc + beta * C + bias) */
INLINE void evaluate(const lw_tile_pass *pass, __m512 acc[MR][NV], float *const c[MR], const int rows, const int vectors)
{
    const __m512 alpha = _mm512_set1_ps(pass->alpha), beta = _mm512_set1_ps(pass->beta);
    const __m512 floor = _mm512_set1_ps(pass->relu ? 0.0f : -INFINITY);
    UNROLL
    for (int v = 0; v < vectors; v++) {
        const __mmask16 mask = lanes_below(pass->cols - LANES * v);
        const __m512 bias = pass->bias ? _mm512_maskz_loadu_ps(mask, pass->bias + LANES * v) : _mm512_setzero_ps();
        UNROLL
        for (int i = 0; i < rows; i++) {
            __m512 x = _mm512_mul_ps(alpha, acc[i][v]);
            if (pass->beta != 0.0f)
                x = _mm512_fmadd_ps(beta, _mm512_maskz_loadu_ps(mask, c[i] + pass->column + LANES * v), x);
            /* max(floor, x) in this order of operands is x when x is NaN. */
            acc[i][v] = _mm512_max_ps(floor, _mm512_add_ps(x, bias));
        }
    }
}

INLINE void finish(const lw_tile_pass *pass, const lw_tile_ending how, __m512 acc[MR][NV], float *const c[MR],
                   const int rows, const int vectors)
{
    const ptrdiff_t at = pass->column; /* copies: what a store may overwrite would be read again for each row */
    const __mmask16 mask = lanes_below(pass->cols - LANES * (vectors - 1));
    if (how == LW_TILE_GENERAL) evaluate(pass, acc, c, rows, vectors);
    UNROLL
    for (int i = 0; i < rows; i++) {
        UNROLL
        for (int v = 0; v < vectors; v++) {
            const bool whole = v < vectors - 1;
            float *out = c[i] + at + LANES * v;
            __m512 x = acc[i][v];
            if (how == LW_TILE_ACCUMULATE)
                x = _mm512_add_ps(x, whole ? _mm512_loadu_ps(out) : _mm512_maskz_loadu_ps(mask, out));
            if (whole)
                _mm512_storeu_ps(out, x);
            else
                _mm512_mask_storeu_ps(out, mask, x);
        }
    }
}

/* Adds where the compiler does not see it. Otherwise it keeps an address of its own for every row and unrolled step, and
 * spills them; and clang, told no more than that, a second one for B. */
#define ADVANCE(p, by) __asm__("add %1, %0" : "+r"(p) : "re"(by) : "cc")
#define ADVANCE_BY_MEMORY(p, by) __asm__("add %1, %0" : "+r"(p) : "m"(by) : "cc") /* no register is left */

INLINE void run(const lw_tile_pass *pass, const lw_tile_rows *tile, const lw_tile_ending how, const float *ahead,
                const int rows, const int vectors)
{
    const float *a[MR];
    __m512 acc[MR][NV];
    UNROLL
    for (int i = 0; i < rows; i++) {
        a[i] = tile->a[i];
        UNROLL
        for (int v = 0; v < vectors; v++) {
            acc[i][v] = _mm512_setzero_ps();
            if (how != LW_TILE_OVERWRITE)
                _mm_prefetch((const char *)(tile->c[i] + pass->column + LANES * v), _MM_HINT_T0);
        }
    }
    const ptrdiff_t a_step = pass->a_step, b_bytes = pass->b_step * (ptrdiff_t)sizeof(float);
    const ptrdiff_t ahead_bytes = pass->ahead.step * (ptrdiff_t)sizeof(float);
    for (ptrdiff_t s = 0; s < pass->segments; s++) {
        ptrdiff_t p = pass->segment[s].a, k = pass->len;
        const float *b = pass->b + pass->segment[s].b;
        for (; k >= 4; k -= 4) {
            _mm_prefetch((const char *)ahead, _MM_HINT_T0);
            _mm_prefetch((const char *)(ahead + LW_TILE_LINE), _MM_HINT_T0);
            ADVANCE_BY_MEMORY(ahead, ahead_bytes);
            UNROLL
            for (int u = 0; u < 4; u++) {
                step(acc, a, p, b, rows, vectors);
                ADVANCE(p, a_step);
                ADVANCE(b, b_bytes);
            }
        }
        for (; k > 0; k--) {
            step(acc, a, p, b, rows, vectors);
            ADVANCE(p, a_step);
            ADVANCE(b, b_bytes);
        }
    }
    switch (how) {
    case LW_TILE_OVERWRITE: finish(pass, LW_TILE_OVERWRITE, acc, tile->c, rows, vectors); break;
    case LW_TILE_ACCUMULATE: finish(pass, LW_TILE_ACCUMULATE, acc, tile->c, rows, vectors); break;
    default: finish(pass, LW_TILE_GENERAL, acc, tile->c, rows, vectors);
    }
}

/* One loop for all counts of rows: what a call saves and restores is as much as the end of a tile. */
INLINE void run_all(const lw_tile_pass *pass, const lw_tile_rows *tile, int count, const int vectors)
{
    const lw_tile_ending how = lw_tile_ending_of(pass);
    const float *ahead = lw_tile_ahead_from(pass);
    for (const lw_tile_rows *end = tile + count; tile < end; tile++, ahead += pass->ahead.tile) {
        switch (tile->rows) {
        case 8: run(pass, tile, how, ahead, 8, vectors); break;
        case 7: run(pass, tile, how, ahead, 7, vectors); break;
        case 6: run(pass, tile, how, ahead, 6, vectors); break;
        case 5: run(pass, tile, how, ahead, 5, vectors); break;
        case 4: run(pass, tile, how, ahead, 4, vectors); break;
        case 3: run(pass, tile, how, ahead, 3, vectors); break;
        case 2: run(pass, tile, how, ahead, 2, vectors); break;
        default: run(pass, tile, how, ahead, 1, vectors); break;
        }
    }
}

static void tile_8x16(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    run_all(pass, tiles, count, 1);
}

static void tile_8x32(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    run_all(pass, tiles, count, 2);
}

static void tile_any(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    if (pass->cols <= LANES)
        tile_8x16(pass, tiles, count);
    else
        tile_8x32(pass, tiles, count);
}

const lw_tile_kernel lw_tile_8x32_avx512 = {
    .mr = MR, .nr = 32, .lanes = LANES, .run = tile_any, .pack_rows = lw_pack_rows_avx512,
    .pack_transposed = lw_pack_transposed_avx512, .dots = &lw_tile_8x1_avx512};
