/* SPDX-License-Identifier: BSD-3-Clause
 * pack_rows.c: panels as the 6 x 16 tile reads them, by rows; of vec/. */
#include "kernels/avx2/tile_6x16.h"

#include "kernels/vec/pack_rows.h"

#include <assert.h>

void lw_pack_rows_avx2(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, int width)
{
    assert(width == 6 || width == 16);
    if (width == 16)
        vec_pack_rows(dst, src, ld, k, cols, 16);
    else
        vec_pack_rows(dst, src, ld, k, cols, 6);
}
