/* SPDX-License-Identifier: BSD-3-Clause
 *
 * columns.h: what ops on the columns of a matrix share, over vec.h.
 * Sums: every column is summed from the first row to the last, so its order does not depend on how columns are
 *   shared out. Narrow matrices keep their sums in registers all the way. Wide ones would be walked in strides so,
 *   which defeats the prefetchers; their sums stay in L1 while four rows at a time are streamed past them.
 * Folding: rows narrower than VEC_COLUMNS waste lanes and leave chains of additions short of work, so `fold`
 *   consecutive rows of a dense matrix are taken as one wide row of whole vectors.
 */
#ifndef LW_VEC_COLUMNS_H
#define LW_VEC_COLUMNS_H

#include "kernels/vec/vec.h"

enum {
    VEC_COLUMNS = 8 * VF_LANES, /* summed together: eight chains cover the latency of an addition */
    VEC_COLUMN_BLOCK = 512,     /* shared out together; a multiple of VEC_COLUMNS */
    VEC_LINE = 16,              /* floats of a cache line */
    VEC_ROWS = 4                /* streamed together */
};

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

/* A vector of dst, plus the same columns of `rows` rows, one after the other. */
VEC_INLINE vf vec_add_rows_at(const float *src, ptrdiff_t ld, const float *dst, const int rows)
{
    vf sum = vf_load(dst);
    VEC_UNROLL
    for (int r = 0; r < rows; r++) sum = vf_add(sum, vf_load(src + r * ld));
    return sum;
}

/* dst[c] += `rows` rows. The rows after these are asked for here: four short streams are more than a hardware
 * prefetcher follows. */
VEC_INLINE void vec_add_rows(const float *src, ptrdiff_t ld, ptrdiff_t cols, float *dst, const int rows)
{
    ptrdiff_t i = 0;
    for (; i + VEC_BLOCK * VF_LANES <= cols; i += VEC_BLOCK * VF_LANES) {
        vf sum[VEC_BLOCK];
        for (int r = rows; r < 2 * rows; r++)
            for (int u = 0; u < VEC_BLOCK * VF_LANES; u += VEC_LINE) __builtin_prefetch(src + r * ld + i + u);
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++)
            sum[u] = vec_add_rows_at(src + i + u * VF_LANES, ld, dst + i + u * VF_LANES, rows);
        vf_store_block(dst + i, sum);
    }
    for (; i + VF_LANES <= cols; i += VF_LANES) vf_store(dst + i, vec_add_rows_at(src + i, ld, dst + i, rows));
    const int n = (int)(cols - i);
    if (n == 0) return;
    vf sum = vf_load_n(dst + i, n);
    for (int r = 0; r < rows; r++) sum = vf_add(sum, vf_load_n(src + r * ld + i, n));
    vf_store_n(dst + i, sum, n);
}

static inline void vec_sum_wide(const float *src, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t cols, float *dst)
{
    for (ptrdiff_t i = 0; i < cols; i += VF_LANES) vf_store_n(dst + i, vf_zero(), vec_left(cols, i));
    ptrdiff_t r = 0;
    for (; r + VEC_ROWS <= rows; r += VEC_ROWS) vec_add_rows(src + r * ld, ld, cols, dst, VEC_ROWS);
    for (; r < rows; r++) vec_add_rows(src + r * ld, ld, cols, dst, 1);
}

static inline void vec_sum_narrow(const float *src, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t cols, float *dst)
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

/* dst[c] = sum_r src[r*ld + c] for c < cols. */
static inline void vec_sum_columns(const float *src, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t cols, float *dst)
{
    if (cols > VEC_COLUMNS)
        vec_sum_wide(src, ld, rows, cols, dst);
    else
        vec_sum_narrow(src, ld, rows, cols, dst);
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
