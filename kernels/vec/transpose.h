/* SPDX-License-Identifier: BSD-3-Clause
 * transpose.h: a matrix transposed in blocks of registers, over vec.h. */
#ifndef LW_VEC_TRANSPOSE_H
#define LW_VEC_TRANSPOSE_H

#include "kernels/vec/vec.h"

/* dst[c*dst_ld + r] = src[r*src_ld + c] for r < rows, c < cols. */
static inline void vec_transpose(const float *src, ptrdiff_t src_ld, ptrdiff_t rows, ptrdiff_t cols, float *dst,
                                 ptrdiff_t dst_ld)
{
    for (ptrdiff_t r = 0; r < rows; r += VF_LANES) {
        const int height = vec_left(rows, r);
        for (ptrdiff_t c = 0; c < cols; c += VF_LANES) {
            const int width = vec_left(cols, c);
            vf block[VF_LANES];
            VEC_UNROLL
            for (int i = 0; i < VF_LANES; i++)
                block[i] = i < height ? vf_load_n(src + (r + i) * src_ld + c, width) : vf_zero();
            vf_transpose(block);
            VEC_UNROLL
            for (int i = 0; i < VF_LANES; i++)
                if (i < width) vf_store_n(dst + (c + i) * dst_ld + r, block[i], height);
        }
    }
}

#endif
