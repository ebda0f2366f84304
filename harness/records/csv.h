/* SPDX-License-Identifier: BSD-3-Clause
 * csv.h: RFC 4180 rows, one header, constant columns, each row flushed when it is complete.
 * NaN and infinity are written as empty fields. */
#ifndef LW_CSV_H
#define LW_CSV_H

#include "harness/records/record.h"

typedef struct lw_csv lw_csv;

/* Start a new file ("-" is stdout) and write the header. NULL: `err` says why in one line. */
lw_csv *lw_csv_create(const char *path, const char *const *columns, int count, char *err, int err_size);
/* Open for appending: writes the header if the file is new or empty, else the header must be the same. */
lw_csv *lw_csv_append(const char *path, const char *const *columns, int count, char *err, int err_size);

void lw_csv_text(lw_csv *csv, const char *value);
void lw_csv_int(lw_csv *csv, int64_t value);
void lw_csv_real(lw_csv *csv, double value, int digits); /* significant digits, %.*g */
void lw_csv_record(lw_csv *csv, const lw_record *r);     /* all its values */

/* Ends the row: asserts that every column has a value, writes the row whole and flushes it.
 * false when it could not be written (disk full); `lw_csv_error` then says so in one line. */
bool lw_csv_end_row(lw_csv *csv);
const char *lw_csv_error(const lw_csv *csv);
bool lw_csv_close(lw_csv *csv); /* false if any write failed */

#endif
