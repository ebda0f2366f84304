/* SPDX-License-Identifier: BSD-3-Clause
 *
 * net.h: a model in memory: parameters, gradients, activations and workspace, each in one arena that is
 * allocated up front. Every member of the team calls forward and backward; both end synchronised.
 */
#ifndef LW_NET_H
#define LW_NET_H

#include "nn/model.h"

typedef struct lw_net {
    const lw_model *model; /* outlives the network */
    const lw_dispatch *kernels;
    int batch;       /* images of a step, at most */
    int micro_batch; /* images of a pass, at most: the passes of a larger step add up their gradients */
    bool answers;  /* it has no gradients, and takes no part in training */
    bool borrows;  /* params are another network's */
    /* All trained tensors one after the other, each 64-byte aligned, then the states (running statistics), which
     * have no gradient; the gaps are zero and stay so. What is saved, averaged or restored is all `values`. */
    ptrdiff_t arena;  /* floats of the trained tensors: grads, and what the optimiser walks */
    ptrdiff_t values; /* floats of params: trained tensors and states */
    float *params, *grads;
    float *sums; /* of the gradients of a step's passes so far; NULL: each step is one pass */
    float *activations, *diffs;
    uint8_t *argmax;
    void *workspace;                /* the layers take turns in it; those of a network that only answers have their own, */
    size_t own[LW_MODEL_LAYERS];    /* from this byte on, */
    bool packed;                    /* where weights may stay packed from one pass to the next */
    float pixel_scale, pixel_shift; /* pixels become input as pixel * scale + shift; first 0 .. 1, see pixels.h */
    float *input;   /* micro_batch x input, filled by the caller */
    int32_t *label; /* micro_batch, filled by the caller */
    float *logits;  /* the last layer's output */
    float *prob;    /* micro_batch x classes */
    float *loss;    /* micro_batch */
    lw_tensors tensors[LW_MODEL_LAYERS];
    /* Where set, an input's gradient was written beside that of its other readers, and is to be added to it. */
    float *sum_diff[LW_MODEL_LAYERS][LW_LAYER_INPUTS];
} lw_net;

/* Zero parameters. false: out of memory; the network is empty and may be freed. */
bool lw_net_init(lw_net *net, const lw_model *model, const lw_dispatch *kernels, int batch, int team_size,
                 lw_error *err);
/* A network for lw_net_forward outside of training alone: no gradients, and argmax and saved values as the layers want
 * them. `owner`: another one of the same model, whose parameters it uses and which outlives it; NULL: it has its own. */
bool lw_net_init_answers(lw_net *net, const lw_model *model, const lw_dispatch *kernels, int batch, int team_size,
                         const lw_net *owner, lw_error *err);
/* Another network for passes of `owner`'s steps, with its parameters: with gradients, activations and workspace of its
 * own. `owner` outlives it. */
bool lw_net_init_replica(lw_net *net, const lw_net *owner, int team_size, lw_error *err);
void lw_net_free(lw_net *net);

/* Of how many passes a step of that many images consists: of micro_batch images each, the last one of what is left. */
int lw_net_passes(const lw_net *net, int images);

/* How a team does a step of a whole batch: in so many rounds of passes side by side, of which the first has a pass for
 * each of so many groups of so many threads, or one more. */
typedef struct lw_rounds {
    int rounds, groups, threads;
} lw_rounds;
lw_rounds lw_net_rounds(const lw_net *net, int threads);

/* From input and labels of p->mb images to prob and loss; in training also the gradient of the step's mean
 * loss with respect to the logits. */
void lw_net_forward(lw_net *net, const lw_pass *p);

/* After a forward pass in training: all of `grads`, of the pass. */
void lw_net_backward(lw_net *net, const lw_pass *p);

/* Adds up the gradients of a step's passes, in their order: `count` passes from the one of that number on, of `passes`
 * in all, the first on `net` and the others on the replicas in turn. After the last of all, the sum is net->grads. Every
 * member of the team calls, after the passes; ends without a sync. */
void lw_net_accumulate(lw_net *net, const lw_net *replica, int number, int count, int passes, const lw_team *team);

typedef enum lw_init {
    LW_INIT_GLOROT, /* uniform, limit sqrt(6 / (fan_in + fan_out)); Glorot & Bengio (2010), Keras' default */
    LW_INIT_HE      /* uniform, limit sqrt(6 / fan_in); He et al. (2015) */
} lw_init;

/* Weights by `init`, a function of the seed alone; biases zero. */
void lw_net_init_params(lw_net *net, lw_init init, uint64_t seed);

#endif
