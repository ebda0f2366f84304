/* SPDX-License-Identifier: BSD-3-Clause
 * layer_flatten.c: the same numbers seen as a vector, in NHWC order as Keras flattens. */
#include "nn/layer.h"

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    (void)value;
    (void)err;
    l->out = (lw_dims){1, 1, (int)lw_dims_count(l->in)};
    return true;
}

static double flop(const lw_layer *l)
{
    (void)l;
    return 0;
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    lw_layer_copy(l, t->src, t->dst, p);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (t->diff_src) lw_layer_copy(l, t->diff_dst, t->diff_src, p);
}

const lw_layer_type lw_layer_flatten = {
    .word = "flatten",
    .title = "Flatten",
    .stem = "flatten",
    .usage = "flatten",
    .in_place = true,
    .build = build,
    .flop = flop,
    .forward = forward,
    .backward = backward,
};
