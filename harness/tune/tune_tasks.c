/* SPDX-License-Identifier: BSD-3-Clause
 * tune_tasks.c: the calls of a network as problems to measure. */
#include "harness/tune/tune.h"

#include "harness/train/profile_problems.h"
#include "nn/elide.h"
#include "nn/inference.h"
#include "nn/model_named.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lw_tune_add(lw_tune_tasks *t, const char *name, const lw_problem *p, bool solo)
{
    if (!lw_op_goes_by_size(p->op)) return true;
    for (int i = 0; i < t->count; i++)
        if (t->task[i].problem.op == p->op && strcmp(t->task[i].problem.text, p->text) == 0) return true;
    if (t->count == t->capacity) {
        const int capacity = 2 * t->capacity + 32;
        lw_tune_task *more = realloc(t->task, (size_t)capacity * sizeof *more);
        if (!more) return false;
        t->task = more;
        t->capacity = capacity;
    }
    lw_tune_task *task = &t->task[t->count++];
    *task = (lw_tune_task){.problem = *p, .solo = solo};
    snprintf(task->name, sizeof task->name, "%s", name);
    return true;
}

void lw_tune_tasks_free(lw_tune_tasks *t)
{
    free(t->task);
    *t = (lw_tune_tasks){0};
}

static bool add_part(lw_tune_tasks *t, const lw_net *net, const lw_layer *l, lw_part part, const char *what,
                     bool solo)
{
    const lw_kernel *row = net->tensors[l->index].kernel[part];
    lw_problem problems[LW_PART_PROBLEMS];
    char name[64];
    const int count = row ? lw_part_problems(net, NULL, l, part, problems) : 0;
    snprintf(name, sizeof name, "%s %s", l->name, what);
    for (int i = 0; i < count; i++)
        if (problems[i].op == row->op && !lw_tune_add(t, name, &problems[i], solo)) return false;
    return true;
}

/* A group of threads does a pass. */
static bool add_training(lw_tune_tasks *t, const lw_net *net, int threads)
{
    const bool solo = lw_net_rounds(net, threads).threads == 1;
    bool ok = true;
    for (int i = 0; i < net->model->layers && ok; i++)
        for (int part = 0; part < LW_LAYER_PARTS && ok; part++)
            ok = add_part(t, net, &net->model->layer[i], (lw_part)part, lw_part_name((lw_part)part), solo);
    return ok;
}

/* Each member answers for parts of its own. */
static bool add_answers(lw_tune_tasks *t, const lw_net *net)
{
    bool ok = true;
    for (int i = 0; i < net->model->layers && ok; i++)
        ok = add_part(t, net, &net->model->layer[i], LW_FORWARD, "answer", true);
    return ok;
}

bool lw_tune_add_model(lw_tune_tasks *t, const lw_tune_model *m, const lw_dispatch *kernels, lw_error *err)
{
    static lw_model model; /* too large for a stack, as is what follows */
    static lw_inference inference;
    static lw_net net;
    char text[LW_MODEL_TEXT];
    if (!lw_model_text(m->name, text, err) || !lw_model_parse(&model, text, (lw_dims){m->h, m->w, 1}, err) ||
        !lw_inference_init(&inference, &model, kernels, 1, err))
        return false;
    if (!m->dense) lw_model_elide(&model);
    bool ok = lw_net_init(&net, &model, kernels, m->batch, m->threads, err);
    if (ok && (!add_training(t, &net, m->threads) || !add_answers(t, &inference.net[0])))
        ok = lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the calls of the network");
    lw_net_free(&net);
    lw_inference_free(&inference);
    return ok;
}
