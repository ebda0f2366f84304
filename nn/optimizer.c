/* SPDX-License-Identifier: BSD-3-Clause
 * optimizer.c: state and settings of the optimisers; the arithmetic is in the kernels. */
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

void lw_optimizer_apply(const lw_optimizer *o, const lw_net *net, int64_t step, const lw_team *team)
{
    if (o->kind == LW_SGD) {
        lw_sgd_args args = {.n = net->arena, .lr = (float)o->lr, .momentum = (float)o->momentum,
                            .weight_decay = (float)o->weight_decay, .nesterov = o->nesterov, .grad = net->grads,
                            .w = net->params, .velocity = o->state[0]};
        net->kernels->op[LW_OP_SGD]->fn.sgd(&args, NULL, team);
        return;
    }
    if (o->kind == LW_RMSPROP) {
        lw_rmsprop_args args = {.n = net->arena, .lr = (float)o->lr, .rho = (float)o->rho, .epsilon = (float)o->epsilon,
                                .weight_decay = (float)o->weight_decay, .grad = net->grads, .w = net->params,
                                .v = o->state[0]};
        net->kernels->op[LW_OP_RMSPROP]->fn.rmsprop(&args, NULL, team);
        return;
    }
    lw_adam_args args = {.n = net->arena, .lr = (float)o->lr, .beta1 = (float)o->beta1, .beta2 = (float)o->beta2,
                         .epsilon = (float)o->epsilon, .weight_decay = (float)o->weight_decay,
                         .decoupled = o->kind == LW_ADAMW, .step = step, .grad = net->grads, .w = net->params,
                         .m = o->state[0], .v = o->state[1]};
    net->kernels->op[LW_OP_ADAM]->fn.adam(&args, NULL, team);
}
