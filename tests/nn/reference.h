/* SPDX-License-Identifier: BSD-3-Clause
 * reference.h: a model's mean loss in double precision, from the formulas of kernels.h and no kernel. */
#ifndef NN_REFERENCE_H
#define NN_REFERENCE_H

#include "support.h"

typedef struct reference {
    const network *of; /* the input, the labels and the layout of the parameters */
    double *params;    /* in the layout of its arena */
    lw_pass pass;      /* images, training, and what dropout depends on */
} reference;

void reference_open(reference *r, const network *of, lw_pass pass); /* with the network's parameters */
void reference_close(reference *r);

/* `logits` (images x classes) may be NULL. */
double reference_loss(const reference *r, double *logits);

/* (loss(p + h) - loss(p - h)) / 2h for the parameter at `at` in the arena. */
double reference_slope(reference *r, ptrdiff_t at, double h);

#endif
