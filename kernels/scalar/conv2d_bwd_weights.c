/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_bwd_weights.c: one row of diff_wei (a tap and an input channel) at a time, summed over the batch. */
#include "kernels/scalar/symbols.h"

static void weight_row(const lw_conv2d_bwd_weights_args *args, ptrdiff_t row)
{
    const lw_conv2d_shape *s = &args->shape;
    const int i = (int)(row % s->ic), c = (int)(row / s->ic % s->kw), r = (int)(row / s->ic / s->kw);
    float *restrict diff_wei = args->diff_wei + row * s->oc;
    for (int o = 0; o < s->oc; o++) diff_wei[o] = 0.0f;
    for (int n = 0; n < s->mb; n++)
        for (int y = 0; y < s->oh; y++) {
            const int h = y * s->sh - s->ph + r;
            if (h < 0 || h >= s->ih) continue;
            for (int x = 0; x < s->ow; x++) {
                const int w = x * s->sw - s->pw + c;
                if (w < 0 || w >= s->iw) continue;
                const float src = args->src[(((ptrdiff_t)n * s->ih + h) * s->iw + w) * s->ic + i];
                const float *restrict diff_dst = args->diff_dst + (((ptrdiff_t)n * s->oh + y) * s->ow + x) * s->oc;
                for (int o = 0; o < s->oc; o++) diff_wei[o] += src * diff_dst[o];
            }
        }
}

void LW_SYM(conv2d_bwd_weights)(const lw_conv2d_bwd_weights_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_conv2d_shape *s = &args->shape;
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)s->kh * s->kw * s->ic, 1, &lo, &hi);
    for (ptrdiff_t row = lo; row < hi; row++) weight_row(args, row);

    if (!args->diff_bias) return;
    const ptrdiff_t positions = (ptrdiff_t)s->mb * s->oh * s->ow;
    lw_team_share(team, s->oc, 1, &lo, &hi);
    for (ptrdiff_t o = lo; o < hi; o++) args->diff_bias[o] = 0.0f;
    for (ptrdiff_t p = 0; p < positions; p++)
        for (ptrdiff_t o = lo; o < hi; o++) args->diff_bias[o] += args->diff_dst[p * s->oc + o];
}
