/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_bwd_data.c: one input position at a time; each of its channels gathers from the outputs that read it. */
#include "kernels/scalar/symbols.h"

static void position(const lw_conv2d_bwd_data_args *args, int n, int h, int w)
{
    const lw_conv2d_shape *s = &args->shape;
    float *diff_src = args->diff_src + (((ptrdiff_t)n * s->ih + h) * s->iw + w) * s->ic;
    for (int i = 0; i < s->ic; i++) diff_src[i] = 0.0f;
    for (int r = 0; r < s->kh; r++) {
        const int above = h + s->ph - r; /* y * sh */
        if (above < 0 || above % s->sh != 0 || above / s->sh >= s->oh) continue;
        for (int c = 0; c < s->kw; c++) {
            const int left = w + s->pw - c; /* x * sw */
            if (left < 0 || left % s->sw != 0 || left / s->sw >= s->ow) continue;
            const ptrdiff_t out = ((ptrdiff_t)n * s->oh + above / s->sh) * s->ow + left / s->sw;
            const float *diff_dst = args->diff_dst + out * s->oc;
            const float *wei = args->wei + ((ptrdiff_t)r * s->kw + c) * s->ic * s->oc;
            for (int i = 0; i < s->ic; i++, wei += s->oc) {
                float sum = 0.0f;
                for (int o = 0; o < s->oc; o++) sum += diff_dst[o] * wei[o];
                diff_src[i] += sum;
            }
        }
    }
}

void LW_SYM(conv2d_bwd_data)(const lw_conv2d_bwd_data_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_conv2d_shape *s = &args->shape;
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)s->mb * s->ih, 1, &lo, &hi);
    for (ptrdiff_t row = lo; row < hi; row++)
        for (int w = 0; w < s->iw; w++) position(args, (int)(row / s->ih), (int)(row % s->ih), w);
}
