/* SPDX-License-Identifier: BSD-3-Clause
 * layer_maxpool.c: maximum over windows. */
#include "nn/layer.h"

#include <math.h>

static double flop(const lw_layer *l)
{
    return (double)lw_dims_count(l->used_out) * (l->of.pool.kh * l->of.pool.kw - 1);
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (l->pooled) return;
    lw_maxpool_fwd_args args = {l->of.pool, t->src, t->dst, t->argmax};
    args.shape.mb = p->mb;
    p->kernels->op[LW_OP_MAXPOOL_FWD]->fn.maxpool_fwd(&args, NULL, p->team);
}

/* A window's maximum passed the ReLU before it exactly if it is positive, so the mask can be laid on the
 * pooled gradient: a quarter of the memory traffic of masking the scattered one, and the same bits. */
static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (l->pooled) return;
    if (l->masks_input) {
        lw_layer_relu_backward(l, t->dst, t->diff_dst, p);
        lw_team_sync(p->team);
        lw_layer_cut(l, p, LW_BACKWARD_RELU);
    }
    if (!t->diff_src) return;
    lw_maxpool_bwd_args args = {l->of.pool, t->diff_dst, t->argmax, t->diff_src};
    args.shape.mb = p->mb;
    p->kernels->op[LW_OP_MAXPOOL_BWD]->fn.maxpool_bwd(&args, NULL, p->team);
}

const lw_layer_type lw_layer_maxpool = {
    .word = "maxpool",
    .title = "MaxPooling2D",
    .stem = "max_pooling2d",
    .usage = "maxpool(size[,stride=size][,pad=0|same])",
    .keeps_argmax = true,
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
