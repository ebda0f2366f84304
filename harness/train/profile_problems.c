/* SPDX-License-Identifier: BSD-3-Clause
 * profile_problems.c: spells them as a user would, so that what is measured is what --problem takes. */
#include "harness/train/profile_problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct problem_list {
    lw_problem *out;
    int count;
} problem_list;

static void add(problem_list *list, lw_op op, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(problem_list *list, lw_op op, const char *format, ...)
{
    char text[LW_PROBLEM_TEXT], err[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (list->count < LW_PART_PROBLEMS && lw_problem_parse(op, text, &list->out[list->count], err, sizeof err))
        list->count++;
}

static void add_conv(problem_list *list, lw_op op, const lw_layer *l, int mb)
{
    const lw_conv2d_shape *s = &l->of.conv;
    add(list, op, "mb%dic%dih%diw%doc%doh%dow%dkh%dkw%dsh%dsw%dph%dpw%d%s", mb, s->ic, s->ih, s->iw, s->oc, s->oh, s->ow,
        s->kh, s->kw, s->sh, s->sw, s->ph, s->pw, op == LW_OP_CONV2D_FWD && l->relu ? "_relu" : "");
}

/* With the max-pool that the convolution does as well. */
static void add_conv_pool(problem_list *list, lw_op op, const lw_layer *l, int mb)
{
    const lw_conv2d_shape *s = &l->of.conv;
    const lw_pool_shape *q = &l->of.pool;
    add(list, op, "mb%dic%dih%diw%doc%doh%dow%dkh%dkw%dsh%dsw%dph%dpw%d_pool%dx%ds%dx%dp%dx%do%dx%d%s", mb, s->ic, s->ih,
        s->iw, s->oc, s->oh, s->ow, s->kh, s->kw, s->sh, s->sw, s->ph, s->pw, q->kh, q->kw, q->sh, q->sw, q->ph, q->pw,
        q->oh, q->ow, l->relu ? "_relu" : "");
}

static void add_pool(problem_list *list, lw_op op, const lw_layer *l, int mb)
{
    const lw_pool_shape *s = &l->of.pool;
    add(list, op, "mb%dic%dih%diw%doh%dow%dkh%dkw%dsh%dsw%dph%dpw%d", mb, s->c, s->ih, s->iw, s->oh, s->ow, s->kh, s->kw,
        s->sh, s->sw, s->ph, s->pw);
}

static void add_relu(problem_list *list, lw_op op, const lw_layer *l, int mb)
{
    add(list, op, "n%td_inplace", mb * lw_dims_count(l->used_out));
}

static void add_dense(problem_list *list, const lw_layer *l, int part, int mb)
{
    int in = l->in.c, out = l->out.c;
    if (part == LW_FORWARD) {
        add(list, LW_OP_SGEMM, "%dx%d:%dx%d", mb, in, in, out);
        add(list, LW_OP_BIAS_FWD, "%dx%d_inplace", mb, out);
        if (l->relu) add_relu(list, LW_OP_RELU_FWD, l, mb);
    } else if (part == LW_BACKWARD_WEIGHTS) {
        add(list, LW_OP_BIAS_BWD, "%dx%d", mb, out);
        add(list, LW_OP_SGEMM, "%dx%d:%dx%d_tn", in, mb, mb, out);
    } else {
        add(list, LW_OP_SGEMM, "%dx%d:%dx%d_nt", mb, out, out, in);
    }
}

/* Both gradients are one call. */
static void add_batchnorm(problem_list *list, const lw_layer *l, int part, int mb)
{
    const ptrdiff_t rows = (ptrdiff_t)mb * l->out.h * l->out.w;
    if (part == LW_FORWARD)
        add(list, LW_OP_BATCHNORM_FWD, "%tdx%d%s", rows, l->out.c, l->relu ? "_relu" : "");
    else
        add(list, LW_OP_BATCHNORM_BWD, "%tdx%d%s%s", rows, l->out.c, l->relu && !l->masked ? "_relu" : "",
            part == LW_BACKWARD_WEIGHTS ? "_nodata" : l->passes_diff ? "_inplace" : "");
}

/* The gradients of inputs that another reader has written already. */
static void add_sums(problem_list *list, const lw_net *net, const lw_layer *l)
{
    for (int j = 0; j < l->inputs; j++)
        if (net->sum_diff[l->index][j])
            add(list, LW_OP_ADD, "n%td_inplace", net->micro_batch * lw_dims_count(net->model->layer[l->from[j]].used_out));
}

static void add_layer(problem_list *list, const lw_net *net, const lw_layer *l, int part)
{
    const int mb = net->micro_batch;
    bool forward = part == LW_FORWARD;
    if (l->pooled) return; /* the convolution before it does this */
    if (part == LW_BACKWARD_ADD)
        add_sums(list, net, l);
    else if (part == LW_BACKWARD_RELU)
        add_relu(list, LW_OP_RELU_BWD, l, mb);
    else if (l->pools)
        add_conv_pool(list, forward                       ? LW_OP_CONV2D_POOL_FWD
                            : part == LW_BACKWARD_WEIGHTS ? LW_OP_CONV2D_POOL_BWD_WEIGHTS
                                                          : LW_OP_CONV2D_POOL_BWD_DATA, l, mb);
    else if (l->type == &lw_layer_conv)
        add_conv(list, forward                       ? LW_OP_CONV2D_FWD
                       : part == LW_BACKWARD_WEIGHTS ? LW_OP_CONV2D_BWD_WEIGHTS
                                                     : LW_OP_CONV2D_BWD_DATA, l, mb);
    else if (l->type == &lw_layer_dense)
        add_dense(list, l, part, mb);
    else if (l->type == &lw_layer_batchnorm)
        add_batchnorm(list, l, part, mb);
    else if (l->type == &lw_layer_maxpool)
        add_pool(list, forward ? LW_OP_MAXPOOL_FWD : LW_OP_MAXPOOL_BWD, l, mb);
    else if (l->type == &lw_layer_avgpool)
        add_pool(list, forward ? LW_OP_AVGPOOL_FWD : LW_OP_AVGPOOL_BWD, l, mb);
    else if (l->type == &lw_layer_relu)
        add_relu(list, forward ? LW_OP_RELU_FWD : LW_OP_RELU_BWD, l, mb);
    else if (l->type == &lw_layer_add && forward)
        add(list, LW_OP_ADD, "n%td", mb * lw_dims_count(l->out));
    else if (l->type == &lw_layer_leakyrelu)
        add(list, forward ? LW_OP_LEAKYRELU_FWD : LW_OP_LEAKYRELU_BWD, "n%td_slope%.9g%s", mb * lw_dims_count(l->used_out),
            (double)l->of.slope, l->in_place ? "_inplace" : "");
    else if (l->type == &lw_layer_globalavgpool)
        add(list, forward ? LW_OP_GAVGPOOL_FWD : LW_OP_GAVGPOOL_BWD, "mb%dhw%dc%d", mb, l->in.h * l->in.w, l->in.c);
    else if (l->type == &lw_layer_dropout)
        add(list, LW_OP_DROPOUT, "n%td_rate%g_inplace", mb * lw_dims_count(l->out), (double)l->of.rate);
}

int lw_part_problems(const lw_net *net, const lw_optimizer *o, const lw_layer *layer, int part,
                     lw_problem out[LW_PART_PROBLEMS])
{
    problem_list list = {out, 0};
    if (layer)
        add_layer(&list, net, layer, part);
    else if (part == LW_PART_GATHER)
        add(&list, LW_OP_NORMALIZE_U8, "n%td_scale%.9g_shift%.9g", net->micro_batch * lw_dims_count(net->model->input),
            (double)net->pixel_scale, (double)net->pixel_shift);
    else if (part == LW_PART_LOSS)
        add(&list, LW_OP_SOFTMAX_XENT, "%dx%d", net->micro_batch, net->model->classes);
    else if (part == LW_PART_ACCUMULATE)
        add(&list, LW_OP_ADD, "n%td_inplace", net->arena);
    else if (part == LW_PART_OPTIMIZER && o->kind == LW_SGD)
        add(&list, LW_OP_SGD, "n%td_lr%.9g_momentum%.9g_wd%.9g%s", net->arena, o->lr, o->momentum, o->weight_decay,
            o->nesterov ? "_nesterov" : "");
    else if (part == LW_PART_OPTIMIZER && o->kind == LW_RMSPROP)
        add(&list, LW_OP_RMSPROP, "n%td_lr%.9g_wd%.9g_rho%.9g_eps%.9g", net->arena, o->lr, o->weight_decay, o->rho,
            o->epsilon);
    else if (part == LW_PART_OPTIMIZER)
        add(&list, LW_OP_ADAM, "n%td_lr%.9g_wd%.9g_beta1_%.9g_beta2_%.9g_eps%.9g_step10%s", net->arena, o->lr,
            o->weight_decay, o->beta1, o->beta2, o->epsilon, o->kind == LW_ADAMW ? "_decoupled" : "");
    return list.count;
}
