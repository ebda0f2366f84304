/* SPDX-License-Identifier: BSD-3-Clause
 * layer_globalavgpool.c: the mean of each channel over all positions. */
#include "nn/layer.h"

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    (void)value;
    (void)err;
    l->out = (lw_dims){1, 1, l->in.c};
    return true;
}

static double flop(const lw_layer *l)
{
    return (double)lw_dims_count(l->in);
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    lw_gavgpool_fwd_args args = {p->mb, l->in.h * l->in.w, l->in.c, t->src, t->dst};
    p->kernels->op[LW_OP_GAVGPOOL_FWD]->fn.gavgpool_fwd(&args, NULL, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (!t->diff_src) return;
    lw_gavgpool_bwd_args args = {p->mb, l->in.h * l->in.w, l->in.c, t->diff_dst, t->diff_src};
    p->kernels->op[LW_OP_GAVGPOOL_BWD]->fn.gavgpool_bwd(&args, NULL, p->team);
}

const lw_layer_type lw_layer_globalavgpool = {
    .word = "globalavgpool",
    .title = "GlobalAveragePooling2D",
    .stem = "global_average_pooling2d",
    .usage = "globalavgpool",
    .build = build,
    .flop = flop,
    .forward = forward,
    .backward = backward,
};
