/* SPDX-License-Identifier: BSD-3-Clause
 *
 * avgpool.c: average pooling over windows. Forward, channels are innermost: the sum of a window stands in dst.
 * Backward gives each position of a window its share; images are apart, so members share by image.
 */
#include "kernels/scalar/symbols.h"

/* The rows or columns [lo, hi) of one window that lie inside. */
typedef struct span {
    int lo, hi;
} span;

static inline span inside(int at, int taps, int stride, int pad, int extent)
{
    const int first = at * stride - pad, end = first + taps;
    return (span){first < 0 ? 0 : first, end < extent ? end : extent};
}

static void window_fwd(const lw_avgpool_fwd_args *args, ptrdiff_t n, int y, int x)
{
    const lw_pool_shape *p = &args->shape;
    const span rows = inside(y, p->kh, p->sh, p->ph, p->ih), cols = inside(x, p->kw, p->sw, p->pw, p->iw);
    const float positions = (float)((rows.hi - rows.lo) * (cols.hi - cols.lo));
    float *restrict dst = args->dst + ((n * p->oh + y) * p->ow + x) * p->c;
    for (ptrdiff_t c = 0; c < p->c; c++) dst[c] = 0.0f;
    for (int h = rows.lo; h < rows.hi; h++)
        for (int w = cols.lo; w < cols.hi; w++) {
            const float *restrict src = args->src + ((n * p->ih + h) * p->iw + w) * p->c;
            for (ptrdiff_t c = 0; c < p->c; c++) dst[c] += src[c];
        }
    for (ptrdiff_t c = 0; c < p->c; c++) dst[c] /= positions;
}

void LW_SYM(avgpool_fwd)(const lw_avgpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const lw_pool_shape *p = &args->shape;
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)p->mb * p->oh, 1, &lo, &hi);
    for (ptrdiff_t row = lo; row < hi; row++)
        for (int x = 0; x < p->ow; x++) window_fwd(args, row / p->oh, (int)(row % p->oh), x);
}

static void window_bwd(const lw_avgpool_bwd_args *args, ptrdiff_t n, int y, int x)
{
    const lw_pool_shape *p = &args->shape;
    const span rows = inside(y, p->kh, p->sh, p->ph, p->ih), cols = inside(x, p->kw, p->sw, p->pw, p->iw);
    const float positions = (float)((rows.hi - rows.lo) * (cols.hi - cols.lo));
    const float *restrict diff_dst = args->diff_dst + ((n * p->oh + y) * p->ow + x) * p->c;
    for (int h = rows.lo; h < rows.hi; h++)
        for (int w = cols.lo; w < cols.hi; w++) {
            float *restrict diff_src = args->diff_src + ((n * p->ih + h) * p->iw + w) * p->c;
            for (ptrdiff_t c = 0; c < p->c; c++) diff_src[c] += diff_dst[c] / positions;
        }
}

void LW_SYM(avgpool_bwd)(const lw_avgpool_bwd_args *args, void *ws, const lw_team *team)
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
            for (int x = 0; x < p->ow; x++) window_bwd(args, n, y, x);
    }
}
