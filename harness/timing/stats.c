/* SPDX-License-Identifier: BSD-3-Clause
 * stats.c: median with its interval, quantiles and median absolute deviation. */
#include "harness/timing/stats.h"

#include <math.h>
#include <stdlib.h>

static int ascending_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void lw_sort(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending_order);
}

double lw_quantile(const double *ascending, size_t count, double q)
{
    if (count == 0) return NAN;
    double position = q * (double)(count - 1);
    size_t below = (size_t)position;
    if (below + 1 >= count) return ascending[count - 1];
    return ascending[below] + (position - (double)below) * (ascending[below + 1] - ascending[below]);
}

/* The median lies below the k-th smallest of n with the probability of fewer than k heads in n throws. */
bool lw_median_interval(const double *ascending, size_t count, double *low, double *high)
{
    double term = pow(0.5, (double)count), below = 0;
    size_t k = 0;
    while (k < count / 2 && 2 * (below + term) <= 0.05) {
        below += term;
        term *= (double)(count - k) / (double)(k + 1);
        k++;
    }
    *low = k ? ascending[k - 1] : NAN;
    *high = k ? ascending[count - k] : NAN;
    return k > 0;
}

lw_summary lw_summarise(double *samples, size_t count, double *scratch)
{
    if (count == 0) return (lw_summary){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    lw_sort(samples, count);
    lw_summary s = {
        .count = count,
        .min = lw_quantile(samples, count, 0),
        .p5 = lw_quantile(samples, count, 0.05),
        .median = lw_quantile(samples, count, 0.5),
        .p95 = lw_quantile(samples, count, 0.95),
        .max = lw_quantile(samples, count, 1),
    };
    lw_median_interval(samples, count, &s.ci_low, &s.ci_high);
    for (size_t i = 0; i < count; i++)
        scratch[i] = fabs(samples[i] - s.median);
    lw_sort(scratch, count);
    s.mad = lw_quantile(scratch, count, 0.5);
    return s;
}
