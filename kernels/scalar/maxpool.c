/* SPDX-License-Identifier: BSD-3-Clause
 *
 * maxpool.c: max-pooling. Forward, channels are innermost: the running maximum of a pixel stands in dst.
 * Backward scatters every gradient to the position that its argmax names; images are apart, so members share
 * by image.
 */
#include "kernels/scalar/symbols.h"

#include <assert.h>

/* The first of equals and the first NaN win. */
static inline bool beats(float x, float best)
{
    return x > best || (x != x && best == best);
}

static void pixel_fwd(const lw_maxpool_fwd_args *args, ptrdiff_t n, int y, int x)
{
    const lw_pool_shape *p = &args->shape;
    const ptrdiff_t at = ((n * p->oh + y) * p->ow + x) * p->c;
    float *restrict dst = args->dst + at;
    uint8_t *restrict argmax = args->argmax + at;
    bool first = true;
    for (int r = 0; r < p->kh; r++) {
        const int h = y * p->sh - p->ph + r;
        if (h < 0 || h >= p->ih) continue;
        for (int s = 0; s < p->kw; s++) {
            const int w = x * p->sw - p->pw + s;
            if (w < 0 || w >= p->iw) continue;
            const float *restrict src = args->src + ((n * p->ih + h) * p->iw + w) * p->c;
            const uint8_t tap = (uint8_t)(r * p->kw + s);
            for (ptrdiff_t c = 0; c < p->c; c++) {
                const bool take = first || beats(src[c], dst[c]);
                dst[c] = take ? src[c] : dst[c];
                argmax[c] = take ? tap : argmax[c];
            }
            first = false;
        }
    }
}

void LW_SYM(maxpool_fwd)(const lw_maxpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_pool_shape *p = &args->shape;
    assert(p->kh * p->kw <= 256);
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)p->mb * p->oh, 1, &lo, &hi);
    for (ptrdiff_t row = lo; row < hi; row++)
        for (int x = 0; x < p->ow; x++) pixel_fwd(args, row / p->oh, (int)(row % p->oh), x);
}

void LW_SYM(maxpool_bwd)(const lw_maxpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_pool_shape *p = &args->shape;
    const ptrdiff_t image = (ptrdiff_t)p->ih * p->iw * p->c;
    ptrdiff_t lo, hi;
    lw_team_share(team, p->mb, 1, &lo, &hi);
    for (ptrdiff_t n = lo; n < hi; n++) {
        float *restrict diff_src = args->diff_src + n * image;
        for (ptrdiff_t i = 0; i < image; i++) diff_src[i] = 0.0f;
        for (int y = 0; y < p->oh; y++)
            for (int x = 0; x < p->ow; x++) {
                const ptrdiff_t at = ((n * p->oh + y) * p->ow + x) * p->c;
                for (ptrdiff_t c = 0; c < p->c; c++) {
                    const ptrdiff_t h = y * p->sh - p->ph + args->argmax[at + c] / p->kw;
                    const ptrdiff_t w = x * p->sw - p->pw + args->argmax[at + c] % p->kw;
                    diff_src[(h * p->iw + w) * p->c + c] += args->diff_dst[at + c];
                }
            }
    }
}
