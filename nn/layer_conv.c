/* SPDX-License-Identifier: BSD-3-Clause
 * layer_conv.c: two-dimensional convolution with bias; a ReLU that follows is done by the same kernel, and so is a
 * max-pool after that, if elide.c gave it to this layer. */
#include "nn/layer.h"

#include <limits.h>
#include <math.h>

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    lw_conv2d_shape *s = &l->of.conv;
    int kernel = (int)value[1], stride = (int)value[2], ph = (int)value[3], pw = ph;
    int oh = lw_window_out(l->in.h, kernel, stride, &ph), ow = lw_window_out(l->in.w, kernel, stride, &pw);
    if (oh < 1 || ow < 1)
        return lw_refuse(err, LW_ERROR_MODEL, "the %dx%d kernel is larger than its %dx%d input (pad=same keeps the size)",
                         kernel, kernel, l->in.h, l->in.w);
    if (ph >= kernel || pw >= kernel)
        return lw_refuse(err, LW_ERROR_MODEL, "pad=%d wants to be less than the kernel's %d", ph, kernel);
    if (value[0] * kernel * kernel * l->in.c > INT_MAX)
        return lw_refuse(err, LW_ERROR_MODEL, "%dx%dx%dx%d weights are too many", kernel, kernel, l->in.c,
                         (int)value[0]);
    *s = (lw_conv2d_shape){.ic = l->in.c, .ih = l->in.h, .iw = l->in.w, .oc = (int)value[0], .oh = oh, .ow = ow,
                           .kh = kernel, .kw = kernel, .sh = stride, .sw = stride, .ph = ph, .pw = pw};
    if ((oh - 1) * stride - ph >= s->ih || (ow - 1) * stride - pw >= s->iw)
        return lw_refuse(err, LW_ERROR_MODEL, "pad=%d leaves a window without input; a smaller pad or stride would not",
                         ph);
    l->out = (lw_dims){oh, ow, s->oc};
    l->params = 2;
    l->param[0] = (lw_param){.name = "kernel", .rank = 4, .shape = {kernel, kernel, s->ic, s->oc},
                             .fan_in = kernel * kernel * s->ic, .fan_out = kernel * kernel * s->oc};
    l->param[1] = (lw_param){.name = "bias", .rank = 1, .shape = {s->oc}};
    return true;
}

/* Window positions inside the input, summed over the outputs of one dimension. */
static double positions(int in, int out, int size, int stride, int pad)
{
    double sum = 0;
    for (int o = 0; o < out; o++) {
        int first = o * stride - pad, last = first + size;
        sum += (last < in ? last : in) - (first > 0 ? first : 0);
    }
    return sum;
}

static double flop(const lw_layer *l)
{
    const lw_conv2d_shape *s = &l->of.conv;
    return 2.0 * s->oc * s->ic * positions(s->ih, s->oh, s->kh, s->sh, s->ph) *
           positions(s->iw, s->ow, s->kw, s->sw, s->pw);
}

static lw_dims reach(const lw_layer *l, lw_dims out)
{
    const lw_conv2d_shape *s = &l->of.conv;
    return lw_window_reach(l->in, out, s->kh, s->kw, s->sh, s->sw, s->ph, s->pw);
}

static void resize(lw_layer *l, lw_dims in, lw_dims out)
{
    l->of.conv.ih = in.h;
    l->of.conv.iw = in.w;
    l->of.conv.oh = out.h;
    l->of.conv.ow = out.w;
}

static lw_conv2d_shape shape_of(const lw_layer *l, int mb)
{
    lw_conv2d_shape s = l->of.conv;
    s.mb = mb;
    return s;
}

static lw_conv2d_pool_shape pool_shape_of(const lw_layer *l, int mb)
{
    lw_conv2d_pool_shape s = {l->of.conv, l->of.pool};
    s.conv.mb = s.pool.mb = mb;
    return s;
}

static bool pool_call(const lw_layer *l, lw_part part, int mb, lw_call *out)
{
    const lw_conv2d_pool_shape s = pool_shape_of(l, mb);
    if (part == LW_FORWARD)
        *out = (lw_call){LW_OP_CONV2D_POOL_FWD, {.conv2d_pool_fwd = {.shape = s, .relu = l->relu}}};
    else if (part == LW_BACKWARD_WEIGHTS)
        *out = (lw_call){LW_OP_CONV2D_POOL_BWD_WEIGHTS, {.conv2d_pool_bwd_weights = {.shape = s}}};
    else if (part == LW_BACKWARD_DATA)
        *out = (lw_call){LW_OP_CONV2D_POOL_BWD_DATA, {.conv2d_pool_bwd_data = {.shape = s}}};
    else
        return false;
    return true;
}

static bool call(const lw_layer *l, lw_part part, int mb, lw_call *out)
{
    const lw_conv2d_shape s = shape_of(l, mb);
    if (l->pools) return pool_call(l, part, mb, out);
    if (part == LW_FORWARD)
        *out = (lw_call){LW_OP_CONV2D_FWD, {.conv2d_fwd = {.shape = s, .relu = l->relu}}};
    else if (part == LW_BACKWARD_WEIGHTS)
        *out = (lw_call){LW_OP_CONV2D_BWD_WEIGHTS, {.conv2d_bwd_weights = {.shape = s}}};
    else if (part == LW_BACKWARD_DATA)
        *out = (lw_call){LW_OP_CONV2D_BWD_DATA, {.conv2d_bwd_data = {.shape = s}}};
    else
        return false;
    return true;
}

static void pool_forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    const lw_conv2d_pool_fwd_args args = {pool_shape_of(l, p->mb), t->src, t->param[0], t->param[1], t->dst, t->argmax,
                                          l->relu, p->packed};
    t->kernel[LW_FORWARD]->fn.conv2d_pool_fwd(&args, p->workspace, p->team);
}

/* Between the weights' pass and the input's. */
static void end_weights(const lw_layer *l, const lw_pass *p)
{
    if (l->frozen) return;
    lw_team_sync(p->team);
    lw_layer_cut(l, p, LW_BACKWARD_WEIGHTS);
}

/* The pooled output tells where the ReLU was off. */
static void pool_backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    const float *dst = l->relu ? t->dst : NULL;
    const lw_conv2d_pool_bwd_weights_args weights = {pool_shape_of(l, p->mb), t->src, t->diff_dst, dst, t->argmax,
                                                     t->grad[0], t->grad[1]};
    if (!l->frozen)
        t->kernel[LW_BACKWARD_WEIGHTS]->fn.conv2d_pool_bwd_weights(&weights, p->workspace, p->team);
    if (!t->diff_src) return;
    end_weights(l, p);
    const lw_conv2d_pool_bwd_data_args data = {weights.shape, t->diff_dst, dst, t->param[0], t->argmax, t->diff_src};
    t->kernel[LW_BACKWARD_DATA]->fn.conv2d_pool_bwd_data(&data, p->workspace, p->team);
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (l->pools) {
        pool_forward(l, t, p);
        return;
    }
    lw_conv2d_fwd_args args = {shape_of(l, p->mb), t->src, t->param[0], t->param[1], t->dst, l->relu, p->packed};
    t->kernel[LW_FORWARD]->fn.conv2d_fwd(&args, p->workspace, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (l->pools) {
        pool_backward(l, t, p);
        return;
    }
    if (l->relu && !l->masked) {
        lw_layer_relu_backward(l, t->dst, t->diff_dst, p);
        lw_team_sync(p->team);
        lw_layer_cut(l, p, LW_BACKWARD_RELU);
    }
    lw_conv2d_bwd_weights_args weights = {shape_of(l, p->mb), t->src, t->diff_dst, t->grad[0], t->grad[1]};
    if (!l->frozen) t->kernel[LW_BACKWARD_WEIGHTS]->fn.conv2d_bwd_weights(&weights, p->workspace, p->team);
    if (!t->diff_src) return;
    end_weights(l, p);
    lw_conv2d_bwd_data_args data = {shape_of(l, p->mb), t->diff_dst, t->param[0], t->diff_src};
    t->kernel[LW_BACKWARD_DATA]->fn.conv2d_bwd_data(&data, p->workspace, p->team);
}

const lw_layer_type lw_layer_conv = {
    .word = "conv",
    .title = "Conv2D",
    .stem = "conv2d",
    .usage = "conv(filters,kernel[,stride=1][,pad=0|same])",
    .takes_relu = true,
    .args = 4,
    .arg = {{"filters", LW_ARG_INT, 1, 65536, NAN},
            {"kernel", LW_ARG_INT, 1, 255, NAN},
            {"stride", LW_ARG_INT, 1, 255, 1},
            {"pad", LW_ARG_INT_OR_SAME, 0, 254, 0}},
    .build = build,
    .flop = flop,
    .reach = reach,
    .resize = resize,
    .call = call,
    .forward = forward,
    .backward = backward,
};
