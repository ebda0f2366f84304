/* SPDX-License-Identifier: BSD-3-Clause
 * net_diffs.c: gradients of activations. Each lives from the pass of the last layer that reads its activation to the
 * pass of the layer that made it, so few buffers take turns (two in a chain): small ones stay in cache. */
#include "nn/net_layout.h"

#include <assert.h>

enum { SLOTS = LW_MODEL_LAYERS + LW_LAYER_INPUTS, NONE = -1 };

typedef struct slots {
    ptrdiff_t size[SLOTS];
    bool taken[SLOTS];
} slots;

static int take(slots *s, ptrdiff_t floats)
{
    int at = 0;
    while (s->taken[at]) at++; /* there is one more than there are layers */
    s->taken[at] = true;
    if (s->size[at] < floats) s->size[at] = floats;
    return at;
}

/* Which slot each gradient is in. */
typedef struct plan {
    slots slots;
    int output[LW_MODEL_LAYERS];                 /* the gradient of a layer's output */
    int input[LW_MODEL_LAYERS][LW_LAYER_INPUTS]; /* what the layer writes for its input; NONE: not wanted */
} plan;

/* The first reader to come writes the gradient itself, each later one beside it, to be added. */
static void plan_input(plan *p, const lw_net *net, const lw_layer *l, int input)
{
    const int from = l->from[input];
    int *slot = &p->input[l->index][input];
    *slot = NONE;
    if (!lw_model_wants_diff(net->model, l, input)) return;
    const ptrdiff_t floats = lw_net_padded(net->micro_batch * lw_dims_count(net->model->layer[from].used_out));
    if (input == 0 && l->passes_diff)
        *slot = p->output[l->index];
    else
        *slot = take(&p->slots, floats);
    if (p->output[from] == NONE) p->output[from] = *slot;
}

static void plan_layer(plan *p, const lw_net *net, const lw_layer *l)
{
    bool passed_on = false;
    for (int j = 0; j < l->inputs; j++) plan_input(p, net, l, j);
    for (int j = 0; j < l->inputs; j++) {
        const int slot = p->input[l->index][j];
        if (slot == NONE) continue;
        if (slot == p->output[l->index])
            passed_on = true;
        else if (slot != p->output[l->from[j]])
            p->slots.taken[slot] = false; /* added by then */
    }
    if (!passed_on) p->slots.taken[p->output[l->index]] = false;
}

static void make_plan(plan *p, const lw_net *net)
{
    const lw_model *model = net->model;
    const int last = model->layers - 1;
    *p = (plan){0};
    for (int i = 0; i < model->layers; i++) p->output[i] = NONE;
    p->output[last] = take(&p->slots, lw_net_padded(net->micro_batch * lw_dims_count(model->layer[last].used_out)));
    for (int i = last; i >= 0; i--)
        if (model->layer[i].learns) plan_layer(p, net, &model->layer[i]);
}

static void point(lw_net *net, const plan *p, float *const *buffer)
{
    for (int i = 0; i < net->model->layers; i++) {
        const lw_layer *l = &net->model->layer[i];
        lw_tensors *t = &net->tensors[i];
        if (!l->learns) continue;
        assert(p->output[i] != NONE);
        t->diff_dst = buffer[p->output[i]];
        for (int j = 0; j < l->inputs; j++) {
            if (p->input[i][j] == NONE) continue;
            t->more_diff[j] = buffer[p->input[i][j]];
            float *whole = buffer[p->output[l->from[j]]];
            if (whole != t->more_diff[j]) net->sum_diff[i][j] = whole;
        }
        t->diff_src = t->more_diff[0];
    }
}

bool lw_net_lay_diffs(lw_net *net)
{
    plan p;
    float *buffer[SLOTS];
    ptrdiff_t floats = 0;
    make_plan(&p, net);
    for (int i = 0; i < SLOTS; i++) floats += p.slots.size[i];
    net->diffs = lw_alloc((size_t)floats * sizeof(float));
    if (!net->diffs) return false;
    floats = 0;
    for (int i = 0; i < SLOTS; floats += p.slots.size[i++]) buffer[i] = net->diffs + floats;
    point(net, &p, buffer);
    return true;
}
