/* SPDX-License-Identifier: BSD-3-Clause
 * samples.h: what was measured, sample by sample, before anything is summed up. */
#ifndef LW_SAMPLES_H
#define LW_SAMPLES_H

#include "harness/timing/stats.h"

#include <stdbool.h>
#include <stdint.h>

/* Accepted or not: a log holds so many, of which so many may be asked for. */
enum { LW_MAX_SAMPLES = 500, LW_MAX_REPETITIONS = 250 };

typedef struct lw_elapsed {
    double wall, cpu; /* seconds; cpu: of all threads of this process */
} lw_elapsed;

typedef struct lw_sample {
    double seconds; /* per call */
    double cpu;     /* seconds of CPU time that this process took meanwhile, per call */
    double capacity; /* part of the team's best that there was before and after; NaN: nobody looked */
    int round;      /* from 0; all contestants of a problem share the rounds */
    int pass;       /* from 0; each pass has operands of its own and comes some seconds after the one before it */
    bool accepted;  /* false: taken without the machine's capacity (capacity.h); it counts for nothing */
} lw_sample;

typedef struct lw_samples {
    int64_t loops; /* calls per sample */
    int count, accepted;
    lw_sample at[LW_MAX_SAMPLES]; /* in the order measured */
} lw_samples;

/* The seconds of the accepted ones in the order measured; returns how many. */
size_t lw_samples_accepted(const lw_samples *s, double out[LW_MAX_SAMPLES]);

/* Summarises the accepted ones. Samples that follow each other are alike (clock, neighbours, the pages of their
 * operands), so an interval that takes them for independent is too narrow by far. From 16 samples on they are cut into
 * LW_BLOCKS of equal length in the order measured, and the interval also spans the blocks' medians; and it spans the
 * medians of the passes. */
enum { LW_BLOCKS = 8 };
lw_summary lw_samples_summary(const lw_samples *s);

/* Seconds per call of both in each round in which both were accepted; returns how many rounds. */
size_t lw_samples_pairs(const lw_samples *a, const lw_samples *b, double *out_a, double *out_b);

#endif
