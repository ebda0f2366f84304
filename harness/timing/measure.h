/* SPDX-License-Identifier: BSD-3-Clause
 * measure.h: one problem, measured: the selected kernels of its op beside the two baselines, in one pass or several
 * with other things between them. */
#ifndef LW_MEASURE_H
#define LW_MEASURE_H

#include "harness/timing/stability.h"
#include "harness/timing/timing.h"
#include "oracle/oracle.h"

enum { LW_MAX_VARIANTS = 24 };

typedef struct lw_measurement {
    const lw_kernel *kernel;
    lw_verdict verdict; /* of the check before timing; a kernel that fails it has no times */
    lw_summary time;    /* seconds per call */
    lw_samples samples; /* what that sums up */
    lw_stability_verdict stability;
    int passes;         /* that the samples come from */
    lw_cache cache;     /* where a call found its operands, ... */
    int buffers;        /* ... so many sets of them taking turns, ... */
    size_t footprint;   /* ... together of so many bytes; ... */
    bool capped;        /* ... fewer than asked for */
    lw_disturbance others; /* while this problem was measured; `team` also from what the samples lost */
    double speedup_scalar, speedup_autovec; /* ratio of medians; NaN where there is nothing to compare */
    double scalar_seconds, autovec_seconds; /* medians */
} lw_measurement;

typedef struct lw_measuring lw_measuring;

/* `kernels` on `p`; `scalar` and `autovec` (or NULL) are the baselines. What is pointed to must outlive it, but `p` and
 * the list are copied. NULL: no memory. */
lw_measuring *lw_measuring_new(const lw_problem *p, const lw_kernel *const *kernels, int count, const lw_kernel *scalar,
                               const lw_kernel *autovec, const lw_timing *timing, const lw_workers *workers);
void lw_measuring_free(lw_measuring *m);

/* The next of timing->passes passes, on operands of its own, which are gone afterwards. The first checks the kernels;
 * one that fails, or declines, is not timed. Returns an exit code: OK, MEMORY or INTERRUPTED. */
int lw_measuring_pass(lw_measuring *m);

int lw_measuring_passes(const lw_measuring *m); /* complete ones, so far */

/* From the passes so far, one at least; fills out[i] for kernels[i]. Returns how many kernels there are. */
int lw_measuring_sum_up(const lw_measuring *m, lw_measurement out[LW_MAX_VARIANTS]);

#endif
