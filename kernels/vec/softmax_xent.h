/* SPDX-License-Identifier: BSD-3-Clause
 *
 * softmax_xent.h: softmax with cross-entropy over vec.h, in two forms.
 * Narrow rows (the classes of a classifier) are turned, one row per lane: a row of ten would leave most lanes
 * of its second vector empty, and every reduction over a row becomes a plain vertical operation.
 * Wide rows go along their columns.
 * Either way the result of a row depends on that row alone.
 */
#ifndef LW_VEC_SOFTMAX_XENT_H
#define LW_VEC_SOFTMAX_XENT_H

#include "kernels/vec/vec_math.h"

#include <assert.h>
#include <math.h>

enum { VEC_SOFTMAX_NARROW = 64 };

/* What label smoothing gives every class. */
VEC_INLINE float vec_softmax_off(const lw_softmax_xent_args *args)
{
    return args->smoothing / (float)args->cols;
}

/* diff_logits holds scale * (prob - off); the element of the label has more taken off. */
VEC_INLINE void vec_softmax_label(const lw_softmax_xent_args *args, ptrdiff_t r, float prob)
{
    assert(args->label[r] >= 0 && args->label[r] < args->cols);
    args->diff_logits[r * args->cols + args->label[r]] = args->scale * (prob - (1.0f - args->smoothing + vec_softmax_off(args)));
}

/* ---------------------------------------------------------------- narrow: one row per lane */

/* Rows of the matrix to columns of x and back; rows past `rows` are zeros, and are not written. */
VEC_INLINE void vec_turn_in(const float *matrix, ptrdiff_t cols, int rows, vf *x)
{
    for (ptrdiff_t j = 0; j < cols; j += VF_LANES) {
        const int n = vec_left(cols, j);
        vf v[VF_LANES];
        VEC_UNROLL
        for (int r = 0; r < VF_LANES; r++) v[r] = r < rows ? vf_load_n(matrix + r * cols + j, n) : vf_zero();
        vf_transpose(v);
        VEC_UNROLL
        for (int i = 0; i < VF_LANES; i++) x[j + i] = v[i];
    }
}

VEC_INLINE void vec_turn_out(const vf *x, vf factor, float *matrix, ptrdiff_t cols, int rows)
{
    for (ptrdiff_t j = 0; j < cols; j += VF_LANES) {
        const int n = vec_left(cols, j);
        vf v[VF_LANES];
        VEC_UNROLL
        for (int i = 0; i < VF_LANES; i++) v[i] = vf_mul(factor, x[j + i]);
        vf_transpose(v);
        VEC_UNROLL
        for (int r = 0; r < VF_LANES; r++)
            if (r < rows) vf_store_n(matrix + r * cols + j, v[r], n);
    }
}

/* wanted: from the logit of the label to the sum of all logits by their weights. */
VEC_INLINE void vec_softmax_smooth(const lw_softmax_xent_args *args, const vf *x, float wanted[VF_LANES])
{
    vf sum = vf_zero();
    for (ptrdiff_t j = 0; j < args->cols; j++) sum = vf_add(sum, x[j]);
    const vf label = vf_mul(vf_set1(1.0f - args->smoothing), vf_load(wanted));
    vf_store(wanted, vf_fma(vf_set1(vec_softmax_off(args)), sum, label));
}

/* Rows [r, r + rows), rows <= VF_LANES. */
VEC_INLINE void vec_softmax_narrow(const lw_softmax_xent_args *args, ptrdiff_t r, int rows)
{
    const ptrdiff_t cols = args->cols, at = r * cols;
    vf x[VEC_SOFTMAX_NARROW + VF_LANES]; /* logits, then exponentials, then probabilities */
    const float *lanes = (const float *)x;
    vec_turn_in(args->logits + at, cols, rows, x);

    float wanted[VF_LANES] = {0}, loss[VF_LANES];
    if (args->loss)
        for (int i = 0; i < rows; i++) wanted[i] = lanes[args->label[r + i] * VF_LANES + i];
    if (args->loss && args->smoothing != 0.0f) vec_softmax_smooth(args, x, wanted);

    vf m = vf_set1(-INFINITY), s = vf_zero();
    for (ptrdiff_t j = 0; j < cols; j++) m = vf_max(x[j], m);
    for (ptrdiff_t j = 0; j < cols; j++) {
        x[j] = vf_exp(vf_sub(x[j], m));
        s = vf_add(s, x[j]);
    }
    if (args->loss) {
        vf_store(loss, vf_add(vf_log(s), vf_sub(m, vf_load(wanted))));
        for (int i = 0; i < rows; i++) args->loss[r + i] = loss[i];
    }
    if (!args->prob && !args->diff_logits) return;
    const vf inverse = vf_div(vf_set1(1.0f), s);
    for (ptrdiff_t j = 0; j < cols; j++) x[j] = vf_mul(x[j], inverse);
    if (args->prob) vec_turn_out(x, vf_set1(1.0f), args->prob + at, cols, rows);
    if (args->diff_logits) {
        float prob[VF_LANES];
        for (int i = 0; i < rows; i++) prob[i] = lanes[args->label[r + i] * VF_LANES + i];
        if (args->smoothing != 0.0f)
            for (ptrdiff_t j = 0; j < cols; j++) x[j] = vf_sub(x[j], vf_set1(vec_softmax_off(args)));
        vec_turn_out(x, vf_set1(args->scale), args->diff_logits + at, cols, rows);
        for (int i = 0; i < rows; i++) vec_softmax_label(args, r + i, prob[i]);
    }
}

/* ---------------------------------------------------------------- wide: along the row */

VEC_INLINE float vec_row_maximum(const float *x, ptrdiff_t cols)
{
    vf m = vf_load(x); /* cols > VEC_SOFTMAX_NARROW */
    ptrdiff_t j = VF_LANES;
    for (; j + VF_LANES <= cols; j += VF_LANES) m = vf_max(vf_load(x + j), m);
    return vf_maximum(vf_max(vf_load(x + cols - VF_LANES), m)); /* overlaps; a maximum does not mind */
}

/* The sum of exp(x[j] - m); the terms go to e unless it is NULL. e may be x. */
VEC_INLINE float vec_row_exponentials(const float *x, float *e, ptrdiff_t cols, vf m)
{
    vf s = vf_zero();
    for (ptrdiff_t j = 0; j < cols; j += VF_LANES) {
        const int n = vec_left(cols, j);
        const vf term = vf_keep(vm_first(n), vf_exp(vf_sub(vf_load_n(x + j, n), m)));
        if (e) vf_store_n(e + j, term, n);
        s = vf_add(s, term);
    }
    return vf_sum(s);
}

/* The logits by the weights of the loss. */
VEC_INLINE float vec_row_wanted(const lw_softmax_xent_args *args, const float *x, int32_t label)
{
    vf sum = vf_zero();
    if (args->smoothing == 0.0f) return x[label];
    for (ptrdiff_t j = 0; j < args->cols; j += VF_LANES) sum = vf_add(sum, vf_load_n(x + j, vec_left(args->cols, j)));
    return (1.0f - args->smoothing) * x[label] + vec_softmax_off(args) * vf_sum(sum);
}

VEC_INLINE void vec_softmax_wide(const lw_softmax_xent_args *args, ptrdiff_t r)
{
    const ptrdiff_t cols = args->cols;
    const float *x = args->logits + r * cols;
    float *prob = args->prob ? args->prob + r * cols : NULL;
    float *diff = args->diff_logits ? args->diff_logits + r * cols : NULL;
    float *e = prob ? prob : diff;
    const float wanted = args->loss ? vec_row_wanted(args, x, args->label[r]) : 0.0f; /* an output may overwrite it */
    const float m = vec_row_maximum(x, cols);
    const float s = vec_row_exponentials(x, e, cols, vf_set1(m));
    if (args->loss) args->loss[r] = vf_first(vf_log(vf_set1(s))) + (m - wanted);
    if (!e) return;
    const float of_label = diff ? e[args->label[r]] / s : 0.0f;
    const vf inverse = vf_set1(1.0f / s), scale = vf_set1(args->scale), off = vf_set1(vec_softmax_off(args));
    for (ptrdiff_t j = 0; j < cols; j += VF_LANES) {
        const int n = vec_left(cols, j);
        const vf p = vf_mul(vf_load_n(e + j, n), inverse);
        if (prob) vf_store_n(prob + j, p, n);
        if (diff) vf_store_n(diff + j, vf_mul(scale, vf_sub(p, off)), n);
    }
    if (diff) vec_softmax_label(args, r, of_label);
}

/* ---------------------------------------------------------------- */

VEC_INLINE void vec_softmax_xent(lw_softmax_xent_args args, const lw_team *team)
{
    const vec_range share = vec_share(team, args.rows, VF_LANES);
    const ptrdiff_t hi = share.hi;
    ptrdiff_t r = share.lo;
    if (args.cols > VEC_SOFTMAX_NARROW)
        for (; r < hi; r++) vec_softmax_wide(&args, r);
    else
        for (; r < hi; r += VF_LANES) vec_softmax_narrow(&args, r, vec_left(hi, r));
}

#endif
