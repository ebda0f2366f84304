/* SPDX-License-Identifier: BSD-3-Clause
 * softmax_xent.c: softmax with cross-entropy, forward and backward, row by row. */
#include "kernels/scalar/symbols.h"

#include <assert.h>
#include <math.h>

/* sum_j exp(x[j] - m); the terms stay in e unless it is NULL. e may be x. */
static float exponentials(const float *x, float *e, ptrdiff_t cols, float m)
{
    float s = 0.0f;
    for (ptrdiff_t j = 0; j < cols; j++) {
        const float term = expf(x[j] - m);
        if (e) e[j] = term;
        s += term;
    }
    return s;
}

/* sum_j q[j] * x[j] */
static float expected(const float *x, ptrdiff_t cols, ptrdiff_t label, float smoothing)
{
    float sum = 0.0f;
    if (smoothing == 0.0f) return x[label];
    for (ptrdiff_t j = 0; j < cols; j++) sum += x[j];
    return (1.0f - smoothing) * x[label] + smoothing / (float)cols * sum;
}

static void row(const lw_softmax_xent_args *args, ptrdiff_t r)
{
    const ptrdiff_t cols = args->cols;
    const float *x = args->logits + r * cols;
    float *prob = args->prob ? args->prob + r * cols : NULL;
    float *diff = args->diff_logits ? args->diff_logits + r * cols : NULL;
    const ptrdiff_t label = args->label ? args->label[r] : 0;
    assert(label >= 0 && label < cols);
    const float wanted = expected(x, cols, label, args->smoothing); /* an output may overwrite them */
    const float off = args->smoothing / (float)cols, on = 1.0f - args->smoothing + off;

    float m = x[0];
    for (ptrdiff_t j = 1; j < cols; j++) m = x[j] > m ? x[j] : m;
    float *e = prob ? prob : diff;
    const float s = exponentials(x, e, cols, m);
    if (args->loss) args->loss[r] = logf(s) + (m - wanted);
    if (!e) return;
    for (ptrdiff_t j = 0; j < cols; j++) {
        const float p = e[j] / s;
        if (prob) prob[j] = p;
        if (diff) diff[j] = args->scale * (p - (j == label ? on : off));
    }
}

void LW_SYM(softmax_xent)(const lw_softmax_xent_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->rows, 1, &lo, &hi);
    for (ptrdiff_t r = lo; r < hi; r++) row(args, r);
}
