/* SPDX-License-Identifier: BSD-3-Clause
 * add.h: element-wise sum over vec.h. */
#ifndef LW_VEC_ADD_H
#define LW_VEC_ADD_H

#include "kernels/vec/vec.h"

VEC_INLINE vf vec_add_at(const lw_add_args *args, ptrdiff_t i, int n)
{
    return vf_add(vf_load_n(args->a + i, n), vf_load_n(args->b + i, n));
}

VEC_INLINE void vec_add_range(lw_add_args args, ptrdiff_t i, ptrdiff_t hi, const bool far)
{
    for (; i + VEC_BLOCK * VF_LANES <= hi; i += VEC_BLOCK * VF_LANES) {
        vf x[VEC_BLOCK];
        if (far) {
            vec_prefetch_block(args.a + i);
            vec_prefetch_block(args.b + i);
        }
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++) x[u] = vec_add_at(&args, i + u * VF_LANES, VF_LANES);
        vf_store_block(args.dst + i, x);
    }
    for (; i < hi; i += VF_LANES) {
        const int n = vec_left(hi, i);
        vf_store_n(args.dst + i, vec_add_at(&args, i, n), n);
    }
}

VEC_INLINE void vec_add(lw_add_args args, const lw_team *team)
{
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    if (vec_is_far(share, 3))
        vec_add_range(args, share.lo, share.hi, true);
    else
        vec_add_range(args, share.lo, share.hi, false);
}

#endif
