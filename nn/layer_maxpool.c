/* SPDX-License-Identifier: BSD-3-Clause
 * layer_maxpool.c: maximum over windows. */
#include "nn/layer.h"

#include <math.h>

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    int size = (int)value[0], stride = value[1] > 0 ? (int)value[1] : size, ph = (int)value[2], pw = ph;
    int oh = lw_window_out(l->in.h, size, stride, &ph), ow = lw_window_out(l->in.w, size, stride, &pw);
    if (oh < 1 || ow < 1)
        return lw_refuse(err, LW_ERROR_MODEL, "the %dx%d window is larger than its %dx%d input", size, size, l->in.h,
                         l->in.w);
    if (ph >= size || pw >= size)
        return lw_refuse(err, LW_ERROR_MODEL, "pad=%d wants to be less than the window's %d", ph, size);
    if ((oh - 1) * stride - ph >= l->in.h || (ow - 1) * stride - pw >= l->in.w)
        return lw_refuse(err, LW_ERROR_MODEL, "pad=%d leaves a window without input; a smaller pad or stride would not",
                         ph);
    l->of.pool = (lw_pool_shape){.c = l->in.c, .ih = l->in.h, .iw = l->in.w, .oh = oh, .ow = ow, .kh = size, .kw = size,
                                 .sh = stride, .sw = stride, .ph = ph, .pw = pw};
    l->out = (lw_dims){oh, ow, l->in.c};
    return true;
}

static double flop(const lw_layer *l)
{
    return (double)lw_dims_count(l->used_out) * (l->of.pool.kh * l->of.pool.kw - 1);
}

static lw_dims reach(const lw_layer *l, lw_dims out)
{
    const lw_pool_shape *s = &l->of.pool;
    return lw_window_reach(l->in, out, s->kh, s->kw, s->sh, s->sw, s->ph, s->pw);
}

static void resize(lw_layer *l, lw_dims in, lw_dims out)
{
    l->of.pool.ih = in.h;
    l->of.pool.iw = in.w;
    l->of.pool.oh = out.h;
    l->of.pool.ow = out.w;
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
    .build = build,
    .flop = flop,
    .reach = reach,
    .resize = resize,
    .forward = forward,
    .backward = backward,
};
