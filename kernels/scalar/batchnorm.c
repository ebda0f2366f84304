/* SPDX-License-Identifier: BSD-3-Clause
 * batchnorm.c: batch normalisation, forward and backward. Members share the columns, so each sum runs over the rows in
 * order. */
#include "kernels/scalar/symbols.h"

#include <math.h>

/* ---------------------------------------------------------------- forward */

static void statistics(const lw_batchnorm_fwd_args *args, ptrdiff_t c)
{
    const ptrdiff_t rows = args->rows, cols = args->cols;
    const float keep = args->momentum;
    float sum = 0.0f, squares = 0.0f;
    for (ptrdiff_t r = 0; r < rows; r++) sum += args->src[r * cols + c];
    const float mean = sum / (float)rows;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float d = args->src[r * cols + c] - mean;
        squares += d * d;
    }
    const float var = squares / (float)rows;
    args->mean[c] = mean;
    args->inv_std[c] = 1.0f / sqrtf(var + args->epsilon);
    args->running_mean[c] = keep * args->running_mean[c] + (1.0f - keep) * mean;
    args->running_var[c] = keep * args->running_var[c] + (1.0f - keep) * var;
}

static void normalise(const lw_batchnorm_fwd_args *args, ptrdiff_t c, float mean, float inv_std)
{
    const float scale = args->gamma[c] * inv_std, beta = args->beta[c];
    for (ptrdiff_t at = c; at < args->rows * args->cols; at += args->cols) {
        const float x = scale * (args->src[at] - mean) + beta;
        args->dst[at] = args->relu && x < 0.0f ? 0.0f : x;
    }
}

void LW_SYM(batchnorm_fwd)(const lw_batchnorm_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->cols, 16, &lo, &hi);
    for (ptrdiff_t c = lo; c < hi; c++) {
        if (args->training) {
            statistics(args, c);
            normalise(args, c, args->mean[c], args->inv_std[c]);
        } else {
            normalise(args, c, args->running_mean[c], 1.0f / sqrtf(args->running_var[c] + args->epsilon));
        }
    }
}

/* ---------------------------------------------------------------- backward */

static float gradient(const lw_batchnorm_bwd_args *args, ptrdiff_t at)
{
    return args->dst && args->dst[at] <= 0.0f ? 0.0f : args->diff_dst[at];
}

static void sums(const lw_batchnorm_bwd_args *args, ptrdiff_t c)
{
    float sum = 0.0f, product = 0.0f;
    for (ptrdiff_t at = c; at < args->rows * args->cols; at += args->cols) {
        const float g = gradient(args, at);
        sum += g;
        product += g * (args->src[at] - args->mean[c]);
    }
    args->diff_beta[c] = sum;
    args->diff_gamma[c] = product * args->inv_std[c];
}

static void data(const lw_batchnorm_bwd_args *args, ptrdiff_t c)
{
    const float mean = args->mean[c], scale = args->gamma[c] * args->inv_std[c];
    const float slope = scale * (args->inv_std[c] * args->diff_gamma[c] / (float)args->rows);
    const float shift = scale * (args->diff_beta[c] / (float)args->rows);
    for (ptrdiff_t at = c; at < args->rows * args->cols; at += args->cols)
        args->diff_src[at] = scale * gradient(args, at) - shift - slope * (args->src[at] - mean);
}

void LW_SYM(batchnorm_bwd)(const lw_batchnorm_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->cols, 16, &lo, &hi);
    for (ptrdiff_t c = lo; c < hi; c++) {
        sums(args, c);
        if (args->diff_src) data(args, c);
    }
}
