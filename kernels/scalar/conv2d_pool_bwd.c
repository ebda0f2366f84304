/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_pool_bwd.c: each gradient that is not zero is walked through the window that its argmax names. */
#include "kernels/conv2d_pool.h"
#include "kernels/scalar/symbols.h"

static float masked(const float *diff_dst, const float *dst, ptrdiff_t at)
{
    return dst && dst[at] <= 0.0f ? 0.0f : diff_dst[at];
}

/* ---------------------------------------------------------------- data */

static void spread(const lw_conv2d_pool_bwd_data_args *args, ptrdiff_t n, const lw_conv2d_window *w, int o, float g)
{
    const lw_conv2d_shape *s = &args->shape.conv;
    for (int r = w->r_lo; r < w->r_hi; r++)
        for (int c = w->s_lo; c < w->s_hi; c++) {
            float *diff_src = args->diff_src + ((n * s->ih + w->y + r) * s->iw + w->x + c) * s->ic;
            const float *wei = args->wei + ((ptrdiff_t)r * s->kw + c) * s->ic * s->oc + o;
            for (int i = 0; i < s->ic; i++) diff_src[i] += g * wei[(ptrdiff_t)i * s->oc];
        }
}

void LW_SYM(conv2d_pool_bwd_data)(const lw_conv2d_pool_bwd_data_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_conv2d_shape *s = &args->shape.conv;
    const lw_pool_shape *p = &args->shape.pool;
    lw_conv2d_pool_assert(&args->shape);
    const ptrdiff_t image = (ptrdiff_t)s->ih * s->iw * s->ic;
    ptrdiff_t lo, hi;
    lw_team_share(team, s->mb, 1, &lo, &hi);
    for (ptrdiff_t n = lo; n < hi; n++) {
        for (ptrdiff_t i = 0; i < image; i++) args->diff_src[n * image + i] = 0.0f;
        for (int y = 0; y < p->oh; y++)
            for (int x = 0; x < p->ow; x++)
                for (int o = 0; o < s->oc; o++) {
                    const ptrdiff_t at = ((n * p->oh + y) * p->ow + x) * s->oc + o;
                    const float g = masked(args->diff_dst, args->dst, at);
                    if (g == 0.0f) continue;
                    const lw_conv2d_window w = lw_conv2d_pool_window(&args->shape, y, x, args->argmax[at]);
                    spread(args, n, &w, o, g);
                }
    }
}

/* ---------------------------------------------------------------- weights */

static void gather(const lw_conv2d_pool_bwd_weights_args *args, ptrdiff_t n, const lw_conv2d_window *w, int o, float g)
{
    const lw_conv2d_shape *s = &args->shape.conv;
    for (int r = w->r_lo; r < w->r_hi; r++)
        for (int c = w->s_lo; c < w->s_hi; c++) {
            const float *src = args->src + ((n * s->ih + w->y + r) * s->iw + w->x + c) * s->ic;
            float *diff_wei = args->diff_wei + ((ptrdiff_t)r * s->kw + c) * s->ic * s->oc + o;
            for (int i = 0; i < s->ic; i++) diff_wei[(ptrdiff_t)i * s->oc] += src[i] * g;
        }
}

void LW_SYM(conv2d_pool_bwd_weights)(const lw_conv2d_pool_bwd_weights_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_conv2d_shape *s = &args->shape.conv;
    const lw_pool_shape *p = &args->shape.pool;
    lw_conv2d_pool_assert(&args->shape);
    const ptrdiff_t rows = (ptrdiff_t)s->kh * s->kw * s->ic, windows = (ptrdiff_t)s->mb * p->oh * p->ow;
    ptrdiff_t lo, hi;
    lw_team_share(team, s->oc, 1, &lo, &hi);
    for (ptrdiff_t o = lo; o < hi; o++) {
        for (ptrdiff_t i = 0; i < rows; i++) args->diff_wei[i * s->oc + o] = 0.0f;
        float sum = 0.0f;
        for (ptrdiff_t i = 0; i < windows; i++) {
            const float g = masked(args->diff_dst, args->dst, i * s->oc + o);
            sum += g;
            if (g == 0.0f) continue;
            const lw_conv2d_window w = lw_conv2d_pool_window(&args->shape, (int)(i / p->ow % p->oh), (int)(i % p->ow),
                                                             args->argmax[i * s->oc + o]);
            gather(args, i / p->ow / p->oh, &w, (int)o, g);
        }
        if (args->diff_bias) args->diff_bias[o] = sum;
    }
}
