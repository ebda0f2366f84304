/* SPDX-License-Identifier: BSD-3-Clause
 * timed_report.h: what `bench kernels` and `bench compare` show alike: the head, a time as cells and as
 * columns. */
#ifndef LW_TIMED_REPORT_H
#define LW_TIMED_REPORT_H

#include "harness/records/sinks.h"
#include "harness/select.h"
#include "harness/timing/samples.h"

typedef struct lw_timed_report {
    lw_sinks *sinks;
    lw_record *record; /* of the row at hand */
    const lw_environment *environment;
    const lw_workers *workers;
    const lw_selection *selection;
    int rows;
} lw_timed_report;

/* false: *code is the exit code, `err` the one line. What is pointed to outlives the report. */
bool lw_timed_report_open(lw_timed_report *r, const lw_sink_options *o, const lw_layout *layout,
                          const lw_environment *e, const lw_workers *w, const lw_selection *s, int *code,
                          char *err, size_t err_size);
bool lw_timed_report_close(lw_timed_report *r); /* false: something could not be written */

/* Machine, threads, peaks (NaN: none) and the peers among the sets; `cap`: what those are held to, or NULL.
 * Then the table's head. */
bool lw_timed_report_head(lw_timed_report *r, const double peak[LW_ISA_COUNT], const char *cap);

/* The record's environment and the row itself; the record is empty afterwards. */
bool lw_timed_report_row(lw_timed_report *r, const char *const *cells);

/* Whether a call is rated in GFLOP/s: below two FLOP per byte no kernel of today's CPUs comes near the FMA
 * peak. */
bool lw_rated_by_flop(lw_cost cost);

typedef struct lw_timed {
    const lw_kernel *kernel;
    const lw_problem *problem;
    const lw_summary *time;
    int64_t loops;
    bool pass;
    double peak; /* of the kernel's ISA; NaN: unknown */
} lw_timed;

typedef struct lw_timed_cells {
    char variant[80], time[32], mad[32], rate[32], share[32];
} lw_timed_cells;
void lw_timed_cells_of(const lw_timed *t, lw_timed_cells *cells);

#define LW_SAMPLE_COLUMNS                                                                                    \
    "samples", "loops", "median_seconds", "mad_seconds", "min_seconds", "p5_seconds", "p95_seconds"
void lw_timed_record_samples(const lw_timed *t, lw_record *r);

#define LW_RATE_COLUMNS                                                                                      \
    "flop", "executed_flop", "bytes", "gflops", "gbytes_per_second", "peak_gflops", "peak_percent"
void lw_timed_record_rates(const lw_timed *t, lw_record *r);

#endif
