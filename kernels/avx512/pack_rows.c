/* SPDX-License-Identifier: BSD-3-Clause
 * pack_rows.c: panels as the 8 x 32 tile reads them, by rows; of vec/. */
#include "kernels/avx512/tile_8x32.h"

#include "kernels/vec/pack_rows.h"

#include <assert.h>

void lw_pack_rows_avx512(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, int width)
{
    assert(width == 8 || width == 32);
    if (width == 32)
        vec_pack_rows(dst, src, ld, k, cols, 32);
    else
        vec_pack_rows(dst, src, ld, k, cols, 8);
}
