/* SPDX-License-Identifier: BSD-3-Clause
 * sgd.h: a step of SGD over vec.h. Its three forms are compiled apart, so none tests flags per element. */
#ifndef LW_VEC_SGD_H
#define LW_VEC_SGD_H

#include "kernels/vec/vec.h"

typedef struct vec_sgd_factors {
    vf lr, momentum, decay;
} vec_sgd_factors;

VEC_INLINE void vec_sgd_at(const lw_sgd_args *args, const vec_sgd_factors *f, const bool momentum,
                           const bool nesterov, ptrdiff_t i, int n)
{
    const vf w = vf_load_n(args->w + i, n);
    const vf g = vf_fma(f->decay, w, vf_load_n(args->grad + i, n));
    vf direction = g;
    if (momentum) {
        const vf v = vf_fma(f->momentum, vf_load_n(args->velocity + i, n), g);
        vf_store_n(args->velocity + i, v, n);
        direction = nesterov ? vf_fma(f->momentum, v, g) : v;
    }
    vf_store_n(args->w + i, vf_fnma(f->lr, direction, w), n);
}

VEC_INLINE void vec_sgd_form(const lw_sgd_args *args, const bool momentum, const bool nesterov, ptrdiff_t i,
                             ptrdiff_t hi)
{
    const vec_sgd_factors f = {vf_set1(args->lr), vf_set1(args->momentum), vf_set1(args->weight_decay)};
    for (; i + VEC_BLOCK * VF_LANES <= hi; i += VEC_BLOCK * VF_LANES) {
        VEC_UNROLL
        for (int u = 0; u < VEC_BLOCK; u++)
            vec_sgd_at(args, &f, momentum, nesterov, i + u * VF_LANES, VF_LANES);
    }
    for (; i < hi; i += VF_LANES) vec_sgd_at(args, &f, momentum, nesterov, i, vec_left(hi, i));
}

VEC_INLINE void vec_sgd(lw_sgd_args args, const lw_team *team)
{
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    if (args.momentum == 0.0f)
        vec_sgd_form(&args, false, false, share.lo, share.hi);
    else if (args.nesterov)
        vec_sgd_form(&args, true, true, share.lo, share.hi);
    else
        vec_sgd_form(&args, true, false, share.lo, share.hi);
}

#endif
