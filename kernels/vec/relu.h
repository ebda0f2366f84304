/* SPDX-License-Identifier: BSD-3-Clause
 * relu.h: ReLU, forward and backward, over vec.h. */
#ifndef LW_VEC_RELU_H
#define LW_VEC_RELU_H

#include "kernels/vec/vec.h"

VEC_INLINE vf vec_relu_fwd_at(const lw_relu_fwd_args *args, ptrdiff_t i, int n)
{
    return vf_max(vf_zero(), vf_load_n(args->src + i, n)); /* in this order of operands NaN and -0 stay */
}

VEC_INLINE void vec_relu_fwd_range(lw_relu_fwd_args args, ptrdiff_t i, ptrdiff_t hi, const bool far)
{
    for (; i + VEC_BLOCK * VF_LANES <= hi; i += VEC_BLOCK * VF_LANES) {
        vf x[VEC_BLOCK];
        if (far) vec_prefetch_block(args.src + i);
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++) x[u] = vec_relu_fwd_at(&args, i + u * VF_LANES, VF_LANES);
        vf_store_block(args.dst + i, x);
    }
    for (; i < hi; i += VF_LANES) {
        const int n = vec_left(hi, i);
        vf_store_n(args.dst + i, vec_relu_fwd_at(&args, i, n), n);
    }
}

VEC_INLINE void vec_relu_fwd(lw_relu_fwd_args args, const lw_team *team)
{
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    if (vec_is_far(share, 2))
        vec_relu_fwd_range(args, share.lo, share.hi, true);
    else
        vec_relu_fwd_range(args, share.lo, share.hi, false);
}

VEC_INLINE vf vec_relu_bwd_at(const lw_relu_bwd_args *args, ptrdiff_t i, int n)
{
    const vm off = vf_le(vf_load_n(args->dst + i, n), vf_zero());
    return vf_clear(off, vf_load_n(args->diff_dst + i, n));
}

VEC_INLINE void vec_relu_bwd_range(lw_relu_bwd_args args, ptrdiff_t i, ptrdiff_t hi, const bool far)
{
    for (; i + VEC_BLOCK * VF_LANES <= hi; i += VEC_BLOCK * VF_LANES) {
        vf x[VEC_BLOCK];
        if (far) {
            vec_prefetch_block(args.dst + i);
            vec_prefetch_block(args.diff_dst + i);
        }
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++) x[u] = vec_relu_bwd_at(&args, i + u * VF_LANES, VF_LANES);
        vf_store_block(args.diff_src + i, x);
    }
    for (; i < hi; i += VF_LANES) {
        const int n = vec_left(hi, i);
        vf_store_n(args.diff_src + i, vec_relu_bwd_at(&args, i, n), n);
    }
}

VEC_INLINE void vec_relu_bwd(lw_relu_bwd_args args, const lw_team *team)
{
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    if (vec_is_far(share, 3))
        vec_relu_bwd_range(args, share.lo, share.hi, true);
    else
        vec_relu_bwd_range(args, share.lo, share.hi, false);
}

#endif
