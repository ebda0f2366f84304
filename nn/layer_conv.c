/* SPDX-License-Identifier: BSD-3-Clause
 * layer_conv.c: two-dimensional convolution with bias; a ReLU that follows is done by the same kernel. */
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
    l->param[0] = (lw_param){"kernel", 4, {kernel, kernel, s->ic, s->oc}, kernel * kernel * s->ic, kernel * kernel * s->oc};
    l->param[1] = (lw_param){"bias", 1, {s->oc}, 0, 0};
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

static lw_conv2d_shape shape_of(const lw_layer *l, int mb)
{
    lw_conv2d_shape s = l->of.conv;
    s.mb = mb;
    return s;
}

static size_t workspace(const lw_layer *l, const lw_dispatch *kernels, int mb, int team_size)
{
    lw_conv2d_fwd_args fwd = {.shape = shape_of(l, mb), .relu = l->relu};
    lw_conv2d_bwd_data_args data = {.shape = fwd.shape};
    lw_conv2d_bwd_weights_args weights = {.shape = fwd.shape};
    lw_conv2d_fwd_ws_fn *fwd_bytes = kernels->op[LW_OP_CONV2D_FWD]->workspace.conv2d_fwd;
    lw_conv2d_bwd_data_ws_fn *data_bytes = kernels->op[LW_OP_CONV2D_BWD_DATA]->workspace.conv2d_bwd_data;
    lw_conv2d_bwd_weights_ws_fn *weights_bytes =
        kernels->op[LW_OP_CONV2D_BWD_WEIGHTS]->workspace.conv2d_bwd_weights;
    size_t need = fwd_bytes ? fwd_bytes(&fwd, team_size) : 0;
    size_t need_data = data_bytes ? data_bytes(&data, team_size) : 0;
    size_t need_weights = weights_bytes ? weights_bytes(&weights, team_size) : 0;
    if (need < need_data) need = need_data;
    return need < need_weights ? need_weights : need;
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    lw_conv2d_fwd_args args = {shape_of(l, p->mb), t->src, t->param[0], t->param[1], t->dst, l->relu};
    p->kernels->op[LW_OP_CONV2D_FWD]->fn.conv2d_fwd(&args, p->workspace, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (l->relu && !l->masked) {
        lw_layer_relu_backward(l, t->dst, t->diff_dst, p);
        lw_team_sync(p->team);
    }
    lw_conv2d_bwd_weights_args weights = {shape_of(l, p->mb), t->src, t->diff_dst, t->grad[0], t->grad[1]};
    p->kernels->op[LW_OP_CONV2D_BWD_WEIGHTS]->fn.conv2d_bwd_weights(&weights, p->workspace, p->team);
    if (!t->diff_src) return;
    lw_team_sync(p->team);
    lw_conv2d_bwd_data_args data = {shape_of(l, p->mb), t->diff_dst, t->param[0], t->diff_src};
    p->kernels->op[LW_OP_CONV2D_BWD_DATA]->fn.conv2d_bwd_data(&data, p->workspace, p->team);
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
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
};
