/* SPDX-License-Identifier: BSD-3-Clause
 * timing.h: how a time is measured.
 *
 * A sample is the time of `loops` calls after one untimed call, divided by `loops`; `loops` is chosen
 * so that a sample lasts at least `sample_seconds`. The contestants of one problem take turns: rounds
 * in which each runs one sample, in an order drawn anew for each round, so that drift of the machine
 * (frequency, neighbours) meets all alike and a ratio between them stays fair.
 */
#ifndef LW_TIMING_H
#define LW_TIMING_H

#include "harness/timing/stats.h"
#include "harness/machine/workers.h"

double lw_seconds(void); /* monotonic clock */

/* One call of what is timed; every member of the team calls. */
typedef void lw_timed_fn(void *context, const lw_team *team);

enum { LW_MAX_SAMPLES = 201 };

typedef struct lw_contestant {
    lw_timed_fn *call;
    void *context;
    bool baseline; /* needs fewer samples: it only serves for a ratio */
    lw_threads threads; /* who calls it: callers.h */
    /* results */
    int64_t loops;
    double spent; /* seconds inside samples */
    int count;
    double samples[LW_MAX_SAMPLES]; /* seconds per call, in the order measured */
} lw_contestant;

typedef struct lw_timing {
    double sample_seconds; /* shortest sample */
    double min_seconds;    /* a contestant goes on until it has this much time in samples ... */
    int min_samples;       /* ... and this many samples; a slow one stops earlier, see timing.c */
    int repetitions;       /* > 0: exactly this many samples, whatever they take */
    uint64_t seed;         /* of the order */
} lw_timing;

/* Measures all contestants; false: interrupted, and their results are not complete. */
bool lw_time_interleaved(const lw_timing *t, const lw_workers *w, lw_contestant *contestants, int count);

/* Seconds that `loops` calls take, on all workers together. */
double lw_time_calls(const lw_workers *w, lw_timed_fn *call, void *context, int64_t loops, bool warm);

#endif
