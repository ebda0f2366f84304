/* SPDX-License-Identifier: BSD-3-Clause
 *
 * schedule.h: how the learning rate moves while a network is trained: a factor on the optimiser's rate, as a function
 * of the step. Only reduce-on-plateau depends on what happened, and keeps that in lw_plateau.
 *
 * Texts: "cosine", "cosine(min=0.01,warmup=1)". Lengths are in epochs, which need not be whole; rates are parts of
 * the optimiser's. Every schedule takes `warmup`: the rate then grows linearly from 0 over that many epochs, and the
 * schedule proper fills what is left. A new schedule is a function and a row in schedule.c.
 */
#ifndef LW_SCHEDULE_H
#define LW_SCHEDULE_H

#include "nn/error.h"

#include <stdint.h>

enum { LW_SCHEDULE_ARGS = 6, LW_SCHEDULE_TEXT = 160 };

typedef struct lw_schedule {
    int type; /* row of the table; 0: constant, so a schedule of zeros is a constant one */
    double warmup, arg[LW_SCHEDULE_ARGS];
} lw_schedule;

bool lw_schedule_parse(lw_schedule *s, const char *text, lw_error *err);
void lw_schedule_text(const lw_schedule *s, char text[LW_SCHEDULE_TEXT]); /* that parses to the same */

/* The factor for step number `step` (from 0) of epochs * steps_per_epoch. */
double lw_schedule_factor(const lw_schedule *s, int64_t step, int64_t steps_per_epoch, int epochs);

/* State of reduce-on-plateau. Other schedules leave its factor at 1. */
typedef struct lw_plateau {
    double factor, best; /* the validation loss to beat */
    int waited;          /* epochs since it was last beaten, or since the last reduction */
} lw_plateau;

lw_plateau lw_plateau_start(void);

/* After an epoch, with its validation loss. */
void lw_schedule_observe(const lw_schedule *s, lw_plateau *state, double loss);
bool lw_schedule_observes(const lw_schedule *s); /* needs a validation loss */

#endif
