/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile_8x12.c: the 8 x 12 register tile, AArch64 NEON.
 *
 * Registers   24 accumulators (8 rows x 3 vectors), 3 of B, 2 of A (4 rows in the lanes of each): 29 of 32.
 *             8 row pointers, B, two steps and a counter: 12 of 30 general.
 * Two loops   Rows that lie one after another (a packed panel, the weights of a tap) are loaded four at a time
 *             and multiplied lane by lane: per k 24 FMA, 3 + 2 loads. Rows with an address of their own (windows
 *             of an image) are loaded one float at a time, into lane 0: 3 + 8 loads, no broadcast either way.
 *             Two FMA pipes take 12 cycles for it, two load pipes 5.5: FMA-bound.
 * Fewer rows  each count of rows is a kernel of its own, so a partial tile costs only its rows; columns are
 *             merged through single lanes, so nothing past a row's end is touched.
 * Source      tile shape as in OpenBLAS' and BLIS' armv8a sgemm (Van Zee & van de Geijn, 2015).
 */
#include "kernels/neon/tile_8x12.h"
#include "kernels/neon/tile_8x1.h"

#include <arm_neon.h>
#include <math.h>

#define MR 8
#define NR 12
#define NV (NR / 4)

/* Full unrolling is what keeps the accumulators in registers. */
#ifdef __clang__
#    define UNROLL _Pragma("clang loop unroll(full)")
#else
#    define UNROLL _Pragma("GCC unroll 8")
#endif

#define INLINE static inline __attribute__((always_inline))

/* vfmaq_laneq_f32 wants a literal lane. */
INLINE float32x4_t fma_lane(float32x4_t acc, float32x4_t b, float32x4_t a, const int lane)
{
    switch (lane) {
    case 0: return vfmaq_laneq_f32(acc, b, a, 0);
    case 1: return vfmaq_laneq_f32(acc, b, a, 1);
    case 2: return vfmaq_laneq_f32(acc, b, a, 2);
    default: return vfmaq_laneq_f32(acc, b, a, 3);
    }
}

/* All rows of a whole tile side by side at `a`. */
INLINE void step_together(float32x4_t acc[MR][NV], const float *a, const float *b)
{
    const float32x4_t a0 = vld1q_f32(a), a1 = vld1q_f32(a + 4);
    UNROLL
    for (int v = 0; v < NV; v++) {
        const float32x4_t bv = vld1q_f32(b + 4 * v);
        UNROLL
        for (int i = 0; i < MR; i++) acc[i][v] = fma_lane(acc[i][v], bv, i < 4 ? a0 : a1, i % 4);
    }
}

/* Four rows at a time: left to it, the compiler loads all eight floats first, which with the accumulators and B are more
 * than 32 registers. No load crosses this. */
#define IN_ORDER() __asm__ volatile("" ::: "memory")

INLINE void step_apart(float32x4_t acc[MR][NV], const float *const a[MR], ptrdiff_t p, const float *b, const int rows)
{
    const float32x4_t b0 = vld1q_f32(b), b1 = vld1q_f32(b + 4), b2 = vld1q_f32(b + 8);
    UNROLL
    for (int i = 0; i < rows; i++) {
        if (i == 4) IN_ORDER();
        const float32x2_t ai = vset_lane_f32(a[i][p], vdup_n_f32(0.0f), 0);
        acc[i][0] = vfmaq_lane_f32(acc[i][0], b0, ai, 0);
        acc[i][1] = vfmaq_lane_f32(acc[i][1], b1, ai, 0);
        acc[i][2] = vfmaq_lane_f32(acc[i][2], b2, ai, 0);
    }
}

/* The first n lanes of a vector at p; at least 1. */
INLINE float32x4_t load_lanes(const float *p, int n)
{
    if (n >= 4) return vld1q_f32(p);
    float32x4_t x = vsetq_lane_f32(p[0], vdupq_n_f32(0.0f), 0);
    if (n > 1) x = vld1q_lane_f32(p + 1, x, 1);
    if (n > 2) x = vld1q_lane_f32(p + 2, x, 2);
    return x;
}

INLINE void store_lanes(float *p, float32x4_t x, int n)
{
    if (n >= 4) {
        vst1q_f32(p, x);
        return;
    }
    vst1q_lane_f32(p, x, 0);
    if (n > 1) vst1q_lane_f32(p + 1, x, 1);
    if (n > 2) vst1q_lane_f32(p + 2, x, 2);
}

/* C = act(alpha * acc + beta * C + bias) of one vector. */
INLINE void finish_vector(const lw_tile_pass *pass, float32x4_t x, float *c, int v, int n)
{
    if (pass->alpha != 1.0f) x = vmulq_n_f32(x, pass->alpha);
    if (pass->beta != 0.0f) x = vfmaq_n_f32(x, load_lanes(c, n), pass->beta);
    if (pass->bias) x = vaddq_f32(x, load_lanes(pass->bias + 4 * v, n));
    /* A select, because fmax of NaN and of zeros is not x < 0 ? 0 : x. */
    if (pass->relu) x = vbslq_f32(vcltzq_f32(x), vdupq_n_f32(0.0f), x);
    store_lanes(c, x, n);
}

INLINE void finish(const lw_tile_pass *pass, float32x4_t acc[MR][NV], float *const c[MR], const int rows)
{
    UNROLL
    for (int v = 0; v < NV; v++) {
        const int n = pass->cols - 4 * v;
        if (n <= 0) return;
        UNROLL
        for (int i = 0; i < rows; i++) finish_vector(pass, acc[i][v], c[i] + pass->column + 4 * v, v, n);
    }
}

INLINE void run(const lw_tile_pass *pass, const lw_tile_rows *tile, const int rows, const bool together)
{
    const float *a[MR];
    float32x4_t acc[MR][NV];
    UNROLL
    for (int i = 0; i < rows; i++) {
        a[i] = tile->a[i];
        UNROLL
        for (int v = 0; v < NV; v++) acc[i][v] = vdupq_n_f32(0.0f);
        __builtin_prefetch(tile->c[i] + pass->column, 1);
    }
    const ptrdiff_t a_step = pass->a_step, b_step = pass->b_step;
    for (ptrdiff_t s = 0; s < pass->segments; s++) {
        ptrdiff_t p = pass->segment[s].a;
        const float *b = pass->b + pass->segment[s].b;
        for (ptrdiff_t k = pass->len; k > 0; k--, p += a_step, b += b_step) {
            if (together)
                step_together(acc, a[0] + p, b);
            else
                step_apart(acc, a, p, b, rows);
        }
    }
    finish(pass, acc, tile->c, rows);
}

static bool rows_together(const lw_tile_rows *tile)
{
    for (int i = 1; i < MR; i++)
        if (tile->a[i] != tile->a[0] + i) return false;
    return true;
}

/* Not into the loop over tiles: a function of a thousand branches that all lead back is nothing a reader, or the check
 * of the objects, could follow; and a call costs little beside a tile here. */
__attribute__((noinline)) static void run_any(const lw_tile_pass *pass, const lw_tile_rows *tile)
{
    switch (tile->rows) {
    case 8:
        if (rows_together(tile))
            run(pass, tile, 8, true);
        else
            run(pass, tile, 8, false);
        break;
    case 7: run(pass, tile, 7, false); break;
    case 6: run(pass, tile, 6, false); break;
    case 5: run(pass, tile, 5, false); break;
    case 4: run(pass, tile, 4, false); break;
    case 3: run(pass, tile, 3, false); break;
    case 2: run(pass, tile, 2, false); break;
    default: run(pass, tile, 1, false); break;
    }
}

static void tile_8x12(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    for (int t = 0; t < count; t++) run_any(pass, &tiles[t]);
}

const lw_tile_kernel lw_tile_8x12_neon = {
    .mr = MR, .nr = NR, .lanes = NR, .run = tile_8x12, .pack_rows = lw_pack_rows_neon,
    .pack_transposed = lw_pack_transposed_neon, .dots = &lw_tile_8x1_neon};
