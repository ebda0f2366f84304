/* SPDX-License-Identifier: BSD-3-Clause
 * layer_relu.c: a ReLU that no layer before it takes over; in place where it may, as its gradient needs only its
 * output. */
#include "nn/layer.h"

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    (void)value;
    (void)err;
    l->out = l->in;
    return true;
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    lw_relu_fwd_args args = {p->mb * lw_dims_count(l->used_out), t->src, t->dst};
    p->kernels->op[LW_OP_RELU_FWD]->fn.relu_fwd(&args, NULL, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (!t->diff_src) return;
    lw_relu_bwd_args args = {p->mb * lw_dims_count(l->used_out), t->dst, t->diff_dst, t->diff_src};
    p->kernels->op[LW_OP_RELU_BWD]->fn.relu_bwd(&args, NULL, p->team);
}

const lw_layer_type lw_layer_relu = {
    .word = "relu",
    .title = "ReLU",
    .stem = "re_lu",
    .usage = "relu",
    .in_place = true,
    .build = build,
    .flop = lw_layer_pointwise_flop,
    .reach = lw_layer_pointwise_reach,
    .resize = lw_layer_pointwise_resize,
    .forward = forward,
    .backward = backward,
};
