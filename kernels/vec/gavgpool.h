/* SPDX-License-Identifier: BSD-3-Clause
 * gavgpool.h: global average pooling over vec.h: per image, the mean of each column. */
#ifndef LW_VEC_GAVGPOOL_H
#define LW_VEC_GAVGPOOL_H

#include "kernels/vec/columns.h"

VEC_INLINE void vec_gavgpool_fwd(lw_gavgpool_fwd_args args, const lw_team *team)
{
    const ptrdiff_t c = args.c, hw = args.hw;
    const ptrdiff_t blocks = (c + VEC_COLUMN_BLOCK - 1) / VEC_COLUMN_BLOCK;
    const vf positions = vf_set1((float)hw);
    const vec_range share = vec_share(team, args.mb * blocks, 1);
    for (ptrdiff_t item = share.lo; item < share.hi; item++) {
        const ptrdiff_t image = item / blocks, first = item % blocks * VEC_COLUMN_BLOCK;
        const ptrdiff_t cols = c - first < VEC_COLUMN_BLOCK ? c - first : VEC_COLUMN_BLOCK;
        float *dst = args.dst + image * c + first;
        vec_sum_columns(args.src + image * hw * c + first, c, hw, cols, dst);
        for (ptrdiff_t i = 0; i < cols; i += VF_LANES) {
            const int n = vec_left(cols, i);
            vf_store_n(dst + i, vf_div(vf_load_n(dst + i, n), positions), n);
        }
    }
}

/* The mean's share of each channel, then of each again: a fold of positions, so that narrow pixels fill
 * vectors. */
VEC_INLINE void vec_gavgpool_spread(const float *diff_dst, ptrdiff_t c, ptrdiff_t hw, float *diff_src)
{
    const vf positions = vf_set1((float)hw);
    for (ptrdiff_t i = 0; i < c; i += VF_LANES) {
        const int n = vec_left(c, i);
        vf_store_n(diff_src + i, vf_div(vf_load_n(diff_dst + i, n), positions), n);
    }
    const ptrdiff_t width = vec_fold(hw, c) * c;
    for (ptrdiff_t i = c; i < width; i++) diff_src[i] = diff_src[i - c];
    for (ptrdiff_t p = width; p < hw * c; p += width)
        for (ptrdiff_t i = 0; i < width && p + i < hw * c; i += VF_LANES) {
            const ptrdiff_t end = width - i < hw * c - p - i ? width : hw * c - p;
            const int n = vec_left(end, i);
            vf_store_n(diff_src + p + i, vf_load_n(diff_src + i, n), n);
        }
}

VEC_INLINE void vec_gavgpool_bwd(lw_gavgpool_bwd_args args, const lw_team *team)
{
    const ptrdiff_t c = args.c, hw = args.hw;
    const vec_range share = vec_share(team, args.mb, 1);
    for (ptrdiff_t image = share.lo; image < share.hi; image++)
        vec_gavgpool_spread(args.diff_dst + image * c, c, hw, args.diff_src + image * hw * c);
}

#endif
