/* SPDX-License-Identifier: BSD-3-Clause
 * layer_leakyrelu.c: leaky ReLU; in place, as its output has the sign of its input. No layer before takes it over. */
#include "nn/layer.h"

#include <math.h>

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    (void)err;
    l->of.slope = (float)value[0];
    l->out = l->in;
    return true;
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    const lw_leakyrelu_fwd_args args = {p->mb * lw_dims_count(l->used_out), l->of.slope, t->src, t->dst};
    p->kernels->op[LW_OP_LEAKYRELU_FWD]->fn.leakyrelu_fwd(&args, NULL, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (!t->diff_src) return;
    const lw_leakyrelu_bwd_args args = {p->mb * lw_dims_count(l->used_out), l->of.slope, t->dst, t->diff_dst, t->diff_src};
    p->kernels->op[LW_OP_LEAKYRELU_BWD]->fn.leakyrelu_bwd(&args, NULL, p->team);
}

const lw_layer_type lw_layer_leakyrelu = {
    .word = "leakyrelu",
    .title = "LeakyReLU",
    .stem = "leaky_re_lu",
    .usage = "leakyrelu(slope)",
    .in_place = true,
    .args = 1,
    .arg = {{"slope", LW_ARG_REAL, 0, 1, NAN}},
    .build = build,
    .flop = lw_layer_pointwise_flop,
    .reach = lw_layer_pointwise_reach,
    .resize = lw_layer_pointwise_resize,
    .forward = forward,
    .backward = backward,
};
