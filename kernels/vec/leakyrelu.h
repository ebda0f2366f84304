/* SPDX-License-Identifier: BSD-3-Clause
 * leakyrelu.h: leaky ReLU, forward and backward, over vec.h. */
#ifndef LW_VEC_LEAKYRELU_H
#define LW_VEC_LEAKYRELU_H

#include "kernels/vec/vec.h"

VEC_INLINE vf vec_leakyrelu_fwd_at(const lw_leakyrelu_fwd_args *args, vf slope, ptrdiff_t i, int n)
{
    const vf x = vf_load_n(args->src + i, n);
    return vf_select(vf_le(vf_zero(), x), x, vf_mul(slope, x)); /* -0 is not below 0 and stays */
}

VEC_INLINE void vec_leakyrelu_fwd_range(lw_leakyrelu_fwd_args args, ptrdiff_t i, ptrdiff_t hi, const bool far)
{
    const vf slope = vf_set1(args.slope);
    for (; i + VEC_BLOCK * VF_LANES <= hi; i += VEC_BLOCK * VF_LANES) {
        vf x[VEC_BLOCK];
        if (far) vec_prefetch_block(args.src + i);
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++) x[u] = vec_leakyrelu_fwd_at(&args, slope, i + u * VF_LANES, VF_LANES);
        vf_store_block(args.dst + i, x);
    }
    for (; i < hi; i += VF_LANES) {
        const int n = vec_left(hi, i);
        vf_store_n(args.dst + i, vec_leakyrelu_fwd_at(&args, slope, i, n), n);
    }
}

VEC_INLINE void vec_leakyrelu_fwd(lw_leakyrelu_fwd_args args, const lw_team *team)
{
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    if (vec_is_far(share, 2))
        vec_leakyrelu_fwd_range(args, share.lo, share.hi, true);
    else
        vec_leakyrelu_fwd_range(args, share.lo, share.hi, false);
}

VEC_INLINE vf vec_leakyrelu_bwd_at(const lw_leakyrelu_bwd_args *args, vf slope, ptrdiff_t i, int n)
{
    const vf g = vf_load_n(args->diff_dst + i, n);
    return vf_select(vf_le(vf_load_n(args->dst + i, n), vf_zero()), vf_mul(slope, g), g);
}

VEC_INLINE void vec_leakyrelu_bwd_range(lw_leakyrelu_bwd_args args, ptrdiff_t i, ptrdiff_t hi, const bool far)
{
    const vf slope = vf_set1(args.slope);
    for (; i + VEC_BLOCK * VF_LANES <= hi; i += VEC_BLOCK * VF_LANES) {
        vf g[VEC_BLOCK];
        if (far) {
            vec_prefetch_block(args.dst + i);
            vec_prefetch_block(args.diff_dst + i);
        }
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++) g[u] = vec_leakyrelu_bwd_at(&args, slope, i + u * VF_LANES, VF_LANES);
        vf_store_block(args.diff_src + i, g);
    }
    for (; i < hi; i += VF_LANES) {
        const int n = vec_left(hi, i);
        vf_store_n(args.diff_src + i, vec_leakyrelu_bwd_at(&args, slope, i, n), n);
    }
}

VEC_INLINE void vec_leakyrelu_bwd(lw_leakyrelu_bwd_args args, const lw_team *team)
{
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    if (vec_is_far(share, 3))
        vec_leakyrelu_bwd_range(args, share.lo, share.hi, true);
    else
        vec_leakyrelu_bwd_range(args, share.lo, share.hi, false);
}

#endif
