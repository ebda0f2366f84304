/* SPDX-License-Identifier: BSD-3-Clause
 * ratio.h: how many times faster, and how sure. */
#ifndef LW_RATIO_H
#define LW_RATIO_H

#include <stddef.h>

typedef struct lw_ratio {
    size_t count;             /* pairs */
    double median, low, high; /* NaN where there is nothing to say */
} lw_ratio;

typedef enum lw_ratio_verdict {
    LW_RATIO_FASTER, /* the interval lies above 1, also as it is printed: by more than half a thousandth */
    LW_RATIO_SLOWER,
    LW_RATIO_NOT_DISTINGUISHABLE,
    LW_RATIO_UNKNOWN /* too few pairs for an interval */
} lw_ratio_verdict;

/* other[i] / own[i], pair by pair: both were measured in round i, so what slowed the machine down in that round
 * slowed both. `scratch` holds `count` values. */
lw_ratio lw_ratio_of_pairs(const double *own, const double *other, size_t count, double *scratch);

lw_ratio_verdict lw_ratio_judge(const lw_ratio *r);
const char *lw_ratio_verdict_name(lw_ratio_verdict v); /* "faster", "not distinguishable" ... */

#endif
