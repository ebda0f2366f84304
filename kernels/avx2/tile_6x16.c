/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile_6x16.c: the 6 x 16 register tile, AVX2 + FMA.
 *
 * Registers   12 accumulators (6 rows x 2 vectors), 2 of B, 1 broadcast of A: 15 of 16 ymm.
 *             6 row pointers, the offset common to them, B, what is asked for ahead, two steps and a counter: 12 of 15
 *             general.
 * Per k       12 FMA, 2 loads, 6 broadcasts (load ports only); 4 steps of k per jump. Two FMA ports take
 *             6 cycles for it, two load ports 4: FMA-bound.
 * Fewer rows  each count of rows is a kernel of its own, so a partial tile costs only its rows; up to 8 columns are
 *             tiles of one vector, whose odd steps are summed in the registers of the other one: 6 chains would not
 *             hide an FMA's latency. Their 7 loads a step then take longer than the FMAs, 3.5 cycles for 3.
 * Source      tile shape as in BLIS' haswell sgemm (Van Zee & van de Geijn, 2015).
 */
#include "kernels/avx2/tile_6x16.h"
#include "kernels/avx2/tile_8x1.h"

#include <immintrin.h>
#include <math.h>

#define MR 6
#define NR 16

/* Full unrolling is what keeps the accumulators in registers. */
#ifdef __clang__
#    define UNROLL _Pragma("clang loop unroll(full)")
#else
#    define UNROLL _Pragma("GCC unroll 8")
#endif

#define INLINE static inline __attribute__((always_inline))

/* acc += a * b in the form that overwrites acc. Left the choice, gcc overwrites a or b, moves accumulators
 * about and ends up spilling two of them. */
INLINE void fma_into(__m256 *acc, __m256 a, __m256 b)
{
    __asm__("vfmadd231ps %2, %1, %0" : "+x"(*acc) : "x"(a), "x"(b));
}

INLINE __m256i lanes_below(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* One vector of columns of all rows. Two of them, rather than an array of pairs: clang promotes these to registers. */
typedef struct column {
    __m256 row[MR];
} column;

/* Step u of k. A tile of one vector sums odd steps in the registers of the other one. */
INLINE void step(column *acc0, column *acc1, const float *const a[MR], ptrdiff_t p, const float *b, const int rows,
                 const int vectors, const int u)
{
    const __m256 b0 = _mm256_loadu_ps(b), b1 = vectors == 2 ? _mm256_loadu_ps(b + 8) : b0;
    UNROLL
    for (int i = 0; i < rows; i++) {
        const __m256 ai = _mm256_broadcast_ss(a[i] + p);
        fma_into(vectors == 1 && u % 2 == 1 ? &acc1->row[i] : &acc0->row[i], ai, b0);
        if (vectors == 2) fma_into(&acc1->row[i], ai, b1);
    }
}

/* ---------------------------------------------------------------- the end of a tile */

/* The first n lanes if `masked`, else all eight. */
INLINE __m256 load_lanes(const float *p, const int n, const bool masked)
{
    return masked ? _mm256_maskload_ps(p, lanes_below(n)) : _mm256_loadu_ps(p);
}

/* In pieces, as masked stores are slow on some CPUs, which masked loads are not. */
INLINE void store_lanes(float *p, __m256 x, const int n, const bool masked)
{
    if (!masked) {
        _mm256_storeu_ps(p, x);
        return;
    }
    __m128 rest = _mm256_castps256_ps128(x);
    if (n & 4) {
        _mm_storeu_ps(p, rest);
        rest = _mm256_extractf128_ps(x, 1);
    }
    p += n & 4;
    if (n & 2) {
        _mm_storel_pi((__m64 *)p, rest);
        rest = _mm_movehl_ps(rest, rest);
    }
    if (n & 1) _mm_store_ss(p + (n & 2), rest);
}

/* acc = act(alpha * acc + beta * C + bias) from column v of vectors. */
INLINE void evaluate(const lw_tile_pass *pass, column *acc, float *const c[MR], const int v, const int rows, const bool masked)
{
    const int lanes = pass->cols - 8 * v;
    if (pass->beta != 0.0f || pass->alpha != 1.0f) {
        const __m256 alpha = _mm256_set1_ps(pass->alpha), beta = _mm256_set1_ps(pass->beta);
        UNROLL
        for (int i = 0; i < rows; i++) {
            if (pass->beta == 0.0f) {
                acc->row[i] = _mm256_mul_ps(alpha, acc->row[i]);
                continue;
            }
            const __m256 old = load_lanes(c[i] + pass->column + 8 * v, lanes, masked);
            acc->row[i] = _mm256_fmadd_ps(alpha, acc->row[i], _mm256_mul_ps(beta, old));
        }
    }
    /* Without bias or ReLU the same two instructions do nothing. */
    const __m256 floor = _mm256_set1_ps(pass->relu ? 0.0f : -INFINITY);
    const __m256 bias = pass->bias ? load_lanes(pass->bias + 8 * v, lanes, masked) : _mm256_setzero_ps();
    UNROLL
    for (int i = 0; i < rows; i++) /* max(floor, x) in this order of operands is x when x is NaN */
        acc->row[i] = _mm256_max_ps(floor, _mm256_add_ps(acc->row[i], bias));
}

/* The last vector of columns is masked, or none. */
INLINE void finish(const lw_tile_pass *pass, const lw_tile_ending how, column *acc0, column *acc1, float *const c[MR],
                   const int rows, const int vectors, const bool masked)
{
    const ptrdiff_t at = pass->column; /* a copy: what a store may overwrite would be read again for each row */
    const int lanes = pass->cols - 8 * (vectors - 1);
    if (how == LW_TILE_GENERAL) {
        evaluate(pass, acc0, c, 0, rows, masked && vectors == 1);
        if (vectors == 2) evaluate(pass, acc1, c, 1, rows, masked);
    }
    UNROLL
    for (int i = 0; i < rows; i++) {
        float *first = c[i] + at, *last = first + 8 * (vectors - 1);
        __m256 x = acc0->row[i], y = vectors == 2 ? acc1->row[i] : x;
        if (how == LW_TILE_ACCUMULATE) {
            if (vectors == 2) x = _mm256_add_ps(x, _mm256_loadu_ps(first));
            y = _mm256_add_ps(y, load_lanes(last, lanes, masked));
        }
        if (vectors == 2) _mm256_storeu_ps(first, x);
        store_lanes(last, y, lanes, masked);
    }
}

INLINE void finish_as(const lw_tile_pass *pass, const lw_tile_ending how, column *acc0, column *acc1, float *const c[MR],
                      const int rows, const int vectors, const bool masked)
{
    switch (how) {
    case LW_TILE_OVERWRITE: finish(pass, LW_TILE_OVERWRITE, acc0, acc1, c, rows, vectors, masked); break;
    case LW_TILE_ACCUMULATE: finish(pass, LW_TILE_ACCUMULATE, acc0, acc1, c, rows, vectors, masked); break;
    default: finish(pass, LW_TILE_GENERAL, acc0, acc1, c, rows, vectors, masked);
    }
}

/* ---------------------------------------------------------------- a tile */

/* Hides where the offsets come from. Otherwise the compiler keeps an address of its own for every row and
 * unrolled step, and spills them. */
#define OPAQUE(p, b) __asm__("" : "+r"(p), "+r"(b))

INLINE void run(const lw_tile_pass *pass, const lw_tile_rows *tile, const lw_tile_ending how, const float *ahead,
                const int rows, const int vectors)
{
    const float *a[MR];
    column acc0, acc1;
    UNROLL
    for (int i = 0; i < rows; i++) {
        a[i] = tile->a[i];
        acc0.row[i] = acc1.row[i] = _mm256_setzero_ps();
        if (how != LW_TILE_OVERWRITE) _mm_prefetch((const char *)(tile->c[i] + pass->column), _MM_HINT_T0);
    }
    const ptrdiff_t a_step = pass->a_step, b_step = pass->b_step;
    for (ptrdiff_t s = 0; s < pass->segments; s++) {
        ptrdiff_t p = pass->segment[s].a, k = pass->len;
        const float *b = pass->b + pass->segment[s].b;
        for (; k >= 4; k -= 4) {
            _mm_prefetch((const char *)ahead, _MM_HINT_T0);
            ahead += LW_TILE_LINE;
            OPAQUE(ahead, b);
            UNROLL
            for (int u = 0; u < 4; u++) {
                step(&acc0, &acc1, a, p, b, rows, vectors, u);
                p += a_step;
                b += b_step;
                OPAQUE(p, b);
            }
        }
        for (; k > 0; k--) {
            step(&acc0, &acc1, a, p, b, rows, vectors, 0);
            p += a_step;
            b += b_step;
            OPAQUE(p, b);
        }
    }
    if (vectors == 1) {
        UNROLL
        for (int i = 0; i < rows; i++) acc0.row[i] = _mm256_add_ps(acc0.row[i], acc1.row[i]);
    }
    if (pass->cols == 8 * vectors)
        finish_as(pass, how, &acc0, &acc1, tile->c, rows, vectors, false);
    else
        finish_as(pass, how, &acc0, &acc1, tile->c, rows, vectors, true);
}

/* One loop for all counts of rows: what a call saves and restores is as much as the end of a tile. */
INLINE void run_all(const lw_tile_pass *pass, const lw_tile_rows *tile, int count, const int vectors)
{
    const lw_tile_ending how = lw_tile_ending_of(pass);
    const float *ahead = lw_tile_ahead_from(pass);
    for (const lw_tile_rows *end = tile + count; tile < end; tile++, ahead += pass->ahead.tile) {
        switch (tile->rows) {
        case 6: run(pass, tile, how, ahead, 6, vectors); break;
        case 5: run(pass, tile, how, ahead, 5, vectors); break;
        case 4: run(pass, tile, how, ahead, 4, vectors); break;
        case 3: run(pass, tile, how, ahead, 3, vectors); break;
        case 2: run(pass, tile, how, ahead, 2, vectors); break;
        default: run(pass, tile, how, ahead, 1, vectors); break;
        }
    }
}

static void tile_6x8(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    run_all(pass, tiles, count, 1);
}

static void tile_6x16(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    run_all(pass, tiles, count, 2);
}

static void tile_any(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    if (pass->cols <= 8)
        tile_6x8(pass, tiles, count);
    else
        tile_6x16(pass, tiles, count);
}

const lw_tile_kernel lw_tile_6x16_avx2 = {
    .mr = MR, .nr = NR, .lanes = 8, .run = tile_any, .pack_rows = lw_pack_rows_avx2,
    .pack_transposed = lw_pack_transposed_avx2, .dots = &lw_tile_8x1_avx2};
