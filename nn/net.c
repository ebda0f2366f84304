/* SPDX-License-Identifier: BSD-3-Clause
 * net.c: lays the tensors of a model out in memory, and runs its layers. */
#include "nn/net.h"

#include "nn/rng.h"

#include <math.h>
#include <string.h>

/* Floats, rounded up so that the next tensor is aligned as well. */
static ptrdiff_t padded(ptrdiff_t floats)
{
    return (floats + 15) / 16 * 16;
}

/* ---------------------------------------------------------------- layout */

static bool lay_params(lw_net *net)
{
    const lw_model *model = net->model;
    for (int i = 0; i < model->layers; i++)
        for (int j = 0; j < model->layer[i].params; j++)
            net->arena += padded(lw_param_count(&model->layer[i].param[j]));
    net->params = lw_alloc((size_t)net->arena * sizeof(float));
    net->grads = lw_alloc((size_t)net->arena * sizeof(float));
    if (!net->params || !net->grads) return false;
    ptrdiff_t at = 0;
    for (int i = 0; i < model->layers; i++)
        for (int j = 0; j < model->layer[i].params; j++) {
            net->tensors[i].param[j] = net->params + at;
            net->tensors[i].grad[j] = net->grads + at;
            at += padded(lw_param_count(&model->layer[i].param[j]));
        }
    return true;
}

/* The input, then every layer's output; a layer in place uses the one before it. */
static bool lay_activations(lw_net *net)
{
    const lw_model *model = net->model;
    ptrdiff_t floats = padded(net->batch * lw_dims_count(model->input)), bytes = 0, most = 0;
    for (int i = 0; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        ptrdiff_t count = net->batch * lw_dims_count(l->used_out);
        if (l->pools) continue; /* its map is not kept */
        if (!l->type->in_place) floats += padded(count);
        if (l->type->keeps_argmax) bytes += padded(count);
        if (most < padded(count)) most = padded(count);
    }
    net->activations = lw_alloc((size_t)floats * sizeof(float));
    net->argmax = lw_alloc((size_t)bytes);
    net->diffs = lw_alloc((size_t)(2 * most) * sizeof(float));
    if (!net->activations || !net->argmax || !net->diffs) return false;

    net->input = net->activations;
    float *last = net->input, *next = net->input + padded(net->batch * lw_dims_count(model->input));
    uint8_t *argmax = net->argmax;
    for (int i = 0; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        lw_tensors *t = &net->tensors[i];
        ptrdiff_t count = padded(net->batch * lw_dims_count(l->used_out));
        t->src = last;
        if (l->pools) continue; /* its outputs are those of the pool that follows */
        t->dst = l->type->in_place ? last : next;
        if (!l->type->in_place) next += count;
        if (l->type->keeps_argmax) {
            t->argmax = argmax;
            argmax += count;
        }
        if (l->pooled) {
            net->tensors[i - 1].dst = t->dst;
            net->tensors[i - 1].argmax = t->argmax;
        }
        last = t->dst;
    }
    net->logits = last;

    /* Gradients live for one layer only, so two buffers take turns: small ones stay in cache. */
    float *diff = net->diffs, *other = net->diffs + most;
    for (int i = model->layers - 1; i >= 0; i--) {
        lw_tensors *t = &net->tensors[i];
        t->diff_dst = diff;
        if (!model->layer[i].type->in_place && !model->layer[i].pooled) {
            diff = other;
            other = t->diff_dst;
        }
        t->diff_src = i > model->first_param ? diff : NULL;
    }
    return true;
}

/* A smaller batch may want more than a larger one where the team is shared out differently. */
static size_t workspace_bytes(const lw_net *net, int team_size)
{
    size_t most = 0;
    for (int i = 0; i < net->model->layers; i++) {
        const lw_layer *l = &net->model->layer[i];
        for (int mb = 1; l->type->workspace && mb <= net->batch; mb++) {
            size_t need = l->type->workspace(l, net->kernels, mb, team_size);
            if (most < need) most = need;
        }
    }
    return most;
}

bool lw_net_init(lw_net *net, const lw_model *model, const lw_dispatch *kernels, int batch, int team_size,
                 lw_error *err)
{
    *net = (lw_net){.model = model, .kernels = kernels, .batch = batch};
    bool ok = lay_params(net) && lay_activations(net);
    net->workspace = lw_alloc(workspace_bytes(net, team_size));
    net->label = lw_alloc((size_t)batch * sizeof(int32_t));
    net->loss = lw_alloc((size_t)batch * sizeof(float));
    net->prob = lw_alloc((size_t)batch * (size_t)model->classes * sizeof(float));
    if (ok && net->workspace && net->label && net->loss && net->prob) return true;
    lw_net_free(net);
    return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the network at batch size %d", batch);
}

void lw_net_free(lw_net *net)
{
    lw_free(net->params);
    lw_free(net->grads);
    lw_free(net->activations);
    lw_free(net->diffs);
    lw_free(net->argmax);
    lw_free(net->workspace);
    lw_free(net->label);
    lw_free(net->prob);
    lw_free(net->loss);
    *net = (lw_net){0};
}

/* ---------------------------------------------------------------- passes */

void lw_net_forward(lw_net *net, const lw_pass *p)
{
    const lw_model *model = net->model;
    for (int i = 0; i < model->layers; i++) {
        model->layer[i].type->forward(&model->layer[i], &net->tensors[i], p);
        lw_team_sync(p->team);
        lw_layer_cut(&model->layer[i], p, LW_FORWARD);
    }
    lw_softmax_xent_args args = {.rows = p->mb, .cols = model->classes, .logits = net->logits, .label = net->label,
                                 .scale = 1.0f / (float)p->mb, .loss = net->loss, .prob = net->prob};
    if (p->training) args.diff_logits = net->tensors[model->layers - 1].diff_dst;
    net->kernels->op[LW_OP_SOFTMAX_XENT]->fn.softmax_xent(&args, NULL, p->team);
    lw_team_sync(p->team);
    lw_profile_cut(p->profile, LW_PART_LOSS);
}

void lw_net_backward(lw_net *net, const lw_pass *p)
{
    const lw_model *model = net->model;
    for (int i = model->layers - 1; i >= model->first_param; i--) {
        const lw_layer *l = &model->layer[i];
        l->type->backward(l, &net->tensors[i], p);
        lw_team_sync(p->team);
        lw_layer_cut(l, p, net->tensors[i].diff_src || !l->params ? LW_BACKWARD_DATA : LW_BACKWARD_WEIGHTS);
    }
}

/* ---------------------------------------------------------------- initial values */

void lw_net_init_params(lw_net *net, lw_init init, uint64_t seed)
{
    uint64_t number = 0;
    memset(net->params, 0, (size_t)net->arena * sizeof(float));
    for (int i = 0; i < net->model->layers; i++) {
        const lw_layer *l = &net->model->layer[i];
        for (int j = 0; j < l->params; j++, number++) {
            const lw_param *param = &l->param[j];
            if (!param->fan_in) continue;
            double fan = init == LW_INIT_HE ? param->fan_in : (double)param->fan_in + param->fan_out;
            float limit = (float)sqrt(6 / fan), *w = net->tensors[i].param[j];
            lw_rng rng = lw_rng_at(seed, LW_PURPOSE_INIT, 0, number);
            for (ptrdiff_t k = 0; k < lw_param_count(param); k++)
                w[k] = limit * (2 * lw_rng_unit(&rng) - 1);
        }
    }
}
