/* SPDX-License-Identifier: BSD-3-Clause
 *
 * inference.h: a trained network that only answers. It has no gradients; dropout is gone; batch normalisation after a
 * convolution or a dense layer is folded into that layer's weights, which then does the ReLU, and a convolution whose
 * pool follows now does both.
 *
 * A batch is cut into parts whose activations stay in a core's cache, so time per image does not grow with the batch.
 * Each member of the team takes parts of its own; what is left over, or is less than a part for each, all of them do
 * together. The parts depend on the batch alone, so the bits of the answers do not depend on the team.
 */
#ifndef LW_INFERENCE_H
#define LW_INFERENCE_H

#include "nn/net.h"

typedef struct lw_inference {
    lw_model model;
    int layer_of[LW_MODEL_LAYERS]; /* the layer of the trained model that each was */
    int norm_of[LW_MODEL_LAYERS];  /* the trained model's batch normalisation that is folded into each; -1: none */
    int part;                      /* images */
    int members;
    lw_net *net;        /* one per member; the first one's parameters are everyone's */
    float scale, shift; /* input = scale * pixel + shift, as the trained network had it */
} lw_inference;

/* For teams of up to `members`. The struct stays where it is: its networks point into it. false:
 * out of memory; it is empty and may be freed. */
bool lw_inference_init(lw_inference *inf, const lw_model *trained, const lw_dispatch *kernels, int members, lw_error *err);
void lw_inference_free(lw_inference *inf);

/* Takes over the parameters of `trained` and how it sees pixels; it is a network of the model that `inf` was made for. */
void lw_inference_load(lw_inference *inf, const lw_net *trained);

typedef struct lw_inference_batch {
    ptrdiff_t count;
    const uint8_t *pixels; /* count x h x w x c */
    const uint8_t *labels; /* count; NULL: unknown, and there is no loss */
    float *prob;           /* out: count x classes */
    float *loss;           /* out: count; NULL: not wanted */
} lw_inference_batch;

/* Every member of the team calls; it ends synchronised. */
void lw_inference_run(const lw_inference *inf, const lw_inference_batch *batch, const lw_team *team);

#endif
