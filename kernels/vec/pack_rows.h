/* SPDX-License-Identifier: BSD-3-Clause
 * pack_rows.h: rows side by side in a panel of constant width, over vec.h. */
#ifndef LW_VEC_PACK_ROWS_H
#define LW_VEC_PACK_ROWS_H

#include "kernels/tile.h"
#include "kernels/vec/vec.h"

VEC_INLINE int vec_pack_clip(int n)
{
    return n < 0 ? 0 : n > VF_LANES ? VF_LANES : n;
}

/* One row; `last` writes nothing past the width. */
VEC_INLINE void vec_pack_row(float *dst, const float *src, int cols, const int width, const bool last)
{
    VEC_UNROLL
    for (int j = 0; j < width; j += VF_LANES) {
        const vf x = vf_load_n(src + j, vec_pack_clip(cols - j));
        if (last)
            vf_store_n(dst + j, x, vec_pack_clip(width - j));
        else
            vf_store(dst + j, x); /* the next row writes over what is too much: masked stores are slow on some CPUs */
    }
}

/* Whole panels side by side, row by row: lines of a row that are neighbours come together, and the more of a row is read at
 * a time, the fewer lines that meet in one set of L1 are under way. */
VEC_INLINE void vec_pack_panels(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, const int panels,
                                const int width)
{
    for (ptrdiff_t p = 0; p < k - 1; p++)
        VEC_UNROLL
        for (int q = 0; q < panels; q++)
            vec_pack_row(dst + (q * k + p) * width, src + p * ld + q * width, width, width, false);
    for (int q = 0; q < panels; q++)
        vec_pack_row(dst + (q * k + k - 1) * width, src + (k - 1) * ld + q * width, width, width, true);
}

VEC_INLINE void vec_pack_part(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, const int width)
{
    for (ptrdiff_t p = 0; p < k - 1; p++) vec_pack_row(dst + p * width, src + p * ld, cols, width, false);
    vec_pack_row(dst + (k - 1) * width, src + (k - 1) * ld, cols, width, true);
}

/* lw_pack_rows_fn of one width. */
VEC_INLINE void vec_pack_rows(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, const int width)
{
    if (k == 0) return;
    const int together = LW_TILE_PANELS * width;
    for (; cols >= together; cols -= together, src += together, dst += together * k)
        vec_pack_panels(dst, src, ld, k, LW_TILE_PANELS, width);
    for (; cols >= width; cols -= width, src += width, dst += width * k) vec_pack_panels(dst, src, ld, k, 1, width);
    if (cols > 0) vec_pack_part(dst, src, ld, k, cols, width);
}

#endif
