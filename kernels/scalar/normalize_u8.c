/* SPDX-License-Identifier: BSD-3-Clause
 * normalize_u8.c: pixels to floats. */
#include "kernels/scalar/symbols.h"

void LW_SYM(normalize_u8)(const lw_normalize_u8_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const uint8_t *restrict src = args->src;
    float *restrict dst = args->dst;
    const float scale = args->scale, shift = args->shift;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->n, 64, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) dst[i] = (float)src[i] * scale + shift;
}
