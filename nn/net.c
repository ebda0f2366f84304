/* SPDX-License-Identifier: BSD-3-Clause
 * net.c: a model's memory, its passes, and its initial values. */
#include "nn/net.h"

#include "nn/net_layout.h"
#include "nn/net_plan.h"
#include "nn/rng.h"

#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- memory */

/* The activations of more images than this leave the caches that are near, and a step needs each of them twice: the
 * tutorial's network has 62 KiB an image. Threads have passes of their own, so fewer also keep more of them busy. */
enum { MICRO_BATCH_MOST = 32 };

/* As equal as they can be. */
static int micro_batch_of(const lw_model *model, int batch)
{
    const int passes = (batch + MICRO_BATCH_MOST - 1) / MICRO_BATCH_MOST;
    for (int i = 0; i < model->layers; i++)
        if (model->layer[i].type->mixes_images) return batch;
    return (batch + passes - 1) / passes;
}

int lw_net_passes(const lw_net *net, int images)
{
    return (images + net->micro_batch - 1) / net->micro_batch;
}

lw_rounds lw_net_rounds(const lw_net *net, int threads)
{
    const int passes = lw_net_passes(net, net->batch), groups = passes < threads ? passes : threads;
    return (lw_rounds){(passes + groups - 1) / groups, groups, threads / groups};
}

static bool allocate(lw_net *net, int team_size, lw_error *err)
{
    const lw_model *model = net->model;
    const int batch = net->micro_batch;
    bool ok = lw_net_lay_params(net) && lw_net_lay_activations(net) && (net->answers || lw_net_lay_diffs(net));
    lw_net_plan(net);
    net->workspace = lw_alloc(lw_net_place_workspaces(net, team_size));
    net->label = lw_alloc((size_t)batch * sizeof(int32_t));
    net->loss = lw_alloc((size_t)batch * sizeof(float));
    net->prob = lw_alloc((size_t)batch * (size_t)model->classes * sizeof(float));
    if (ok && net->workspace && net->label && net->loss && net->prob) return true;
    lw_net_free(net);
    return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the network at batch size %d", net->batch);
}

bool lw_net_init(lw_net *net, const lw_model *model, const lw_dispatch *kernels, int batch, int team_size,
                 lw_error *err)
{
    *net = (lw_net){.model = model, .kernels = kernels, .batch = batch, .micro_batch = micro_batch_of(model, batch),
                    .pixel_scale = 1.0f / 255};
    return allocate(net, team_size, err);
}

bool lw_net_init_answers(lw_net *net, const lw_model *model, const lw_dispatch *kernels, int batch, int team_size,
                         const lw_net *owner, lw_error *err)
{
    *net = (lw_net){.model = model, .kernels = kernels, .batch = batch, .micro_batch = batch,
                    .pixel_scale = 1.0f / 255, .answers = true, .borrows = owner != NULL, .params = owner ? owner->params : NULL};
    return allocate(net, team_size, err);
}

bool lw_net_init_replica(lw_net *net, const lw_net *owner, int team_size, lw_error *err)
{
    *net = (lw_net){.model = owner->model, .kernels = owner->kernels, .batch = owner->micro_batch,
                    .micro_batch = owner->micro_batch, .borrows = true, .params = owner->params};
    return allocate(net, team_size, err);
}

void lw_net_free(lw_net *net)
{
    if (!net->borrows) lw_free(net->params);
    lw_free(net->grads);
    lw_free(net->sums);
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
        lw_pass pass = *p;
        pass.workspace = (char *)p->workspace + net->own[i];
        model->layer[i].type->forward(&model->layer[i], &net->tensors[i], &pass);
        lw_team_sync(p->team);
        lw_layer_cut(&model->layer[i], p, LW_FORWARD);
    }
    lw_softmax_xent_args args = {.rows = p->mb, .cols = model->classes, .logits = net->logits, .label = net->label,
                                 .scale = 1.0f / (float)(p->step_mb ? p->step_mb : p->mb),
                                 .smoothing = p->smoothing, .loss = net->loss, .prob = net->prob};
    if (p->training) args.diff_logits = net->tensors[model->layers - 1].diff_dst;
    net->kernels->op[LW_OP_SOFTMAX_XENT]->fn.softmax_xent(&args, NULL, p->team);
    lw_team_sync(p->team);
    lw_profile_cut(p->profile, LW_PART_LOSS);
}

/* Adds what layer `at` left beside the gradients that other readers of its inputs left before it: always in the order of
 * the layers, so that the bits do not depend on the team. */
static void add_diffs(const lw_net *net, int at, const lw_pass *p)
{
    const lw_layer *l = &net->model->layer[at];
    bool added = false;
    for (int j = 0; j < l->inputs; j++) {
        float *sum = net->sum_diff[at][j];
        if (!sum) continue;
        const ptrdiff_t count = lw_dims_count(net->model->layer[l->from[j]].used_out);
        const lw_add_args args = {p->mb * count, sum, net->tensors[at].more_diff[j], sum};
        net->kernels->op[LW_OP_ADD]->fn.add(&args, NULL, p->team);
        lw_team_sync(p->team); /* two inputs may be the same layer */
        added = true;
    }
    if (added) lw_layer_cut(l, p, LW_BACKWARD_ADD);
}

void lw_net_backward(lw_net *net, const lw_pass *p)
{
    const lw_model *model = net->model;
    for (int i = model->layers - 1; i >= 0; i--) {
        const lw_layer *l = &model->layer[i];
        if (!l->learns) continue;
        l->type->backward(l, &net->tensors[i], p);
        lw_team_sync(p->team);
        lw_layer_cut(l, p, net->tensors[i].diff_src || !l->params ? LW_BACKWARD_DATA : LW_BACKWARD_WEIGHTS);
        add_diffs(net, i, p);
    }
}

/* Each member walks the same share in each of the sums, so they need no meeting in between. */
static void add_grads(const lw_net *net, const float *sum, const float *grads, float *to, const lw_team *team)
{
    const lw_add_args args = {net->arena, sum, grads, to};
    net->kernels->op[LW_OP_ADD]->fn.add(&args, NULL, team);
}

void lw_net_accumulate(lw_net *net, const lw_net *replica, int number, int count, int passes, const lw_team *team)
{
    const float *sum = number ? net->sums : net->grads;
    for (int i = number ? 0 : 1; i < count; i++) {
        float *to = number + i == passes - 1 ? net->grads : net->sums;
        add_grads(net, sum, i ? replica[i - 1].grads : net->grads, to, team);
        sum = to;
    }
    if (number || count > 1 || passes == 1) return;
    ptrdiff_t lo, hi;
    lw_team_share(team, net->arena, 16, &lo, &hi);
    if (lo < hi) memcpy(net->sums + lo, net->grads + lo, (size_t)(hi - lo) * sizeof *net->sums);
}

/* ---------------------------------------------------------------- initial values */

void lw_net_init_params(lw_net *net, lw_init init, uint64_t seed)
{
    uint64_t number = 0;
    memset(net->params, 0, (size_t)net->values * sizeof(float));
    for (int i = 0; i < net->model->layers; i++) {
        const lw_layer *l = &net->model->layer[i];
        for (int j = 0; j < l->params; j++, number++) {
            const lw_param *param = &l->param[j];
            float *w = net->tensors[i].param[j];
            for (ptrdiff_t k = 0; !param->fan_in && k < lw_param_count(param); k++) w[k] = param->start;
            if (!param->fan_in) continue;
            double fan = init == LW_INIT_HE ? param->fan_in : (double)param->fan_in + param->fan_out;
            float limit = (float)sqrt(6 / fan);
            lw_rng rng = lw_rng_at(seed, LW_PURPOSE_INIT, 0, number);
            for (ptrdiff_t k = 0; k < lw_param_count(param); k++)
                w[k] = limit * (2 * lw_rng_unit(&rng) - 1);
        }
    }
}
