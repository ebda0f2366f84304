/* SPDX-License-Identifier: BSD-3-Clause
 *
 * adam.h: a step of Adam or AdamW over vec.h. One division and one square root per element; the corrections
 * are folded into factors:  lr*(m/c1) / (sqrt(v/c2) + eps) = (lr/c1)*m / (sqrt(v)*(1/sqrt(c2)) + eps).
 */
#ifndef LW_VEC_ADAM_H
#define LW_VEC_ADAM_H

#include "kernels/vec/vec.h"

#include <assert.h>
#include <math.h>

typedef struct vec_adam_factors {
    vf beta1, beta2, rest1, rest2; /* rest = 1 - beta */
    vf rate, root, epsilon;        /* lr / c1, 1 / sqrt(c2) */
    vf decay;                      /* weight_decay, times lr if decoupled */
} vec_adam_factors;

VEC_INLINE void vec_adam_at(const lw_adam_args *args, const vec_adam_factors *f, const bool decoupled,
                            ptrdiff_t i, int n)
{
    const vf w = vf_load_n(args->w + i, n), grad = vf_load_n(args->grad + i, n);
    const vf g = decoupled ? grad : vf_fma(f->decay, w, grad);
    const vf m = vf_fma(f->beta1, vf_load_n(args->m + i, n), vf_mul(f->rest1, g));
    const vf v = vf_fma(f->beta2, vf_load_n(args->v + i, n), vf_mul(vf_mul(f->rest2, g), g));
    vf_store_n(args->m + i, m, n);
    vf_store_n(args->v + i, v, n);
    const vf step = vf_div(vf_mul(f->rate, m), vf_fma(vf_sqrt(v), f->root, f->epsilon));
    vf_store_n(args->w + i, vf_sub(w, decoupled ? vf_fma(f->decay, w, step) : step), n);
}

VEC_INLINE void vec_adam_form(const lw_adam_args *args, const bool decoupled, ptrdiff_t i, ptrdiff_t hi)
{
    const double correction1 = 1.0 - pow((double)args->beta1, (double)args->step);
    const double correction2 = 1.0 - pow((double)args->beta2, (double)args->step);
    const vec_adam_factors f = {
        .beta1 = vf_set1(args->beta1),
        .beta2 = vf_set1(args->beta2),
        .rest1 = vf_set1(1.0f - args->beta1),
        .rest2 = vf_set1(1.0f - args->beta2),
        .rate = vf_set1((float)((double)args->lr / correction1)),
        .root = vf_set1((float)(1.0 / sqrt(correction2))),
        .epsilon = vf_set1(args->epsilon),
        .decay = vf_set1(decoupled ? args->lr * args->weight_decay : args->weight_decay),
    };
    /* Eight factors and four operands: no room for more than two vectors a turn. */
    for (; i + 2 * VF_LANES <= hi; i += 2 * VF_LANES) {
        vec_adam_at(args, &f, decoupled, i, VF_LANES);
        vec_adam_at(args, &f, decoupled, i + VF_LANES, VF_LANES);
    }
    for (; i < hi; i += VF_LANES) vec_adam_at(args, &f, decoupled, i, vec_left(hi, i));
}

VEC_INLINE void vec_adam(lw_adam_args args, const lw_team *team)
{
    assert(args.step >= 1);
    const vec_range share = vec_share(team, args.n, VEC_BLOCK * VF_LANES);
    if (args.decoupled)
        vec_adam_form(&args, true, share.lo, share.hi);
    else
        vec_adam_form(&args, false, share.lo, share.hi);
}

#endif
