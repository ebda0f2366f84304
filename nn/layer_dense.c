/* SPDX-License-Identifier: BSD-3-Clause
 * layer_dense.c: fully connected, dst = src * kernel + bias: three matrix products around one bias. */
#include "nn/layer.h"

#include <limits.h>
#include <math.h>

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    int units = (int)value[0];
    if (l->in.h != 1 || l->in.w != 1)
        return lw_refuse(err, LW_ERROR_MODEL, "the input is %dx%dx%d; put flatten or globalavgpool before dense", l->in.h,
                         l->in.w, l->in.c);
    if ((double)l->in.c * units > INT_MAX)
        return lw_refuse(err, LW_ERROR_MODEL, "%d x %d weights are too many", l->in.c, units);
    l->out = (lw_dims){1, 1, units};
    l->params = 2;
    l->param[0] = (lw_param){.name = "kernel", .rank = 2, .shape = {l->in.c, units}, .fan_in = l->in.c, .fan_out = units};
    l->param[1] = (lw_param){.name = "bias", .rank = 1, .shape = {units}};
    return true;
}

static double flop(const lw_layer *l)
{
    return 2.0 * l->in.c * l->out.c;
}

/* dst[mb][out] = src[mb][in] * kernel[in][out] */
static lw_sgemm_args forward_product(const lw_layer *l, const lw_tensors *t, int mb)
{
    return (lw_sgemm_args){.M = mb, .N = l->out.c, .K = l->in.c, .alpha = 1, .A = t->src, .lda = l->in.c,
                           .B = t->param[0], .ldb = l->out.c, .C = t->dst, .ldc = l->out.c};
}

/* diff_kernel[in][out] = src^T * diff_dst */
static lw_sgemm_args weights_product(const lw_layer *l, const lw_tensors *t, int mb)
{
    return (lw_sgemm_args){.trans_a = true, .M = l->in.c, .N = l->out.c, .K = mb, .alpha = 1, .A = t->src,
                           .lda = l->in.c, .B = t->diff_dst, .ldb = l->out.c, .C = t->grad[0], .ldc = l->out.c};
}

/* diff_src[mb][in] = diff_dst * kernel^T */
static lw_sgemm_args data_product(const lw_layer *l, const lw_tensors *t, int mb)
{
    return (lw_sgemm_args){.trans_b = true, .M = mb, .N = l->in.c, .K = l->out.c, .alpha = 1, .A = t->diff_dst,
                           .lda = l->out.c, .B = t->param[0], .ldb = l->out.c, .C = t->diff_src, .ldc = l->in.c};
}

static bool call(const lw_layer *l, lw_part part, int mb, lw_call *out)
{
    const lw_tensors none = {0};
    out->op = LW_OP_SGEMM;
    switch (part) {
    case LW_FORWARD: out->args.sgemm = forward_product(l, &none, mb); return true;
    case LW_BACKWARD_WEIGHTS: out->args.sgemm = weights_product(l, &none, mb); return true;
    case LW_BACKWARD_DATA: out->args.sgemm = data_product(l, &none, mb); return true;
    default: return false;
    }
}

static size_t workspace(const lw_layer *l, const lw_dispatch *kernels, int mb, int team_size)
{
    lw_bias_bwd_ws_fn *bytes = kernels->op[LW_OP_BIAS_BWD]->workspace.bias_bwd;
    const lw_bias_bwd_args bias = {.rows = mb, .cols = l->out.c};
    return bytes ? bytes(&bias, team_size) : 0;
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    lw_sgemm_args product = forward_product(l, t, p->mb);
    t->kernel[LW_FORWARD]->fn.sgemm(&product, p->workspace, p->team);
    lw_team_sync(p->team);
    lw_bias_fwd_args bias = {p->mb, l->out.c, t->dst, t->param[1], t->dst};
    p->kernels->op[LW_OP_BIAS_FWD]->fn.bias_fwd(&bias, NULL, p->team);
    if (l->relu) {
        lw_team_sync(p->team);
        lw_layer_relu_forward(l, t->dst, p);
    }
}

static void backward_weights(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    lw_bias_bwd_args bias = {p->mb, l->out.c, t->diff_dst, t->grad[1]};
    p->kernels->op[LW_OP_BIAS_BWD]->fn.bias_bwd(&bias, p->workspace, p->team);
    lw_team_sync(p->team);
    lw_sgemm_args weights = weights_product(l, t, p->mb);
    t->kernel[LW_BACKWARD_WEIGHTS]->fn.sgemm(&weights, p->workspace, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    if (l->relu && !l->masked) {
        lw_layer_relu_backward(l, t->dst, t->diff_dst, p);
        lw_team_sync(p->team);
        lw_layer_cut(l, p, LW_BACKWARD_RELU);
    }
    if (!l->frozen) backward_weights(l, t, p);
    if (!t->diff_src) return;
    if (!l->frozen) {
        lw_team_sync(p->team);
        lw_layer_cut(l, p, LW_BACKWARD_WEIGHTS);
    }
    lw_sgemm_args data = data_product(l, t, p->mb);
    t->kernel[LW_BACKWARD_DATA]->fn.sgemm(&data, p->workspace, p->team);
}

const lw_layer_type lw_layer_dense = {
    .word = "dense",
    .title = "Dense",
    .stem = "dense",
    .usage = "dense(units)",
    .takes_relu = true,
    .args = 1,
    .arg = {{"units", LW_ARG_INT, 1, 1048576, NAN}},
    .build = build,
    .flop = flop,
    .call = call,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
};
