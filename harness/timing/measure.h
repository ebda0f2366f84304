/* SPDX-License-Identifier: BSD-3-Clause
 * measure.h: one problem, measured: the selected kernels of its op beside the two baselines. */
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
    lw_cache cache;     /* where a call found its operands, ... */
    int buffers;        /* ... so many sets of them taking turns, ... */
    size_t footprint;   /* ... together of so many bytes; ... */
    bool capped;        /* ... fewer than asked for */
    lw_disturbance others; /* while this problem was measured; `team` also from what the samples lost */
    double speedup_scalar, speedup_autovec; /* ratio of medians; NaN where there is nothing to compare */
    double scalar_seconds, autovec_seconds; /* medians */
} lw_measurement;

/* Checks and times `kernels` on `p`; `scalar` and `autovec` (or NULL) are the baselines. Fills out[i]
 * for kernels[i]. Returns an exit code: OK, MEMORY or INTERRUPTED; a failed check is in its verdict. */
int lw_measure(const lw_problem *p, const lw_kernel *const *kernels, int count, const lw_kernel *scalar,
               const lw_kernel *autovec, const lw_timing *timing, const lw_workers *workers,
               lw_measurement *out);

#endif
