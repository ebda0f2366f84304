/* SPDX-License-Identifier: BSD-3-Clause
 * agreement.c: Student's t with a variance that has a prior. */
#include "harness/experiment/agreement.h"

#include "harness/experiment/paired.h"

#include <math.h>

static double squares(const lw_accuracies *a)
{
    return a->n > 1 ? (a->n - 1) * a->sd * a->sd : 0;
}

double lw_binomial_variance(double mean, double images)
{
    const double half = 0.5 / images; /* of an image: a mean of 1 does not say that nothing can be wrong */
    return fmax(mean * (1 - mean), half * (1 - half)) / images;
}

double lw_agreement_width(const lw_accuracies *a, const lw_accuracies *b, double prior, double alpha)
{
    const double freedom = a->n + b->n - 2 + LW_AGREEMENT_PRIOR;
    const double variance = (squares(a) + squares(b) + LW_AGREEMENT_PRIOR * prior) / freedom;
    return lw_student_t(alpha, freedom) * sqrt(variance * (1.0 / a->n + 1.0 / b->n));
}
