/* SPDX-License-Identifier: BSD-3-Clause
 * normalize_u8.h: pixels to floats over vec.h. */
#ifndef LW_VEC_NORMALIZE_U8_H
#define LW_VEC_NORMALIZE_U8_H

#include "kernels/vec/vec.h"

VEC_INLINE vf vec_normalize_u8_at(const lw_normalize_u8_args *args, vf scale, vf shift, ptrdiff_t i, int n)
{
    return vf_fma(vi_to_float(vi_load_u8_n(args->src + i, n)), scale, shift);
}

VEC_INLINE void vec_normalize_u8(lw_normalize_u8_args args, const lw_team *team)
{
    const vf scale = vf_set1(args.scale), shift = vf_set1(args.shift);
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    const ptrdiff_t hi = share.hi;
    ptrdiff_t i = share.lo;
    for (; i + VEC_BLOCK * VF_LANES <= hi; i += VEC_BLOCK * VF_LANES) {
        vf x[VEC_BLOCK];
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++)
            x[u] = vec_normalize_u8_at(&args, scale, shift, i + u * VF_LANES, VF_LANES);
        vf_store_block(args.dst + i, x);
    }
    for (; i < hi; i += VF_LANES) {
        const int n = vec_left(hi, i);
        vf_store_n(args.dst + i, vec_normalize_u8_at(&args, scale, shift, i, n), n);
    }
}

#endif
