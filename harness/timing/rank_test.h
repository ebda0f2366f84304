/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rank_test.h: is one set of times larger than another? The rank test of Mann and Whitney (1947), which asks
 * nothing of the distribution but that samples are independent; what to do where they are not; and Holm's
 * (1979) correction for having asked many times.
 */
#ifndef LW_RANK_TEST_H
#define LW_RANK_TEST_H

#include <stddef.h>

/* One-sided: the probability that samples like `b` come out at least so large beside scale * a[i] if both
 * were drawn alike. Exact where there are no ties and few samples, else by the normal approximation with ties
 * accounted for; 1 where either is empty, NaN where there is no memory. */
double lw_rank_test_larger(const double *a, size_t count_a, double scale, const double *b, size_t count_b);

/* Neighbours that resemble each other are worth fewer samples than they are. Where the samples, in the order
 * measured, are correlated, writes the medians of runs of neighbours to `out`, as long as that correlation
 * says, else the samples themselves; returns how many. `out` holds `count` values. */
size_t lw_declump(const double *in_order, size_t count, double *out);

/* Adjusts `p` in place, so that testing p[i] < alpha makes one false finding or more with at most probability
 * alpha. NaN stays and does not count. false: no memory. */
_Bool lw_holm(double *p, size_t count);

/* The upper tail of Student's t with three degrees of freedom: the tail of what has outliers. */
double lw_student3_above(double t);
double lw_student3_quantile(double above); /* the t that lies below so much of it; `above` in 0 .. 0.5 */

#endif
