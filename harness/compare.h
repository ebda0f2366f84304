/* SPDX-License-Identifier: BSD-3-Clause
 * compare.h: one problem, ours and theirs: what `bench compare` measures, how it is shown, and what it sums up. */
#ifndef LW_COMPARE_H
#define LW_COMPARE_H

#include "harness/records/timed_report.h"
#include "harness/timing/measure.h"
#include "harness/timing/ratio.h"
#include "harness/select.h"

/* One kernel on one problem. */
typedef struct lw_compared {
    const lw_kernel *kernel;
    lw_verdict verdict;
    lw_summary time;
    int64_t loops;
    lw_ratio ratio; /* this one's time / the base's; the base's own is empty */
} lw_compared;

/* Checks all, then times interleaved those that are right. The base is kernels[0]. Returns an exit code. */
int lw_compare_problem(const lw_problem *p, const lw_kernel *const *kernels, int count, const lw_timing *timing,
                       const lw_workers *workers, lw_compared *out);

/* The fastest of other libraries among them that is right; -1: none. */
int lw_compare_best_peer(const lw_compared *rows, int count);

/* ---------------------------------------------------------------- summing up */

/* Ratios against one contestant over the problems of an op. */
typedef struct lw_tally {
    lw_op op;
    char against[64]; /* "openblas", "best peer" */
    int rows, faster, slower, same, unknown;
    double log_sum;
} lw_tally;

enum { LW_MAX_TALLIES = 128 };

typedef struct lw_tallies {
    int count;
    lw_tally tally[LW_MAX_TALLIES];
} lw_tallies;

void lw_tallies_add(lw_tallies *t, lw_op op, const char *against, const lw_ratio *ratio);

/* ---------------------------------------------------------------- report */

typedef struct lw_compare_report lw_compare_report;

/* One row of it. */
typedef struct lw_compare_line {
    const char *name; /* what a file of problems calls it, or "" */
    const lw_problem *problem;
    const lw_compared *row;
    const lw_kernel *base;
    bool best_peer;
    double peak;
    const char *repeat; /* the command that measures it again */
} lw_compare_line;

/* NULL: *code is the exit code, `err` says why in one line. */
lw_compare_report *lw_compare_report_new(const lw_sink_options *o, const lw_environment *e, const lw_workers *w,
                                         const lw_selection *s, int *code, char *err, size_t err_size);
bool lw_compare_report_head(lw_compare_report *r, const double peak[LW_ISA_COUNT], const char *cap);
bool lw_compare_report_row(lw_compare_report *r, const lw_compare_line *l);
bool lw_compare_report_tallies(lw_compare_report *r, const lw_tallies *t);
const char *lw_compare_report_error(const lw_compare_report *r);
int lw_compare_report_rows(const lw_compare_report *r);
bool lw_compare_report_close(lw_compare_report *r); /* false: something could not be written */

#endif
