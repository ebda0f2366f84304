/* SPDX-License-Identifier: BSD-3-Clause
 * optimizer.c: state and settings of the optimisers, and which parameters move by which rate; the arithmetic is in the
 * kernels. */
#include "nn/optimizer.h"

lw_optimizer lw_optimizer_default(lw_optimizer_kind kind)
{
    return (lw_optimizer){.kind = kind,
                          .lr = kind == LW_SGD ? 0.01 : 0.001,
                          .weight_decay = kind == LW_ADAMW ? 0.004 : 0,
                          .beta1 = 0.9,
                          .beta2 = 0.999,
                          .rho = 0.9,
                          .epsilon = 1e-7};
}

const char *lw_optimizer_name(lw_optimizer_kind kind)
{
    static const char *const names[] = {
        [LW_SGD] = "sgd", [LW_ADAM] = "adam", [LW_ADAMW] = "adamw", [LW_RMSPROP] = "rmsprop"};
    return names[kind];
}

int lw_optimizer_states(const lw_optimizer *o)
{
    if (o->kind == LW_SGD) return o->momentum != 0;
    return o->kind == LW_RMSPROP ? 1 : 2;
}

bool lw_optimizer_init(lw_optimizer *o, const lw_net *net, lw_error *err)
{
    int wanted = lw_optimizer_states(o);
    o->step = 0;
    for (int i = 0; i < 2; i++)
        o->state[i] = i < wanted ? lw_alloc((size_t)net->arena * sizeof(float)) : NULL;
    for (int i = 0; i < wanted; i++)
        if (!o->state[i]) {
            lw_optimizer_free(o);
            return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the optimiser's state");
        }
    return true;
}

void lw_optimizer_free(lw_optimizer *o)
{
    lw_free(o->state[0]);
    lw_free(o->state[1]);
    o->state[0] = o->state[1] = NULL;
}

/* ---------------------------------------------------------------- a step */

/* Floats [lo, hi) of the arena, all by the same rate. */
typedef struct stretch {
    ptrdiff_t lo, hi;
    float lr;
} stretch;

static void apply_sgd(const lw_optimizer *o, const lw_net *net, stretch s, const lw_team *team)
{
    const lw_sgd_args args = {.n = s.hi - s.lo, .lr = s.lr, .momentum = (float)o->momentum,
                              .weight_decay = (float)o->weight_decay, .nesterov = o->nesterov, .grad = net->grads + s.lo,
                              .w = net->params + s.lo, .velocity = o->state[0] ? o->state[0] + s.lo : NULL};
    net->kernels->op[LW_OP_SGD]->fn.sgd(&args, NULL, team);
}

static void apply_rmsprop(const lw_optimizer *o, const lw_net *net, stretch s, const lw_team *team)
{
    const lw_rmsprop_args args = {.n = s.hi - s.lo, .lr = s.lr, .rho = (float)o->rho, .epsilon = (float)o->epsilon,
                                  .weight_decay = (float)o->weight_decay, .grad = net->grads + s.lo,
                                  .w = net->params + s.lo, .v = o->state[0] + s.lo};
    net->kernels->op[LW_OP_RMSPROP]->fn.rmsprop(&args, NULL, team);
}

static void apply_adam(const lw_optimizer *o, const lw_net *net, int64_t step, stretch s, const lw_team *team)
{
    const lw_adam_args args = {.n = s.hi - s.lo, .lr = s.lr, .beta1 = (float)o->beta1, .beta2 = (float)o->beta2,
                               .epsilon = (float)o->epsilon, .weight_decay = (float)o->weight_decay,
                               .decoupled = o->kind == LW_ADAMW, .step = step, .grad = net->grads + s.lo,
                               .w = net->params + s.lo, .m = o->state[0] + s.lo, .v = o->state[1] + s.lo};
    net->kernels->op[LW_OP_ADAM]->fn.adam(&args, NULL, team);
}

/* The trained tensors lie in the order of the layers: neighbours with the same factor are one call. */
static stretch next_stretch(const lw_optimizer *o, const lw_net *net, int *layer, ptrdiff_t lo)
{
    const lw_model *model = net->model;
    double factor = 1;
    ptrdiff_t hi = net->arena;
    for (bool any = false; *layer < model->layers; ++*layer) {
        const lw_layer *l = &model->layer[*layer];
        if (!net->tensors[*layer].grad[0]) continue;
        if (any && l->lr_factor != factor) {
            hi = net->tensors[*layer].grad[0] - net->grads;
            break;
        }
        factor = l->lr_factor;
        any = true;
    }
    return (stretch){lo, hi, (float)(o->lr * factor)};
}

void lw_optimizer_apply(const lw_optimizer *o, const lw_net *net, int64_t step, const lw_team *team)
{
    int layer = 0;
    for (ptrdiff_t lo = 0; lo < net->arena;) {
        const stretch s = next_stretch(o, net, &layer, lo);
        if (o->kind == LW_SGD)
            apply_sgd(o, net, s, team);
        else if (o->kind == LW_RMSPROP)
            apply_rmsprop(o, net, s, team);
        else
            apply_adam(o, net, step, s, team);
        lo = s.hi;
    }
}
