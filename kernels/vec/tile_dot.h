/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile_dot.h: a tile of one column, over vec.h, with K in the lanes. A convolution that writes few channels, such as
 * a first layer's backward-data, leaves most columns of a wide tile empty: 15 of 16 for an image of one channel.
 * Here each row is a dot product of contiguous floats, so a_step and b_step are 1.
 * Per vector of K, a load of B serves all rows, and each row costs a load and an FMA: at two loads a cycle
 * rows + 1 loads bound it, to 8/9 of half the FMA peak of AVX2 at eight rows, whose chains just cover an FMA's latency.
 */
#ifndef LW_VEC_TILE_DOT_H
#define LW_VEC_TILE_DOT_H

#include "kernels/tile.h"
#include "kernels/vec/vec.h"

#include <assert.h>

enum { VEC_DOT_ROWS = 8 };

VEC_INLINE void vec_tile_dot_step(vf *sum, const float *const *a, const float *b, ptrdiff_t at, int n)
{
    const vf w = vf_load_n(b, n);
    VEC_UNROLL
    for (int r = 0; r < VEC_DOT_ROWS; r++) sum[r] = vf_fma(vf_load_n(a[r] + at, n), w, sum[r]);
}

VEC_INLINE void vec_tile_dot(const lw_tile_pass *pass, const lw_tile_rows *t)
{
    assert(pass->a_step == 1 && pass->b_step == 1);
    const float *a[VEC_DOT_ROWS];
    vf sum[VEC_DOT_ROWS];
    VEC_UNROLL
    for (int r = 0; r < VEC_DOT_ROWS; r++) {
        a[r] = t->a[r < t->rows ? r : 0]; /* a missing row is computed again: cheaper than another form of the loop */
        sum[r] = vf_zero();
    }
    const ptrdiff_t len = pass->len;
    for (ptrdiff_t s = 0; s < pass->segments; s++) {
        const float *b = pass->b + pass->segment[s].b;
        ptrdiff_t at = pass->segment[s].a, k = 0;
        for (; k + VF_LANES <= len; k += VF_LANES) vec_tile_dot_step(sum, a, b + k, at + k, VF_LANES);
        if (k < len) vec_tile_dot_step(sum, a, b + k, at + k, vec_left(len, k));
    }
    float dot[VEC_DOT_ROWS];
    vf_sum_8(dot, sum);
    /* Copies: what a store to C may overwrite would be read again for each row. */
    const float alpha = pass->alpha, beta = pass->beta, bias = pass->bias ? *pass->bias : 0.0f;
    const ptrdiff_t column = pass->column;
    const bool relu = pass->relu;
    for (int r = 0, rows = t->rows; r < rows; r++) {
        float *c = t->c[r] + column, value = alpha * dot[r] + bias;
        if (beta != 0.0f) value += beta * *c;
        *c = relu && value < 0 ? 0.0f : value;
    }
}

/* ---------------------------------------------------------------- the functions of a lw_tile_kernel */

static void vec_tile_dot_run(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    for (int t = 0; t < count; t++) vec_tile_dot(pass, &tiles[t]);
}

static void vec_tile_dot_pack_rows(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, int width)
{
    assert(cols == 1 && width == 1);
    (void)cols, (void)width;
    for (ptrdiff_t p = 0; p < k; p++) dst[p] = src[p * ld];
}

/* A column of B that is a row of its source: as it lies. */
static void vec_tile_dot_pack_transposed(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    assert(rows == 1 && width == 1);
    (void)ld, (void)rows, (void)width;
    ptrdiff_t p = 0;
    for (; p + VF_LANES <= k; p += VF_LANES) vf_store(dst + p, vf_load(src + p));
    for (; p < k; p++) dst[p] = src[p];
}

#endif
