/* SPDX-License-Identifier: BSD-3-Clause
 * ratio.c: ratios of paired samples with an interval from order statistics. */
#include "harness/timing/ratio.h"

#include "harness/timing/stats.h"

#include <math.h>

#define SHOWN 0.0005 /* what is closer to 1 is printed as 1 with the three decimals of tables and the four digits of files */

lw_ratio lw_ratio_of_pairs(const double *own, const double *other, size_t count, double *scratch)
{
    lw_ratio r = {.count = count};
    for (size_t i = 0; i < count; i++) scratch[i] = other[i] / own[i];
    lw_sort(scratch, count);
    r.median = lw_quantile(scratch, count, 0.5);
    lw_median_interval(scratch, count, &r.low, &r.high);
    return r;
}

lw_ratio_verdict lw_ratio_judge(const lw_ratio *r)
{
    if (!isfinite(r->low)) return LW_RATIO_UNKNOWN;
    return r->low > 1 + SHOWN    ? LW_RATIO_FASTER
           : r->high < 1 - SHOWN ? LW_RATIO_SLOWER
                                 : LW_RATIO_NOT_DISTINGUISHABLE;
}

const char *lw_ratio_verdict_name(lw_ratio_verdict v)
{
    static const char *const names[] = {"faster", "slower", "not distinguishable", "too few samples"};
    return names[v];
}
