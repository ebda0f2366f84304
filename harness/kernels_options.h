/* SPDX-License-Identifier: BSD-3-Clause
 * kernels_options.h: what `bench kernels` was asked for. */
#ifndef LW_KERNELS_OPTIONS_H
#define LW_KERNELS_OPTIONS_H

#include "harness/gbench_flags.h"
#include "harness/records/sinks.h"
#include "harness/select.h"
#include "harness/timing/measure.h"

typedef struct lw_kernels_options {
    const char *kernel, *op, *problem, *variant, *peer_isa, *bind;
    lw_sink_options sinks;
    const char *samples, *batch, *cache;
    int footprint;
    lw_gbench_flags flags;
    int threads, repetitions, passes;
    double min_time, max_time, precision;
    uint64_t seed;
    bool quick, list_problems;
} lw_kernels_options;

enum { LW_KERNELS_PASSES = 4 };
#define LW_KERNELS_DEFAULTS \
    {.threads = 1, .seed = 1, .passes = LW_KERNELS_PASSES, .cache = "hot", .footprint = 256, .flags = LW_GBENCH_DEFAULTS}

/* Fills `o`, which holds the defaults. false: nothing to run, and *code says what to exit with. */
bool lw_kernels_options_parse(lw_kernels_options *o, int argc, char **argv, int *code);

lw_timing lw_kernels_timing(const lw_kernels_options *o);

/* The command that measures this row again. */
void lw_kernels_repeat(const lw_kernels_options *o, const lw_selection *s, const lw_measurement *m, const lw_problem *p,
                       char *text, size_t size);

#endif
