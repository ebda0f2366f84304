/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_pool_fwd.c: each position that a window covers is convolved when the window looks at it. Where windows
 * overlap, it is convolved again: this is the reference, and keeps nothing. */
#include "kernels/conv2d_pool.h"
#include "kernels/scalar/symbols.h"

/* One output of the convolution, channel o. */
static float convolve(const lw_conv2d_pool_fwd_args *args, ptrdiff_t n, const lw_conv2d_window *w, int o)
{
    const lw_conv2d_shape *s = &args->shape.conv;
    float sum = args->bias ? args->bias[o] : 0.0f;
    for (int r = w->r_lo; r < w->r_hi; r++)
        for (int c = w->s_lo; c < w->s_hi; c++) {
            const float *src = args->src + ((n * s->ih + w->y + r) * s->iw + w->x + c) * s->ic;
            const float *wei = args->wei + ((ptrdiff_t)r * s->kw + c) * s->ic * s->oc + o;
            for (int i = 0; i < s->ic; i++) sum += src[i] * wei[(ptrdiff_t)i * s->oc];
        }
    return args->relu && sum < 0.0f ? 0.0f : sum;
}

static void pool(const lw_conv2d_pool_fwd_args *args, ptrdiff_t n, int y, int x, int o)
{
    const lw_pool_shape *p = &args->shape.pool;
    const ptrdiff_t at = ((n * p->oh + y) * p->ow + x) * p->c + o;
    bool first = true;
    for (int tap = 0; tap < p->kh * p->kw; tap++) {
        const int h = y * p->sh - p->ph + tap / p->kw, w = x * p->sw - p->pw + tap % p->kw;
        if (h < 0 || h >= p->ih || w < 0 || w >= p->iw) continue;
        const lw_conv2d_window window = lw_conv2d_pool_window(&args->shape, y, x, tap);
        const float value = convolve(args, n, &window, o), best = args->dst[at];
        if (first || value > best || (value != value && best == best)) {
            args->dst[at] = value;
            args->argmax[at] = (uint8_t)tap;
        }
        first = false;
    }
}

void LW_SYM(conv2d_pool_fwd)(const lw_conv2d_pool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_pool_shape *p = &args->shape.pool;
    lw_conv2d_pool_assert(&args->shape);
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)p->mb * p->oh, 1, &lo, &hi);
    for (ptrdiff_t row = lo; row < hi; row++)
        for (int x = 0; x < p->ow; x++)
            for (int o = 0; o < p->c; o++) pool(args, row / p->oh, (int)(row % p->oh), x, o);
}
