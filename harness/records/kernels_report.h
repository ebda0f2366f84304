/* SPDX-License-Identifier: BSD-3-Clause
 * kernels_report.h: the rows of `bench kernels` as a table and as CSV. */
#ifndef LW_KERNELS_REPORT_H
#define LW_KERNELS_REPORT_H

#include "harness/machine/ceilings.h"
#include "harness/records/environment.h"
#include "harness/timing/measure.h"
#include "harness/records/report.h"
#include "harness/select.h"

typedef struct lw_kernels_report lw_kernels_report;

/* `csv`: a path, "-" or NULL. NULL: `err` says why in one line. */
lw_kernels_report *lw_kernels_report_new(const char *csv, const lw_environment *e, const lw_workers *w,
                                         const lw_selection *s, char *err, size_t err_size);
/* What the rows' bounds are taken from; outlives the report. Without it they stay unknown. */
void lw_kernels_report_ceilings(lw_kernels_report *r, const lw_ceilings *c);
/* The table goes to `out` instead; before the head. */
void lw_kernels_report_table(lw_kernels_report *r, FILE *out);
void lw_kernels_report_head(lw_kernels_report *r, const double peak[LW_ISA_COUNT]);
bool lw_kernels_report_row(lw_kernels_report *r, const lw_problem *p, const lw_measurement *m, double peak,
                           const char *repeat);
const char *lw_kernels_report_error(const lw_kernels_report *r);
int lw_kernels_report_rows(const lw_kernels_report *r);
bool lw_kernels_report_close(lw_kernels_report *r); /* false: something could not be written */

#endif
