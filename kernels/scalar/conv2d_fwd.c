/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_fwd.c: one output position at a time, output channels innermost. */
#include "kernels/scalar/symbols.h"

static void position(const lw_conv2d_fwd_args *args, int n, int y, int x)
{
    const lw_conv2d_shape *s = &args->shape;
    float *restrict dst = args->dst + (((ptrdiff_t)n * s->oh + y) * s->ow + x) * s->oc;
    for (int o = 0; o < s->oc; o++) dst[o] = args->bias ? args->bias[o] : 0.0f;
    for (int r = 0; r < s->kh; r++) {
        const int h = y * s->sh - s->ph + r;
        if (h < 0 || h >= s->ih) continue;
        for (int c = 0; c < s->kw; c++) {
            const int w = x * s->sw - s->pw + c;
            if (w < 0 || w >= s->iw) continue;
            const float *src = args->src + (((ptrdiff_t)n * s->ih + h) * s->iw + w) * s->ic;
            const float *restrict wei = args->wei + ((ptrdiff_t)r * s->kw + c) * s->ic * s->oc;
            for (int i = 0; i < s->ic; i++, wei += s->oc)
                for (int o = 0; o < s->oc; o++) dst[o] += src[i] * wei[o];
        }
    }
    if (args->relu)
        for (int o = 0; o < s->oc; o++) dst[o] = dst[o] < 0.0f ? 0.0f : dst[o];
}

void LW_SYM(conv2d_fwd)(const lw_conv2d_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_conv2d_shape *s = &args->shape;
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)s->mb * s->oh, 1, &lo, &hi);
    for (ptrdiff_t row = lo; row < hi; row++)
        for (int x = 0; x < s->ow; x++) position(args, (int)(row / s->oh), (int)(row % s->oh), x);
}
