/* SPDX-License-Identifier: BSD-3-Clause
 * layer_avgpool.c: mean over windows; padding is not counted. */
#include "nn/layer.h"

#include <math.h>

static double flop(const lw_layer *l)
{
    return (double)lw_dims_count(l->used_out) * l->of.pool.kh * l->of.pool.kw;
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    lw_avgpool_fwd_args args = {l->of.pool, t->src, t->dst};
    args.shape.mb = p->mb;
    p->kernels->op[LW_OP_AVGPOOL_FWD]->fn.avgpool_fwd(&args, NULL, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (!t->diff_src) return;
    lw_avgpool_bwd_args args = {l->of.pool, t->diff_dst, t->diff_src};
    args.shape.mb = p->mb;
    p->kernels->op[LW_OP_AVGPOOL_BWD]->fn.avgpool_bwd(&args, NULL, p->team);
}

const lw_layer_type lw_layer_avgpool = {
    .word = "avgpool",
    .title = "AveragePooling2D",
    .stem = "average_pooling2d",
    .usage = "avgpool(size[,stride=size][,pad=0|same])",
    .args = 3,
    .arg = {{"size", LW_ARG_INT, 1, 16, NAN},
            {"stride", LW_ARG_INT, 1, 255, 0},
            {"pad", LW_ARG_INT_OR_SAME, 0, 15, 0}},
    .build = lw_layer_pool_build,
    .flop = flop,
    .reach = lw_layer_pool_reach,
    .resize = lw_layer_pool_resize,
    .forward = forward,
    .backward = backward,
};
