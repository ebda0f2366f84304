/* SPDX-License-Identifier: BSD-3-Clause
 * kernels_report.h: the rows of `bench kernels`. */
#ifndef LW_KERNELS_REPORT_H
#define LW_KERNELS_REPORT_H

#include "harness/exit_codes.h"
#include "harness/machine/ceilings.h"
#include "harness/records/timed_report.h"
#include "harness/timing/measure.h"

/* Raise it when a column changes its meaning, leaves or moves; new ones go before the machine. */
enum { LW_KERNELS_SCHEMA = 2 };

typedef struct lw_kernels_report lw_kernels_report;

/* NULL: *code is the exit code, `err` says why in one line. */
lw_kernels_report *lw_kernels_report_new(const lw_sink_options *o, const lw_environment *e,
                                         const lw_workers *w, const lw_selection *s, int *code, char *err,
                                         size_t err_size);
/* Standard output is somebody else's: the table goes to stderr. Before the head. */
void lw_kernels_report_talk(lw_kernels_report *r);
/* What the rows' bounds are taken from; outlives the report. Without it they stay unknown. */
void lw_kernels_report_ceilings(lw_kernels_report *r, const lw_ceilings *c);
bool lw_kernels_report_head(lw_kernels_report *r, const double peak[LW_ISA_COUNT]);
/* `name`: what a file of problems calls it, or "". */
bool lw_kernels_report_row(lw_kernels_report *r, const char *name, const lw_problem *p,
                           const lw_measurement *m, double peak, const char *repeat);
const char *lw_kernels_report_error(const lw_kernels_report *r);
int lw_kernels_report_rows(const lw_kernels_report *r);
bool lw_kernels_report_close(lw_kernels_report *r); /* false: something could not be written */

#endif
