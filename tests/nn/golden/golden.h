/* SPDX-License-Identifier: BSD-3-Clause
 * golden.h: the types of golden_values.h. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "nn/optimizer.h"

/* A tensor too long to be written out. */
typedef struct golden_tensor {
    int count;
    double sum, weighted; /* weighted by the formula's numbers from seed 77 */
    double sample[8];     /* entries i * (count - 1) / 7 */
} golden_tensor;

typedef struct golden_network {
    const char *name, *text;
    lw_dims input;
    int images, params;         /* params: tensors */
    const double *logits;       /* images x classes, in inference */
    const double *losses;       /* images */
    const golden_tensor *grads; /* of the mean loss in training, params of them; of a state what that pass leaves */
} golden_network;

/* Settings, and the parameters after GOLDEN_STEPS steps. */
typedef struct golden_optimiser {
    lw_optimizer_kind kind;
    double lr, momentum;
    bool nesterov;
    double weight_decay;
    double values[19];
} golden_optimiser;

/* Mean losses of the first network under golden_optimisers[optimiser]. */
typedef struct golden_trajectory {
    int optimiser;
    double losses[8];
} golden_trajectory;

#endif
