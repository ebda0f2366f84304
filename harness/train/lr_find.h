/* SPDX-License-Identifier: BSD-3-Clause
 * lr_find.h: the parts of `bench lr-find`. */
#ifndef LW_LR_FIND_H
#define LW_LR_FIND_H

#include "harness/train/lr_curve.h"
#include "harness/train/train.h"

typedef struct lw_lr_find {
    lw_train train; /* its options, data, model, kernels, team */
    double from, to, beta;
    int steps;
    const char *csv, *plot; /* NULL: none */
    lw_lr_curve curve;
    lw_lr_end end;
    char variants[LW_NET_VARIANTS]; /* calls that go elsewhere than the set's own kernels */
    FILE *out; /* for people: stderr where the CSV goes to stdout */
    lw_csv *rows;
} lw_lr_find;

/* Trains until the curve ends; each step is reported as it is done. Prints its refusal and returns an exit code. */
int lw_lr_find_run(lw_lr_find *f);

/* ---------------------------------------------------------------- reported; those that can fail print why */

int lw_lr_find_open(lw_lr_find *f); /* the CSV; an exit code */
int lw_lr_find_close(lw_lr_find *f, int code);
void lw_lr_find_setup(const lw_lr_find *f, const char *weights); /* a line about weights that were read, or "" */
int lw_lr_find_step(lw_lr_find *f); /* the last one of the curve */
int lw_lr_find_results(const lw_lr_find *f); /* how it ended, the suggestion, the plot */

#endif
