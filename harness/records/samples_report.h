/* SPDX-License-Identifier: BSD-3-Clause
 * samples_report.h: every sample of `bench kernels` as a row of its own, for `--samples FILE`. */
#ifndef LW_SAMPLES_REPORT_H
#define LW_SAMPLES_REPORT_H

#include "harness/records/csv.h"
#include "harness/timing/measure.h"

/* "-" is standard output. NULL: `err` says why in one line. */
lw_csv *lw_samples_report_open(const char *path, char *err, size_t err_size);

/* One row per sample, the rejected ones too. false: lw_csv_error says why. */
bool lw_samples_report_add(lw_csv *csv, const lw_problem *p, const lw_measurement *m, int threads);

#endif
