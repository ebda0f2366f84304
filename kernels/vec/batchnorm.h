/* SPDX-License-Identifier: BSD-3-Clause
 *
 * batchnorm.h: batch normalisation over vec.h. Statistics are sums over the rows of each column: rows are summed in
 * chunks, whose number depends on `rows` alone, and the chunks in order, so any team gives the same bits. What is
 * then done to each element needs a few numbers per column; these are made once and lie in the workspace.
 */
#ifndef LW_VEC_BATCHNORM_H
#define LW_VEC_BATCHNORM_H

#include "kernels/vec/bias.h"

enum { VEC_BN_COLUMNS = 4 /* vectors summed together */, VEC_BN_FACTORS = 4 /* numbers per column */ };

/* Two sums per chunk and column, then the factors. */
static inline size_t vec_batchnorm_workspace(ptrdiff_t rows, ptrdiff_t cols)
{
    return (size_t)((2 * vec_chunks(rows) + VEC_BN_FACTORS) * cols) * sizeof(float);
}

/* ---------------------------------------------------------------- sums over rows */

typedef enum vec_bn_what { VEC_BN_MEAN, VEC_BN_SQUARES, VEC_BN_GRADIENTS } vec_bn_what;

/* What is summed: src; (src - mean)^2; or g and g * (src - mean), where g is diff, 0 where dst <= 0. */
typedef struct vec_bn_sums {
    ptrdiff_t rows, cols;
    const float *src, *mean, *diff, *dst;
    float *first, *second; /* chunks x cols */
} vec_bn_sums;

VEC_INLINE vf vec_bn_gradient(const float *diff, const float *dst, ptrdiff_t at, int n)
{
    const vf g = vf_load_n(diff + at, n);
    return dst ? vf_clear(vf_le(vf_load_n(dst + at, n), vf_zero()), g) : g;
}

/* `count` vectors of columns from `c` on, the last one n lanes wide, over the rows of one chunk. */
VEC_INLINE void vec_bn_sum_block(const vec_bn_sums *s, const vec_bn_what what, ptrdiff_t chunk, ptrdiff_t c,
                                 const int count, int n)
{
    const ptrdiff_t cols = s->cols, most = vec_chunk_rows(s->rows), begin = chunk * most;
    const ptrdiff_t end = s->rows - begin < most ? s->rows : begin + most;
    const float *src = s->src, *diff = s->diff, *dst = s->dst;
    vf first[VEC_BN_COLUMNS], second[VEC_BN_COLUMNS], mean[VEC_BN_COLUMNS];
    VEC_UNROLL
    for (int u = 0; u < count; u++) {
        first[u] = second[u] = vf_zero();
        mean[u] = what == VEC_BN_MEAN ? vf_zero() : vf_load_n(s->mean + c + u * VF_LANES, u == count - 1 ? n : VF_LANES);
    }
    for (ptrdiff_t r = begin; r < end; r++) {
        VEC_UNROLL
        for (int u = 0; u < count; u++) {
            const int lanes = u == count - 1 ? n : VF_LANES;
            const ptrdiff_t at = r * cols + c + u * VF_LANES;
            const vf x = vf_load_n(src + at, lanes), d = vf_sub(x, mean[u]);
            if (what == VEC_BN_MEAN) first[u] = vf_add(first[u], x);
            if (what == VEC_BN_SQUARES) first[u] = vf_fma(d, d, first[u]);
            if (what != VEC_BN_GRADIENTS) continue;
            const vf g = vec_bn_gradient(diff, dst, at, lanes);
            first[u] = vf_add(first[u], g);
            second[u] = vf_fma(g, d, second[u]);
        }
    }
    VEC_UNROLL
    for (int u = 0; u < count; u++) {
        const int lanes = u == count - 1 ? n : VF_LANES;
        const ptrdiff_t at = chunk * cols + c + u * VF_LANES;
        vf_store_n(s->first + at, first[u], lanes);
        if (what == VEC_BN_GRADIENTS) vf_store_n(s->second + at, second[u], lanes);
    }
}

/* The sums of all chunks, shared out by chunks and blocks of columns. Ends with a sync. */
VEC_INLINE void vec_bn_sum(const vec_bn_sums *s, const vec_bn_what what, const lw_team *team)
{
    const ptrdiff_t width = VEC_BN_COLUMNS * VF_LANES, blocks = (s->cols + width - 1) / width;
    const vec_range share = vec_share(team, vec_chunks(s->rows) * blocks, 1);
    for (ptrdiff_t item = share.lo; item < share.hi; item++) {
        const ptrdiff_t chunk = item / blocks, end = s->cols;
        ptrdiff_t c = item % blocks * width;
        if (c + width <= end) {
            vec_bn_sum_block(s, what, chunk, c, VEC_BN_COLUMNS, VF_LANES);
            continue;
        }
        for (; c + VF_LANES < end; c += 2 * VF_LANES) vec_bn_sum_block(s, what, chunk, c, 2, vec_left(end, c + VF_LANES));
        if (c < end) vec_bn_sum_block(s, what, chunk, c, 1, vec_left(end, c));
    }
    lw_team_sync(team);
}

/* A vector of columns of chunks x cols, chunk by chunk. */
VEC_INLINE vf vec_bn_total(const float *sums, ptrdiff_t chunks, ptrdiff_t cols, ptrdiff_t c, int n)
{
    vf total = vf_load_n(sums + c, n);
    for (ptrdiff_t k = 1; k < chunks; k++) total = vf_add(total, vf_load_n(sums + k * cols + c, n));
    return total;
}

/* ---------------------------------------------------------------- forward */

/* keep * running + (1 - keep) * value */
VEC_INLINE void vec_bn_run(float *running, float keep, vf value, int n)
{
    const vf was = vf_mul(vf_set1(keep), vf_load_n(running, n));
    vf_store_n(running, vf_fma(vf_set1(1.0f - keep), value, was), n);
}

VEC_INLINE void vec_bn_statistics(const lw_batchnorm_fwd_args *a, float *sums, const lw_team *team)
{
    const ptrdiff_t chunks = vec_chunks(a->rows), cols = a->cols;
    const vec_bn_sums s = {.rows = a->rows, .cols = cols, .src = a->src, .mean = a->mean, .first = sums};
    const vec_range share = vec_share(team, cols, VF_LANES);
    const vf rows = vf_set1((float)a->rows), one = vf_set1(1.0f), epsilon = vf_set1(a->epsilon);
    vec_bn_sum(&s, VEC_BN_MEAN, team);
    for (ptrdiff_t c = share.lo; c < share.hi; c += VF_LANES) {
        const int n = vec_left(share.hi, c);
        const vf mean = vf_div(vec_bn_total(sums, chunks, cols, c, n), rows);
        vf_store_n(a->mean + c, mean, n);
        vec_bn_run(a->running_mean + c, a->momentum, mean, n);
    }
    lw_team_sync(team);
    vec_bn_sum(&s, VEC_BN_SQUARES, team);
    for (ptrdiff_t c = share.lo; c < share.hi; c += VF_LANES) {
        const int n = vec_left(share.hi, c);
        const vf var = vf_div(vec_bn_total(sums, chunks, cols, c, n), rows);
        vf_store_n(a->inv_std + c, vf_div(one, vf_sqrt(vf_add(var, epsilon))), n);
        vec_bn_run(a->running_var + c, a->momentum, var, n);
    }
    lw_team_sync(team);
}

/* factors: mean and gamma * inv_std of each column. */
VEC_INLINE void vec_bn_fwd_factors(const lw_batchnorm_fwd_args *a, float *factors, const lw_team *team)
{
    const ptrdiff_t cols = a->cols;
    const vec_range share = vec_share(team, cols, VF_LANES);
    for (ptrdiff_t c = share.lo; c < share.hi; c += VF_LANES) {
        const int n = vec_left(share.hi, c);
        const vf var = vf_load_n(a->running_var + c, n);
        const vf inv_std = a->training ? vf_load_n(a->inv_std + c, n)
                                       : vf_div(vf_set1(1.0f), vf_sqrt(vf_add(var, vf_set1(a->epsilon))));
        vf_store_n(factors + c, vf_load_n((a->training ? a->mean : a->running_mean) + c, n), n);
        vf_store_n(factors + cols + c, vf_mul(vf_load_n(a->gamma + c, n), inv_std), n);
    }
    lw_team_sync(team);
}

VEC_INLINE void vec_bn_normalise(const lw_batchnorm_fwd_args *a, const float *factors, const bool relu,
                                 const lw_team *team)
{
    const ptrdiff_t cols = a->cols;
    const float *mean = factors, *scale = factors + cols, *beta = a->beta;
    const vec_range share = vec_share(team, a->rows, 1);
    for (ptrdiff_t r = share.lo; r < share.hi; r++) {
        const float *src = a->src + r * cols;
        float *dst = a->dst + r * cols;
        for (ptrdiff_t c = 0; c < cols; c += VF_LANES) {
            const int n = vec_left(cols, c);
            const vf d = vf_sub(vf_load_n(src + c, n), vf_load_n(mean + c, n));
            const vf x = vf_fma(d, vf_load_n(scale + c, n), vf_load_n(beta + c, n));
            vf_store_n(dst + c, relu ? vf_max(vf_zero(), x) : x, n); /* in this order NaN stays */
        }
    }
}

VEC_INLINE void vec_batchnorm_fwd(lw_batchnorm_fwd_args args, float *ws, const lw_team *team)
{
    float *factors = ws + 2 * vec_chunks(args.rows) * args.cols;
    if (args.training) vec_bn_statistics(&args, ws, team);
    vec_bn_fwd_factors(&args, factors, team);
    if (args.relu)
        vec_bn_normalise(&args, factors, true, team);
    else
        vec_bn_normalise(&args, factors, false, team);
}

/* ---------------------------------------------------------------- backward */

/* diff_gamma and diff_beta; factors: mean, gamma * inv_std, and what each column's two sums take away: shift, and
 * slope * (src - mean). */
VEC_INLINE void vec_bn_bwd_factors(const lw_batchnorm_bwd_args *a, const vec_bn_sums *s, float *factors,
                                   const lw_team *team)
{
    const ptrdiff_t cols = a->cols, chunks = vec_chunks(a->rows);
    const vec_range share = vec_share(team, cols, VF_LANES);
    const vf rows = vf_set1((float)a->rows);
    for (ptrdiff_t c = share.lo; c < share.hi; c += VF_LANES) {
        const int n = vec_left(share.hi, c);
        const vf inv_std = vf_load_n(a->inv_std + c, n), scale = vf_mul(vf_load_n(a->gamma + c, n), inv_std);
        const vf beta = vec_bn_total(s->first, chunks, cols, c, n);
        const vf gamma = vf_mul(vec_bn_total(s->second, chunks, cols, c, n), inv_std);
        vf_store_n(a->diff_beta + c, beta, n);
        vf_store_n(a->diff_gamma + c, gamma, n);
        vf_store_n(factors + c, vf_load_n(a->mean + c, n), n);
        vf_store_n(factors + cols + c, scale, n);
        vf_store_n(factors + 2 * cols + c, vf_mul(scale, vf_div(beta, rows)), n);
        vf_store_n(factors + 3 * cols + c, vf_mul(scale, vf_div(vf_mul(inv_std, gamma), rows)), n);
    }
    lw_team_sync(team);
}

VEC_INLINE void vec_bn_data(const lw_batchnorm_bwd_args *a, const float *factors, const bool masked, const lw_team *team)
{
    const ptrdiff_t cols = a->cols;
    const float *mean = factors, *scale = mean + cols, *shift = scale + cols, *slope = shift + cols;
    const vec_range share = vec_share(team, a->rows, 1);
    for (ptrdiff_t r = share.lo; r < share.hi; r++)
        for (ptrdiff_t c = 0; c < cols; c += VF_LANES) {
            const int n = vec_left(cols, c);
            const ptrdiff_t at = r * cols + c;
            const vf g = vec_bn_gradient(a->diff_dst, masked ? a->dst : NULL, at, n);
            const vf d = vf_sub(vf_load_n(a->src + at, n), vf_load_n(mean + c, n));
            const vf whole = vf_sub(vf_mul(vf_load_n(scale + c, n), g), vf_load_n(shift + c, n));
            vf_store_n(a->diff_src + at, vf_fnma(vf_load_n(slope + c, n), d, whole), n);
        }
}

VEC_INLINE void vec_batchnorm_bwd(lw_batchnorm_bwd_args args, float *ws, const lw_team *team)
{
    const ptrdiff_t sums = vec_chunks(args.rows) * args.cols;
    const vec_bn_sums s = {args.rows, args.cols, args.src, args.mean, args.diff_dst, args.dst, ws, ws + sums};
    float *factors = ws + 2 * sums;
    vec_bn_sum(&s, VEC_BN_GRADIENTS, team);
    vec_bn_bwd_factors(&args, &s, factors, team);
    if (!args.diff_src) return;
    if (args.dst)
        vec_bn_data(&args, factors, true, team);
    else
        vec_bn_data(&args, factors, false, team);
}

#endif
