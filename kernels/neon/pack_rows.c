/* SPDX-License-Identifier: BSD-3-Clause
 * pack_rows.c: panels as the 8 x 12 tile reads them, by rows; of vec/. */
#include "kernels/neon/tile_8x12.h"

#include "kernels/vec/pack_rows.h"

#include <assert.h>

void lw_pack_rows_neon(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, int width)
{
    assert(width == 8 || width == 12);
    if (width == 12)
        vec_pack_rows(dst, src, ld, k, cols, 12);
    else
        vec_pack_rows(dst, src, ld, k, cols, 8);
}
