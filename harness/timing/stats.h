/* SPDX-License-Identifier: BSD-3-Clause
 * stats.h: order statistics of samples. Times are skewed by interruptions, so nothing here averages. */
#ifndef LW_STATS_H
#define LW_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* The fewest samples whose median has a 95 % interval: all six fall on one side of it once in 32 times. */
enum { LW_SAMPLES_FOR_INTERVAL = 6 };

typedef struct lw_summary {
    size_t count;
    double min, p5, median, p95, max;
    double mad;             /* median absolute deviation from the median; 1.4826 * mad estimates a normal's sigma */
    double ci_low, ci_high; /* 95 % interval of the median; NaN for five samples or fewer */
} lw_summary;

/* An interval for the median of what `count` ascending samples were drawn from, by order statistics: it holds
 * the median with 95 % or more, whatever the distribution. false: too few samples (five or less). */
bool lw_median_interval(const double *ascending, size_t count, double *low, double *high);

/* Into ascending order. */
void lw_sort(double *values, size_t count);

/* Quantile q in 0 .. 1 of samples in ascending order, linear between order statistics (R's type 7).
 * NaN for no samples. */
double lw_quantile(const double *ascending, size_t count, double q);

/* Sorts `samples`, then summarises them; `scratch` holds `count` values. All NaN for no samples. */
lw_summary lw_summarise(double *samples, size_t count, double *scratch);

#endif
