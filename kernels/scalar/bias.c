/* SPDX-License-Identifier: BSD-3-Clause
 * bias.c: bias added to every row, and its gradient, the sum of the rows. */
#include "kernels/scalar/symbols.h"

void LW_SYM(bias_fwd)(const lw_bias_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const ptrdiff_t cols = args->cols;
    const float *bias = args->bias;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->rows, 1, &lo, &hi);
    for (ptrdiff_t r = lo; r < hi; r++) {
        const float *src = args->src + r * cols;
        float *dst = args->dst + r * cols;
        for (ptrdiff_t c = 0; c < cols; c++) dst[c] = src[c] + bias[c];
    }
}

void LW_SYM(bias_bwd)(const lw_bias_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    float *restrict diff_bias = args->diff_bias;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->cols, 16, &lo, &hi);
    for (ptrdiff_t c = lo; c < hi; c++) diff_bias[c] = 0.0f;
    for (ptrdiff_t r = 0; r < args->rows; r++) {
        const float *restrict diff_dst = args->diff_dst + r * args->cols;
        for (ptrdiff_t c = lo; c < hi; c++) diff_bias[c] += diff_dst[c];
    }
}
