/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trainer.h: one epoch of training, and evaluation. All threads enter one OpenMP region per call and walk
 * through the same steps as a team. The same seed gives the same bits for any number of threads.
 */
#ifndef LW_TRAINER_H
#define LW_TRAINER_H

#include "nn/dataset.h"
#include "nn/net.h"
#include "nn/optimizer.h"

/* Where an epoch is; sums cover the images seen so far. */
typedef struct lw_progress {
    ptrdiff_t step, steps, images;
    double loss, accuracy; /* means over these images, each as it was when its batch was trained */
} lw_progress;

typedef struct lw_trainer {
    lw_net *net;
    lw_optimizer optimizer;
    lw_images images; /* what the network trains on */
    uint32_t *order;
    uint64_t seed;
    int threads;
    lw_profile *profile; /* NULL: off */
    /* Called by one thread after every batch; false ends the epoch there. NULL: nobody asks. */
    bool (*on_batch)(void *context, const lw_progress *progress);
    void *context;
} lw_trainer;

typedef enum lw_outcome {
    LW_DONE,
    LW_STOPPED, /* on_batch said so */
    LW_DIVERGED /* the loss of the last batch is not finite */
} lw_outcome;

/* Takes over `optimizer`'s settings. `images` and `net` outlive the trainer. */
bool lw_trainer_init(lw_trainer *t, lw_net *net, const lw_optimizer *optimizer, lw_images images, uint64_t seed,
                     int threads, lw_error *err);
void lw_trainer_free(lw_trainer *t);

/* Trains on all images once, in an order of their own per (seed, epoch); the last batch may be smaller. */
lw_outcome lw_trainer_epoch(lw_trainer *t, int epoch, lw_progress *result);

typedef struct lw_score {
    double loss, accuracy;
    ptrdiff_t images, correct;
} lw_score;

/* Mean loss and accuracy; dropout is off. No images: NaN. */
lw_score lw_evaluate(lw_net *net, lw_images images, int threads);

#endif
