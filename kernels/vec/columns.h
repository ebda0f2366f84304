/* SPDX-License-Identifier: BSD-3-Clause
 *
 * columns.h: what ops on the columns of a matrix share, over vec.h.
 * Sums: a sum stays in one register from the first row to the last, so its order does not depend on how
 *   columns are shared out.
 * Folding: rows narrower than VEC_COLUMNS waste lanes and leave chains of additions short of work, so `fold`
 *   consecutive rows of a dense matrix are taken as one wide row of whole vectors.
 */
#ifndef LW_VEC_COLUMNS_H
#define LW_VEC_COLUMNS_H

#include "kernels/vec/vec.h"

enum { VEC_COLUMNS = 8 * VF_LANES }; /* summed together: eight chains cover the latency of an addition */

/* `count` vectors of columns, the last one n lanes wide. */
VEC_INLINE void vec_sum_columns_block(const float *src, ptrdiff_t ld, ptrdiff_t rows, float *dst,
                                      const int count, int n)
{
    vf sum[8];
    VEC_UNROLL
    for (int u = 0; u < count; u++) sum[u] = vf_zero();
    for (ptrdiff_t r = 0; r < rows; r++) {
        VEC_UNROLL
        for (int u = 0; u < count; u++) {
            const int lanes = u == count - 1 ? n : VF_LANES;
            sum[u] = vf_add(sum[u], vf_load_n(src + r * ld + u * VF_LANES, lanes));
        }
    }
    VEC_UNROLL
    for (int u = 0; u < count; u++) vf_store_n(dst + u * VF_LANES, sum[u], u == count - 1 ? n : VF_LANES);
}

/* dst[c] = sum_r src[r*ld + c] for c < cols. */
static inline void vec_sum_columns(const float *src, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t cols, float *dst)
{
    ptrdiff_t i = 0;
    for (; i + 8 * VF_LANES <= cols; i += 8 * VF_LANES)
        vec_sum_columns_block(src + i, ld, rows, dst + i, 8, VF_LANES);
    for (; i + 4 * VF_LANES <= cols; i += 4 * VF_LANES)
        vec_sum_columns_block(src + i, ld, rows, dst + i, 4, VF_LANES);
    for (; i + VF_LANES < cols; i += 2 * VF_LANES)
        vec_sum_columns_block(src + i, ld, rows, dst + i, 2, vec_left(cols, i + VF_LANES));
    if (i < cols) vec_sum_columns_block(src + i, ld, rows, dst + i, 1, vec_left(cols, i));
}

/* A fold is a power of two. Rows of VEC_FOLD_BELOW columns and more are not folded: their last, partial
 * vector is one among many. Folded rows hold no more than VEC_FOLDED floats. */
enum { VEC_FOLD_BELOW = 4 * VEC_COLUMNS, VEC_FOLDED = VF_LANES * VEC_FOLD_BELOW };

static inline ptrdiff_t vec_fold(ptrdiff_t rows, ptrdiff_t cols)
{
    if (cols >= VEC_FOLD_BELOW) return 1;
    ptrdiff_t fold = 1;
    while (fold * cols < VEC_COLUMNS || fold * cols % VF_LANES != 0) fold *= 2;
    return rows < fold ? 1 : fold;
}

#endif
