/* SPDX-License-Identifier: BSD-3-Clause
 * leakyrelu.c: leaky ReLU, forward and backward. */
#include "kernels/scalar/symbols.h"

void LW_SYM(leakyrelu_fwd)(const lw_leakyrelu_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const float *src = args->src, slope = args->slope;
    float *dst = args->dst;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->n, 64, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) dst[i] = src[i] < 0.0f ? slope * src[i] : src[i];
}

void LW_SYM(leakyrelu_bwd)(const lw_leakyrelu_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const float *dst = args->dst, *diff_dst = args->diff_dst, slope = args->slope;
    float *diff_src = args->diff_src;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->n, 64, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) diff_src[i] = dst[i] <= 0.0f ? slope * diff_dst[i] : diff_dst[i];
}
