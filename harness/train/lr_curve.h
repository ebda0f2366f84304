/* SPDX-License-Identifier: BSD-3-Clause
 * lr_curve.h: the learning-rate range test (Smith, "Cyclical Learning Rates for Training Neural Networks", 2017) as
 * arithmetic: a rate that grows exponentially from step to step, the losses smoothed, when to stop, and which rates
 * the curve suggests. */
#ifndef LW_LR_CURVE_H
#define LW_LR_CURVE_H

#include "nn/error.h"

/* A smoothed loss above so many times its lowest ends the test. */
enum { LW_LR_BLOWN = 4 };

typedef struct lw_lr_curve {
    double from, to; /* rates of the first and the last step */
    int steps;       /* planned, at least 2 */
    double beta;     /* of the smoothing: what the average keeps of itself at each step; 0 .. below 1 */
    int count;       /* steps done */
    double *rate, *loss, *smoothed;
    double average;  /* before its bias is corrected */
    int lowest;      /* step of the lowest smoothed loss since the smoothing has warmed up; -1: none yet */
} lw_lr_curve;

bool lw_lr_curve_init(lw_lr_curve *c, double from, double to, int steps, double beta, lw_error *err);
void lw_lr_curve_free(lw_lr_curve *c);

/* from * (to / from)^(step / (steps - 1)) */
double lw_lr_curve_rate(const lw_lr_curve *c, int step);

/* Steps whose smoothed loss is a mean of too few losses: 1 / (1 - beta), rounded up. */
int lw_lr_curve_warm_up(const lw_lr_curve *c);

typedef enum lw_lr_end {
    LW_LR_GOES_ON,
    LW_LR_AT_END,  /* all steps are done */
    LW_LR_ROSE,    /* the smoothed loss is above LW_LR_BLOWN times its lowest */
    LW_LR_INFINITE /* the loss is NaN or infinite */
} lw_lr_end;

/* The loss of the next step's batch: smoothed by the exponential moving average whose weights sum to 1. */
lw_lr_end lw_lr_curve_add(lw_lr_curve *c, double loss);

/* Rates, NaN where the curve has none: it did not fall. */
typedef struct lw_lr_choice {
    double steepest; /* where the smoothed loss falls most against the logarithm of the rate, by central differences
                        between the warm-up and the lowest point */
    double lowest, tenth; /* the rate of the lowest smoothed loss, and a tenth of it */
} lw_lr_choice;

lw_lr_choice lw_lr_curve_choose(const lw_lr_curve *c);

#endif
