/* SPDX-License-Identifier: BSD-3-Clause
 * pack_rows.h: rows side by side in a panel of constant width, over vec.h. */
#ifndef LW_VEC_PACK_ROWS_H
#define LW_VEC_PACK_ROWS_H

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

/* lw_pack_rows_fn of one width. */
VEC_INLINE void vec_pack_rows(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, const int width)
{
    if (k == 0) return;
    ptrdiff_t p = 0;
    if (cols == width) /* without masks */
        for (; p < k - 1; p++) vec_pack_row(dst + p * width, src + p * ld, width, width, false);
    for (; p < k - 1; p++) vec_pack_row(dst + p * width, src + p * ld, cols, width, false);
    vec_pack_row(dst + p * width, src + p * ld, cols, width, true);
}

#endif
