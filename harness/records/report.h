/* SPDX-License-Identifier: BSD-3-Clause
 * report.h: tables for people. Rows are printed as they come, so widths are given, not measured. */
#ifndef LW_REPORT_H
#define LW_REPORT_H

#include <stdbool.h>
#include <stdio.h>

typedef struct lw_column {
    const char *title;
    int width; /* > 0: left-aligned, < 0: right-aligned, 0: the last one, as long as it is */
} lw_column;

void lw_report_head(FILE *out, const lw_column *columns, int count);

/* One row, flushed. false: it could not be written. */
bool lw_report_row(FILE *out, const lw_column *columns, int count, const char *const *cells);

/* "1.234 ms", three or four digits, ns to s; "-" for NaN. Returns `text`. */
const char *lw_format_seconds(double seconds, char *text, size_t size);

#endif
