/* SPDX-License-Identifier: BSD-3-Clause
 * tile_8x1.c: dot products of vec/, eight side by side. */
#include "kernels/avx2/tile_8x1.h"

#include "kernels/vec/tile_dot.h"

static void run(const lw_tile_pass *pass, const lw_tile_rows *rows)
{
    vec_tile_dot(pass, rows);
}

static void pack_rows(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, int width)
{
    assert(cols == 1 && width == 1);
    (void)cols, (void)width;
    for (ptrdiff_t p = 0; p < k; p++) dst[p] = src[p * ld];
}

static void pack_transposed(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    assert(rows == 1 && width == 1);
    (void)ld, (void)rows, (void)width;
    vec_pack_column(dst, src, k);
}

const lw_tile_kernel lw_tile_8x1_avx2 = {
    .mr = VEC_DOT_ROWS, .nr = 1, .run = run, .pack_rows = pack_rows, .pack_transposed = pack_transposed};
