/* SPDX-License-Identifier: BSD-3-Clause
 * gavgpool.c: global average pooling, forward and backward. */
#include "kernels/scalar/symbols.h"

void LW_SYM(gavgpool_fwd)(const lw_gavgpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const ptrdiff_t c = args->c, hw = args->hw;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->mb, 1, &lo, &hi);
    for (ptrdiff_t n = lo; n < hi; n++) {
        float *restrict dst = args->dst + n * c;
        for (ptrdiff_t i = 0; i < c; i++) dst[i] = 0.0f;
        for (ptrdiff_t p = 0; p < hw; p++) {
            const float *restrict src = args->src + (n * hw + p) * c;
            for (ptrdiff_t i = 0; i < c; i++) dst[i] += src[i];
        }
        for (ptrdiff_t i = 0; i < c; i++) dst[i] /= (float)hw;
    }
}

void LW_SYM(gavgpool_bwd)(const lw_gavgpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const ptrdiff_t c = args->c, hw = args->hw;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->mb, 1, &lo, &hi);
    for (ptrdiff_t n = lo; n < hi; n++) {
        const float *restrict diff_dst = args->diff_dst + n * c;
        for (ptrdiff_t p = 0; p < hw; p++) {
            float *restrict diff_src = args->diff_src + (n * hw + p) * c;
            for (ptrdiff_t i = 0; i < c; i++) diff_src[i] = diff_dst[i] / (float)hw;
        }
    }
}
