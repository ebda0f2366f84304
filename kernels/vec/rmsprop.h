/* SPDX-License-Identifier: BSD-3-Clause
 * rmsprop.h: a step of RMSprop over vec.h: one square root and one division per element, which bound it. */
#ifndef LW_VEC_RMSPROP_H
#define LW_VEC_RMSPROP_H

#include "kernels/vec/vec.h"

typedef struct vec_rmsprop_factors {
    vf lr, rho, rest, epsilon, decay; /* rest = 1 - rho */
} vec_rmsprop_factors;

VEC_INLINE void vec_rmsprop_at(const lw_rmsprop_args *args, const vec_rmsprop_factors *f, ptrdiff_t i, int n)
{
    const vf w = vf_load_n(args->w + i, n);
    const vf g = vf_fma(f->decay, w, vf_load_n(args->grad + i, n));
    const vf v = vf_fma(f->rho, vf_load_n(args->v + i, n), vf_mul(vf_mul(f->rest, g), g));
    vf_store_n(args->v + i, v, n);
    vf_store_n(args->w + i, vf_sub(w, vf_div(vf_mul(f->lr, g), vf_sqrt(vf_add(v, f->epsilon)))), n);
}

VEC_INLINE void vec_rmsprop(lw_rmsprop_args args, const lw_team *team)
{
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    const vec_rmsprop_factors f = {vf_set1(args.lr), vf_set1(args.rho), vf_set1(1.0f - args.rho), vf_set1(args.epsilon),
                                   vf_set1(args.weight_decay)};
    ptrdiff_t i = share.lo;
    for (; i + 2 * VF_LANES <= share.hi; i += 2 * VF_LANES) {
        vec_rmsprop_at(&args, &f, i, VF_LANES);
        vec_rmsprop_at(&args, &f, i + VF_LANES, VF_LANES);
    }
    for (; i < share.hi; i += VF_LANES) vec_rmsprop_at(&args, &f, i, vec_left(share.hi, i));
}

#endif
