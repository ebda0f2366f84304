/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trainer.h: one epoch of training, and evaluation. All threads enter one OpenMP region per call and walk
 * through the same steps. A step is one or several passes (net.h), which groups of threads do side by side, each group
 * on a network of its own. The same seed gives the same bits for any number of threads.
 */
#ifndef LW_TRAINER_H
#define LW_TRAINER_H

#include "nn/augment.h"
#include "nn/dataset.h"
#include "nn/groups.h"
#include "nn/net.h"
#include "nn/optimizer.h"
#include "nn/phases.h"
#include "nn/schedule.h"

/* Where an epoch is; sums cover the images seen so far. */
typedef struct lw_progress {
    ptrdiff_t step, steps, images;
    double loss, accuracy; /* means over these images, each as it was when its batch was trained */
    double loss_sum;       /* what the means are made of, to go on from there with the same bits */
    ptrdiff_t correct;
} lw_progress;

typedef struct lw_trainer {
    lw_net *net;
    lw_net *replica; /* for the passes of other groups than the first */
    int replicas;
    lw_groups *groups;
    lw_optimizer optimizer;
    lw_images images; /* what the network trains on */
    const lw_augmenter *augment; /* what is done to them first; NULL: nothing */
    uint32_t *order;
    uint64_t seed;
    int threads;
    lw_schedule schedule;
    lw_plateau plateau;
    int epochs;          /* that are planned, for the schedule */
    float smoothing;     /* of the labels trained towards */
    double average_rate; /* of the moving average of the weights; 0: none */
    float *average;      /* that average, as long as the network's arena */
    lw_profile *profile; /* NULL: off */
    lw_phases phases;    /* of all training so far; evaluation is the caller's to add */
    /* Called by one thread after every batch; false ends the epoch there. NULL: nobody asks. */
    bool (*on_batch)(void *context, const lw_progress *progress);
    /* Called by one thread after each `every`-th step of an epoch, when all of that step is done. 0: never. */
    int every;
    void (*on_step)(void *context, const lw_progress *progress, int64_t optimizer_step);
    void *context;
} lw_trainer;

typedef enum lw_outcome {
    LW_DONE,
    LW_STOPPED, /* on_batch said so */
    LW_DIVERGED /* the loss of the last batch is not finite */
} lw_outcome;

/* Takes over `optimizer`'s settings. `images` and `net` outlive the trainer. The schedule is constant, and there is
 * no moving average. */
bool lw_trainer_init(lw_trainer *t, lw_net *net, const lw_optimizer *optimizer, lw_images images, uint64_t seed,
                     int threads, lw_error *err);
void lw_trainer_free(lw_trainer *t);

/* From now on average = d * average + (1 - d) * weights after each step, d = min(rate, (1 + n) / (10 + n)) at step
 * n, so that the first steps do not weigh for ever. Begins with the weights as they are. */
bool lw_trainer_average(lw_trainer *t, double rate, lw_error *err);

/* Exchanges weights and average; twice is as before. Nothing where there is no average. */
void lw_trainer_swap_average(lw_trainer *t);

/* The learning rate of a step. */
double lw_trainer_lr(const lw_trainer *t, int epoch, ptrdiff_t step);

/* Trains on all images once, in an order of their own per (seed, epoch); the last batch may be smaller. */
lw_outcome lw_trainer_epoch(lw_trainer *t, int epoch, lw_progress *result);

/* The rest of an epoch: `from` is a progress that on_step or a stopped epoch gave, and network, optimiser, average and
 * plateau are as they were then. */
lw_outcome lw_trainer_epoch_from(lw_trainer *t, int epoch, const lw_progress *from, lw_progress *result);

typedef struct lw_score {
    double loss, accuracy;
    ptrdiff_t images, correct;
} lw_score;

/* Mean loss and accuracy; dropout is off. No images: NaN. */
lw_score lw_evaluate(lw_net *net, lw_images images, int threads);

/* And predicted[i], the class of image i. */
lw_score lw_evaluate_classes(lw_net *net, lw_images images, int threads, int32_t *predicted);

#endif
