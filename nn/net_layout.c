/* SPDX-License-Identifier: BSD-3-Clause
 * net_layout.c: parameters and activations: one after the other, as all are needed until the end of a step. */
#include "nn/net_layout.h"

/* Places the trained tensors or the others from `at` on; returns where they end. */
static ptrdiff_t place(lw_net *net, bool trained, ptrdiff_t at)
{
    for (int i = 0; i < net->model->layers; i++)
        for (int j = 0; j < net->model->layer[i].params; j++) {
            const lw_param *p = &net->model->layer[i].param[j];
            if (lw_layer_trains(&net->model->layer[i], j) != trained) continue;
            if (net->params) net->tensors[i].param[j] = net->params + at;
            if (net->grads && trained) net->tensors[i].grad[j] = net->grads + at;
            at += lw_net_padded(lw_param_count(p));
        }
    return at;
}

bool lw_net_lay_params(lw_net *net)
{
    net->arena = place(net, true, 0);
    net->values = place(net, false, net->arena);
    if (!net->borrows) net->params = lw_alloc((size_t)net->values * sizeof(float));
    if (!net->answers) net->grads = lw_alloc((size_t)net->arena * sizeof(float));
    const bool adds = net->micro_batch < net->batch;
    if (adds) net->sums = lw_alloc((size_t)net->arena * sizeof(float));
    if (!net->params || (!net->answers && !net->grads) || (adds && !net->sums)) return false;
    place(net, false, place(net, true, 0));
    return true;
}

/* The input, then every layer's output; a layer in place uses the one that it reads. */
static bool allocate(lw_net *net)
{
    const lw_model *model = net->model;
    ptrdiff_t floats = lw_net_padded(net->micro_batch * lw_dims_count(model->input)), bytes = 0;
    for (int i = 0; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        const ptrdiff_t count = lw_net_padded(net->micro_batch * lw_dims_count(l->used_out));
        if (l->pools) continue; /* its map is not kept */
        if (!l->in_place) floats += count;
        if (l->type->keeps_argmax) bytes += count;
        if (l->type->saves) floats += lw_net_padded(l->type->saves(l));
    }
    net->activations = lw_alloc((size_t)floats * sizeof(float));
    net->argmax = lw_alloc((size_t)bytes);
    return net->activations && net->argmax;
}

static void point_at_inputs(lw_net *net, int at)
{
    const lw_layer *l = &net->model->layer[at];
    lw_tensors *t = &net->tensors[at];
    for (int j = 0; j < l->inputs; j++)
        t->more_src[j] = l->from[j] == LW_IMAGE ? net->input : net->tensors[l->from[j]].dst;
    t->src = t->more_src[0];
}

bool lw_net_lay_activations(lw_net *net)
{
    const lw_model *model = net->model;
    if (!allocate(net)) return false;
    net->input = net->activations;
    float *next = net->input + lw_net_padded(net->micro_batch * lw_dims_count(model->input));
    uint8_t *argmax = net->argmax;
    for (int i = 0; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        lw_tensors *t = &net->tensors[i];
        const ptrdiff_t count = lw_net_padded(net->micro_batch * lw_dims_count(l->used_out));
        point_at_inputs(net, i);
        if (l->pools) continue; /* its outputs are those of the pool that follows */
        if (l->in_place) {
            t->dst = l->from[0] == LW_IMAGE ? net->input : net->tensors[l->from[0]].dst;
        } else {
            t->dst = next;
            next += count;
        }
        if (l->type->keeps_argmax) {
            t->argmax = argmax;
            argmax += count;
        }
        if (l->type->saves) {
            t->saved = next;
            next += lw_net_padded(l->type->saves(l));
        }
        if (l->pooled) {
            net->tensors[l->from[0]].dst = t->dst;
            net->tensors[l->from[0]].argmax = t->argmax;
        }
    }
    net->logits = net->tensors[model->layers - 1].dst;
    return true;
}
