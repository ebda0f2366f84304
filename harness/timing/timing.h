/* SPDX-License-Identifier: BSD-3-Clause
 * timing.h: how a time is measured.
 *
 * A sample is a run of Google Benchmark (gbench_shim.h): the time of `loops` calls after one untimed call, divided
 * by `loops`; `loops` is chosen so that a sample lasts at least `sample_seconds`. The contestants of one problem take turns: rounds
 * in which each runs one sample, in an order drawn anew for each round, so that drift of the machine
 * (frequency, neighbours) meets all alike and a ratio between them stays fair. Samples of a team are bracketed by
 * probes of its capacity (capacity.h); those taken without it are rejected and taken again.
 */
#ifndef LW_TIMING_H
#define LW_TIMING_H

#include "harness/machine/capacity.h"
#include "harness/machine/others.h"
#include "harness/machine/workers.h"
#include "harness/timing/rotation.h"
#include "harness/timing/samples.h"

double lw_seconds(void); /* monotonic clock */

/* One call of what is timed; every member of the team calls. */
typedef void lw_timed_fn(void *context, const lw_team *team);

typedef struct lw_contestant {
    const char *name; /* as Google Benchmark knows it; NULL: "sample" */
    lw_timed_fn *call;
    void *context;
    void (*begin)(void *context, int sample); /* before each sample; NULL: nothing. What it changes is made warm */
    bool baseline; /* needs fewer samples: it only serves for a ratio */
    lw_threads threads; /* who calls it: callers.h */
    bool alone;         /* of a team's members the first one calls, without meeting the others */
    /* results */
    double spent; /* seconds inside samples */
    lw_samples samples;
} lw_contestant;

typedef struct lw_timing {
    double sample_seconds; /* shortest sample */
    double min_seconds;    /* a contestant goes on until it has this much time in samples ... */
    int min_samples;       /* ... and this many samples; a slow one stops earlier, see timing.c ... */
    double precision;      /* ... and the interval of its median is no wider than this part of it; 0: any */
    double max_seconds;    /* most time in samples of one that is not that precise yet */
    int repetitions;       /* > 0: exactly this many samples, whatever they take */
    int passes;            /* that all this is spread over; 0 is 1 */
    uint64_t seed;         /* of the order */
    lw_capacity *capacity; /* of the team; NULL: samples are not bracketed */
    double patience;       /* seconds to wait for capacity that went missing, for all contestants of a pass together */
    lw_cache cache;        /* where calls find their operands (measure.h), ... */
    size_t cold_bytes;     /* ... cold: in so large a working set, ... */
    size_t most_bytes;     /* ... or in this if it is less */
    bool in_order;         /* rounds keep the order of the contestants */
} lw_timing;

/* One pass, from 0, over all contestants: their share of the samples so far, and in the last pass as many as precision
 * takes. Samples join those of the passes before; what the machine did meanwhile is added to `meanwhile` (others.h).
 * Where capacity stays away too long the samples taken without it are accepted after the last pass; their verdict will
 * say so. Returns an exit code: OK, MEMORY or INTERRUPTED; then their results are not complete. */
int lw_time_pass(const lw_timing *t, const lw_workers *w, lw_contestant *contestants, int count, int pass,
                 lw_moment *meanwhile);

/* What `loops` calls take, on all workers together; `warm`: after one that is not timed. */
lw_elapsed lw_time_calls(const lw_workers *w, lw_timed_fn *call, void *context, int64_t loops, bool warm);

#endif
