/* SPDX-License-Identifier: BSD-3-Clause
 * affine_warp.c: an image under an affine map and a displacement of each pixel. */
#include "kernels/scalar/symbols.h"

#include <math.h>

static float pixel(const lw_affine_warp_args *args, float y, float x)
{
    if (!(y >= 0 && y < (float)args->h && x >= 0 && x < (float)args->w)) return 0;
    return (float)args->src[(ptrdiff_t)y * args->w + (ptrdiff_t)x];
}

static float interpolate(const lw_affine_warp_args *args, float sy, float sx)
{
    const float y = floorf(sy), x = floorf(sx), fy = sy - y, fx = sx - x;
    if (!isfinite(sy) || !isfinite(sx)) return 0;
    const float top = pixel(args, y, x) * (1 - fx) + pixel(args, y, x + 1) * fx;
    const float bottom = pixel(args, y + 1, x) * (1 - fx) + pixel(args, y + 1, x + 1) * fx;
    return top * (1 - fy) + bottom * fy;
}

void LW_SYM(affine_warp)(const lw_affine_warp_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const float *m = args->m;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->h, 1, &lo, &hi);
    for (ptrdiff_t y = lo; y < hi; y++)
        for (ptrdiff_t x = 0; x < args->w; x++) {
            const ptrdiff_t at = y * args->w + x;
            float sx = m[0] * (float)x + (m[1] * (float)y + m[2]), sy = m[3] * (float)x + (m[4] * (float)y + m[5]);
            if (args->dx) {
                sx += args->dx[at];
                sy += args->dy[at];
            }
            args->dst[at] = interpolate(args, sy, sx) * args->scale + args->shift;
        }
}
