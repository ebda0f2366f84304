/* SPDX-License-Identifier: BSD-3-Clause
 * add.c: element-wise sum. */
#include "kernels/scalar/symbols.h"

void LW_SYM(add)(const lw_add_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const float *a = args->a, *b = args->b;
    float *dst = args->dst;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->n, 64, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) dst[i] = a[i] + b[i];
}
