/* SPDX-License-Identifier: BSD-3-Clause
 * agreement.h: how far two means over seeds may lie apart, if the same experiment was run twice on other machines. */
#ifndef LW_AGREEMENT_H
#define LW_AGREEMENT_H

/* Accuracies of the runs of one variant. */
typedef struct lw_accuracies {
    int n;
    double mean, sd; /* sd over the runs; not used where n is 1 */
} lw_accuracies;

/* Variance of an accuracy from the number of tested images alone. */
double lw_binomial_variance(double mean, double images);

/* Half the width of the interval around one mean in which the other lies with probability 1 - alpha: Student's t with
 * the two variances pooled. A handful of runs say little of a variance, so one that is expected, `prior`, joins them with
 * the weight of LW_AGREEMENT_PRIOR degrees of freedom (a conjugate prior, as in Smyth, 2004). */
enum { LW_AGREEMENT_PRIOR = 4 };
double lw_agreement_width(const lw_accuracies *a, const lw_accuracies *b, double prior, double alpha);

#endif
