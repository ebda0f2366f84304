/* SPDX-License-Identifier: BSD-3-Clause
 * stability.h: whether a measured time would come out again, judged from its samples and from what else the
 * machine did meanwhile. */
#ifndef LW_STABILITY_H
#define LW_STABILITY_H

#include "harness/machine/capacity.h"
#include "harness/machine/others.h"
#include "harness/timing/samples.h"

typedef enum lw_stability {
    LW_STABILITY_UNKNOWN, /* too few samples for an interval */
    LW_STABLE,
    LW_UNSTABLE
} lw_stability;

typedef struct lw_stability_verdict {
    lw_stability stability;
    char why[96]; /* of what is not stable: "interval 4.1 % wide, 2 % wanted"; may be empty */
} lw_stability_verdict;

/* From which part of their time on what others take counts: of the CPUs in use, of all; and of how many involuntary
 * context switches per second. */
#define LW_OTHERS_TEAM 0.05
#define LW_OTHERS_MACHINE 0.10
#define LW_OTHERS_SWITCHES 50

/* `precision`: how wide the interval of the median may be, as a part of the median. `d`: what others did meanwhile.
 * Judges, in this order: six samples or more; others; capacity; the interval; drift, that is halves whose medians
 * differ by more than half of `precision` and whose intervals do not meet. */
lw_stability_verdict lw_stability_judge(const lw_samples *s, double precision, const lw_disturbance *d);

/* The part of the samples' time in which the one thread that took them did not run. */
double lw_samples_lost(const lw_samples *s);

/* Width of the interval of the median as a part of the median; NaN: unknown. */
double lw_interval_width(const lw_summary *s);

const char *lw_stability_name(lw_stability s); /* "stable", "unstable", "unknown" */

#endif
