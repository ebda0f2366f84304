/* SPDX-License-Identifier: BSD-3-Clause
 * bias.h: bias and its gradient over vec.h. Narrow rows are folded (columns.h). */
#ifndef LW_VEC_BIAS_H
#define LW_VEC_BIAS_H

#include "kernels/vec/columns.h"

/* ---------------------------------------------------------------- forward */

/* dst = src + bias for a run of n floats. */
VEC_INLINE void vec_add_run(const float *src, const float *bias, float *dst, ptrdiff_t n)
{
    ptrdiff_t i = 0;
    for (; i + VEC_BLOCK * VF_LANES <= n; i += VEC_BLOCK * VF_LANES) {
        vf x[VEC_BLOCK];
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++)
            x[u] = vf_add(vf_load(src + i + u * VF_LANES), vf_load(bias + i + u * VF_LANES));
        vf_store_block(dst + i, x);
    }
    for (; i < n; i += VF_LANES) {
        const int lanes = vec_left(n, i);
        vf_store_n(dst + i, vf_add(vf_load_n(src + i, lanes), vf_load_n(bias + i, lanes)), lanes);
    }
}

VEC_INLINE void vec_bias_fwd(lw_bias_fwd_args args, const lw_team *team)
{
    const ptrdiff_t cols = args.cols;
    if (cols == 0) return;
    float repeated[VEC_FOLDED];
    const float *bias = args.bias;
    const ptrdiff_t fold = vec_fold(args.rows, cols);
    if (fold > 1) {
        for (ptrdiff_t f = 0; f < fold; f++)
            for (ptrdiff_t i = 0; i < cols; i++) repeated[f * cols + i] = bias[i];
        bias = repeated;
    }
    const vec_range share = vec_share(team, args.rows, fold);
    const ptrdiff_t hi = share.hi;
    ptrdiff_t r = share.lo;
    for (; r < hi; r += fold) {
        const ptrdiff_t rows = hi - r < fold ? hi - r : fold;
        vec_add_run(args.src + r * cols, bias, args.dst + r * cols, rows * cols);
    }
}

/* ---------------------------------------------------------------- backward */

/* Rows are summed in chunks, whose number depends on `rows` alone: so a tall matrix of few columns gives
 * every member work, and any team gives the same bits. */
enum { VEC_CHUNKS = 64, VEC_CHUNK_ROWS = 256 };

static inline ptrdiff_t vec_chunk_rows(ptrdiff_t rows)
{
    const ptrdiff_t even = (rows + VEC_CHUNKS - 1) / VEC_CHUNKS;
    return even > VEC_CHUNK_ROWS ? even : VEC_CHUNK_ROWS;
}

static inline ptrdiff_t vec_chunks(ptrdiff_t rows)
{
    return rows == 0 ? 1 : (rows + vec_chunk_rows(rows) - 1) / vec_chunk_rows(rows);
}

static inline size_t vec_bias_bwd_workspace(const lw_bias_bwd_args *args)
{
    const ptrdiff_t chunks = vec_chunks(args->rows);
    return chunks == 1 ? 0 : (size_t)(chunks * args->cols) * sizeof(float);
}

/* As vec_sum_columns with ld == cols, in folded rows. */
static inline void vec_sum_folded(const float *src, ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t fold,
                                  float *dst)
{
    float wide[VEC_FOLDED];
    const ptrdiff_t whole = rows / fold, width = fold * cols;
    vec_sum_columns(src, width, whole, width, wide);
    vec_add_run(src + whole * width, wide, wide, (rows - whole * fold) * cols);
    vec_sum_columns(wide, cols, fold, cols, dst);
}

VEC_INLINE void vec_bias_bwd(lw_bias_bwd_args args, float *ws, const lw_team *team)
{
    const ptrdiff_t cols = args.cols, rows = args.rows, fold = cols ? vec_fold(rows, cols) : 1;
    const ptrdiff_t chunks = vec_chunks(rows), chunk_rows = vec_chunk_rows(rows);
    const ptrdiff_t blocks = fold > 1 ? 1 : (cols + VEC_COLUMN_BLOCK - 1) / VEC_COLUMN_BLOCK;
    float *sums = chunks == 1 ? args.diff_bias : ws; /* chunks x cols */

    const vec_range share = vec_share(team, chunks * blocks, 1);
    for (ptrdiff_t item = share.lo; item < share.hi; item++) {
        const ptrdiff_t chunk = item / blocks, column = item % blocks * VEC_COLUMN_BLOCK;
        const ptrdiff_t first = chunk * chunk_rows;
        const ptrdiff_t n = rows - first < chunk_rows ? rows - first : chunk_rows;
        const ptrdiff_t width = cols - column < VEC_COLUMN_BLOCK ? cols - column : VEC_COLUMN_BLOCK;
        const float *src = args.diff_dst + first * cols + column;
        float *sum = sums + chunk * cols + column;
        if (fold > 1)
            vec_sum_folded(src, n, cols, fold, sum);
        else
            vec_sum_columns(src, cols, n, width, sum);
    }
    if (chunks == 1) return;
    lw_team_sync(team);
    const vec_range columns = vec_share(team, cols, VF_LANES);
    vec_sum_columns(ws + columns.lo, cols, chunks, columns.hi - columns.lo, args.diff_bias + columns.lo);
}

#endif
