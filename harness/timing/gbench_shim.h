/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gbench_shim.h: Google Benchmark, reached from C. Each sample is a benchmark run of that library: one batch of its
 * state loop with our number of calls and manual time. Results leave through its reporters, so that its compare.py
 * reads them. What is its own, and what is ours (calibration, order of the rounds, statistics), and why:
 * docs/PROTOCOL.md.
 */
#ifndef LW_GBENCH_SHIM_H
#define LW_GBENCH_SHIM_H

#include "harness/timing/samples.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- a sample */

/* Makes `iterations` calls and says what they took. */
typedef lw_elapsed lw_gbench_call(void *context, int64_t iterations);

/* Runs `call` once as the benchmark `name`. false: the library did not run it (out of memory). */
bool lw_gbench_sample(const char *name, lw_gbench_call *call, void *context, int64_t iterations, lw_elapsed *elapsed);

/* ---------------------------------------------------------------- reports */

typedef enum lw_gbench_format { LW_GBENCH_NONE, LW_GBENCH_CONSOLE, LW_GBENCH_JSON, LW_GBENCH_CSV } lw_gbench_format;

typedef struct lw_gbench_options {
    const char *executable; /* for the context */
    lw_gbench_format display; /* on standard output */
    const char *out;          /* a file, or NULL */
    lw_gbench_format out_format;
    const char *time_unit; /* "ns", "us", "ms", "s" */
    bool color, tabular;
    bool aggregates_only, display_aggregates_only; /* the second: not in the file */
    int name_width;                                /* of the longest name, for the console */
} lw_gbench_options;

/* One more pair for the context of reports that are opened later; the first value of a key stays. */
void lw_gbench_context(const char *key, const char *value);

typedef struct lw_gbench_report lw_gbench_report;

/* NULL: `err` says why in one line. */
lw_gbench_report *lw_gbench_report_open(const lw_gbench_options *options, char *err, size_t err_size);

typedef struct lw_gbench_row {
    const char *name;  /* "sgemm/512x512:512x512/avx2/threads:1" */
    const char *label; /* or NULL */
    const char *error; /* why there are no samples, or NULL */
    int family, member; /* problem and kernel, from 0 */
    int threads;
    double flop, bytes; /* per call */
    const lw_samples *samples;
} lw_gbench_row;

/* Accepted samples as repetitions, then mean, median, stddev and cv. false: it cannot be written. */
bool lw_gbench_report_row(lw_gbench_report *r, const lw_gbench_row *row);

/* Completes and frees it (NULL is allowed). false: something could not be written. */
bool lw_gbench_report_close(lw_gbench_report *r);

#ifdef __cplusplus
}
#endif

#endif
