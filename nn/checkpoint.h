/* SPDX-License-Identifier: BSD-3-Clause
 *
 * checkpoint.h: where a training run stands, in memory and in a file. A run that goes on from its file has the same
 * bits afterwards as one that was never interrupted: random numbers are functions of seed, epoch and step, so weights,
 * the optimiser's state, the moving average, the plateau and the sums of the unfinished epoch are all there is.
 */
#ifndef LW_CHECKPOINT_H
#define LW_CHECKPOINT_H

#include "nn/sha256.h"
#include "nn/trainer.h"

/* A finished epoch. */
typedef struct lw_epoch_result {
    int epoch; /* from 0 */
    double accuracy, loss, val_accuracy, val_loss, lr; /* lr: of its last step */
    double seconds; /* training alone, without validation */
    ptrdiff_t images;
} lw_epoch_result;

typedef struct lw_run_state {
    char identity[LW_SHA256_HEX]; /* of the run's configuration; a file of another one is refused */
    char id[40];                  /* of this run in the CSV files */
    int finished;                 /* epochs */
    lw_epoch_result *history;     /* of these */
    lw_progress at;               /* in the epoch that follows; step 0: at its beginning */
    double seconds, seconds_in_epoch;
    bool stopped; /* early: no epoch follows */
    int best_epoch;
    double best_loss; /* infinite before the first epoch */
    float *best;      /* weights of that epoch; NULL: not kept */
} lw_run_state;

/* `keep_best`: also the weights of the best epoch. */
bool lw_run_state_init(lw_run_state *s, const char *identity, const lw_net *net, bool keep_best, lw_error *err);
void lw_run_state_free(lw_run_state *s);

/* Appends an epoch to the history, and begins the next one. `weights`: what it was validated with. It is the best one
 * if its validation loss is the lowest. */
bool lw_run_state_finish_epoch(lw_run_state *s, const lw_epoch_result *e, const lw_net *net, lw_error *err);

/* Whole or not at all. `optimizer_step` is where the optimiser stands (trainer.h: on_step). */
bool lw_checkpoint_write(const char *path, const lw_run_state *s, const lw_trainer *t, int64_t optimizer_step,
                         lw_error *err);

/* Into a state and a trainer that were just made, with the same settings as those that wrote. On false they are not to
 * be used. */
bool lw_checkpoint_read(const char *path, lw_run_state *s, lw_trainer *t, lw_error *err);

#endif
