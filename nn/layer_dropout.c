/* SPDX-License-Identifier: BSD-3-Clause
 * layer_dropout.c: inverted dropout. In place: what it drops is zero in both passes and what it keeps has
 * the sign that it had, so the gradient of a ReLU before it may look at the dropped output. */
#include "nn/layer.h"

#include "nn/rng.h"

#include <math.h>

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    (void)err;
    l->of.rate = (float)value[0];
    l->out = l->in;
    return true;
}

static double flop(const lw_layer *l)
{
    return (double)lw_dims_count(l->out);
}

/* The same mask for the pass's values and for their gradients. Steps of more than one pass are of 65 images or more, so
 * that 18 bits number those of sixteen million. */
static void drop(const lw_layer *l, const float *src, float *dst, const lw_pass *p)
{
    const uint64_t pass = ((uint64_t)p->number << 18) + p->step;
    uint64_t stream = lw_rng_stream(LW_PURPOSE_DROPOUT, p->epoch, pass * 256 + (uint64_t)l->index);
    lw_dropout_args args = {p->mb * lw_dims_count(l->out), l->of.rate, p->seed, stream, src, dst};
    p->kernels->op[LW_OP_DROPOUT]->fn.dropout(&args, NULL, p->team);
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (p->training)
        drop(l, t->src, t->dst, p);
    else
        lw_layer_copy(l, t->src, t->dst, p);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (t->diff_src) drop(l, t->diff_dst, t->diff_src, p);
}

const lw_layer_type lw_layer_dropout = {
    .word = "dropout",
    .title = "Dropout",
    .stem = "dropout",
    .usage = "dropout(rate)",
    .in_place = true,
    .args = 1,
    .arg = {{"rate", LW_ARG_REAL, 0, 0.99, NAN}},
    .build = build,
    .flop = flop,
    .forward = forward,
    .backward = backward,
};
