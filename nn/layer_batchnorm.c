/* SPDX-License-Identifier: BSD-3-Clause
 * layer_batchnorm.c: batch normalisation of each channel over the positions of all images of a batch; a ReLU that
 * follows is done by the same kernel. Its statistics look at every position, so it has no reach and nothing before it
 * is cropped. */
#include "nn/layer.h"

#include <math.h>

enum { GAMMA, BETA, MOVING_MEAN, MOVING_VARIANCE };

static bool build(lw_layer *l, const double *value, lw_error *err)
{
    const int c = l->in.c;
    (void)err;
    l->of.norm.momentum = (float)value[0];
    l->of.norm.epsilon = (float)value[1];
    l->out = l->in;
    l->params = 4;
    l->param[GAMMA] = (lw_param){.name = "gamma", .rank = 1, .shape = {c}, .start = 1};
    l->param[BETA] = (lw_param){.name = "beta", .rank = 1, .shape = {c}};
    l->param[MOVING_MEAN] = (lw_param){.name = "moving_mean", .rank = 1, .shape = {c}, .state = true};
    l->param[MOVING_VARIANCE] = (lw_param){.name = "moving_variance", .rank = 1, .shape = {c}, .start = 1, .state = true};
    return true;
}

static double flop(const lw_layer *l)
{
    return 3.0 * (double)lw_dims_count(l->out);
}

static ptrdiff_t saves(const lw_layer *l)
{
    return 2 * (ptrdiff_t)l->out.c; /* mean, then inv_std */
}

static ptrdiff_t rows_of(const lw_layer *l, int mb)
{
    return (ptrdiff_t)mb * l->out.h * l->out.w;
}

static size_t workspace(const lw_layer *l, const lw_dispatch *kernels, int mb, int team_size)
{
    lw_batchnorm_fwd_ws_fn *fwd_bytes = kernels->op[LW_OP_BATCHNORM_FWD]->workspace.batchnorm_fwd;
    lw_batchnorm_bwd_ws_fn *bwd_bytes = kernels->op[LW_OP_BATCHNORM_BWD]->workspace.batchnorm_bwd;
    const lw_batchnorm_fwd_args fwd = {.rows = rows_of(l, mb), .cols = l->out.c, .training = true, .relu = l->relu};
    const lw_batchnorm_bwd_args bwd = {.rows = fwd.rows, .cols = fwd.cols};
    const size_t a = fwd_bytes ? fwd_bytes(&fwd, team_size) : 0, b = bwd_bytes ? bwd_bytes(&bwd, team_size) : 0;
    return a > b ? a : b;
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    const lw_batchnorm_fwd_args args = {
        .rows = rows_of(l, p->mb), .cols = l->out.c, .momentum = l->of.norm.momentum, .epsilon = l->of.norm.epsilon,
        .training = p->training && !l->frozen, .relu = l->relu, .src = t->src, .gamma = t->param[GAMMA], .beta = t->param[BETA],
        .running_mean = t->param[MOVING_MEAN], .running_var = t->param[MOVING_VARIANCE], .mean = t->saved,
        .inv_std = t->saved + l->out.c, .dst = t->dst};
    p->kernels->op[LW_OP_BATCHNORM_FWD]->fn.batchnorm_fwd(&args, p->workspace, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    const lw_batchnorm_bwd_args args = {
        .rows = rows_of(l, p->mb), .cols = l->out.c, .src = t->src, .diff_dst = t->diff_dst,
        .dst = l->relu && !l->masked ? t->dst : NULL, .gamma = t->param[GAMMA], .mean = t->saved,
        .inv_std = t->saved + l->out.c, .diff_src = t->diff_src, .diff_gamma = t->grad[GAMMA], .diff_beta = t->grad[BETA]};
    p->kernels->op[LW_OP_BATCHNORM_BWD]->fn.batchnorm_bwd(&args, p->workspace, p->team);
}

/* In double, so that folding adds one rounding per weight and no more. */
void lw_batchnorm_fold(const lw_layer *norm, float *const param[LW_LAYER_PARAMS], ptrdiff_t rows, float *kernel, float *bias)
{
    const int channels = norm->out.c;
    for (int c = 0; c < channels; c++) {
        const double factor = (double)param[GAMMA][c] / sqrt((double)param[MOVING_VARIANCE][c] + (double)norm->of.norm.epsilon);
        for (ptrdiff_t r = 0; r < rows; r++)
            kernel[r * channels + c] = (float)((double)kernel[r * channels + c] * factor);
        bias[c] = (float)(((double)bias[c] - (double)param[MOVING_MEAN][c]) * factor + (double)param[BETA][c]);
    }
}

const lw_layer_type lw_layer_batchnorm = {
    .word = "batchnorm",
    .title = "BatchNormalization",
    .stem = "batch_normalization",
    .usage = "batchnorm([momentum=0.99][,epsilon=0.001])",
    .takes_relu = true,
    .passes_diff = true,
    .mixes_images = true,
    .args = 2,
    .arg = {{"momentum", LW_ARG_REAL, 0, 1, 0.99}, {"epsilon", LW_ARG_REAL, 1e-9, 1, 0.001}},
    .build = build,
    .flop = flop,
    .saves = saves,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
};
