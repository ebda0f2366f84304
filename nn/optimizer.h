/* SPDX-License-Identifier: BSD-3-Clause
 * optimizer.h: the optimisers, as one kernel call over all parameters of a network. Weight decay is on
 * every parameter, biases included. */
#ifndef LW_OPTIMIZER_H
#define LW_OPTIMIZER_H

#include "nn/net.h"

typedef enum lw_optimizer_kind { LW_SGD, LW_ADAM, LW_ADAMW, LW_RMSPROP } lw_optimizer_kind;

typedef struct lw_optimizer {
    lw_optimizer_kind kind;
    double lr, weight_decay;
    double momentum; /* SGD */
    bool nesterov;
    double beta1, beta2, epsilon; /* Adam, AdamW; RMSprop has epsilon alone */
    double rho;                   /* RMSprop */
    int64_t step;                 /* steps done */
    float *state[2];              /* velocity; first and second moment; second moment; as long as the network's arena */
} lw_optimizer;

/* Keras' settings: SGD lr 0.01, the others lr 0.001; betas 0.9 0.999, rho 0.9, epsilon 1e-7; AdamW decays by 0.004,
 * the others by nothing. No state yet. */
lw_optimizer lw_optimizer_default(lw_optimizer_kind kind);
const char *lw_optimizer_name(lw_optimizer_kind kind); /* "adam" */

int lw_optimizer_states(const lw_optimizer *o); /* how many of state[] it uses */
bool lw_optimizer_init(lw_optimizer *o, const lw_net *net, lw_error *err); /* state to zero */
void lw_optimizer_free(lw_optimizer *o);

/* Step number `step` (from 1) from net->grads to net->params, each layer by lr times its lr_factor: what decays by lr
 * decays by that as well. Every member of the team calls; the caller synchronises. */
void lw_optimizer_apply(const lw_optimizer *o, const lw_net *net, int64_t step, const lw_team *team);

#endif
