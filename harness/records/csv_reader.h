/* SPDX-License-Identifier: BSD-3-Clause
 * csv_reader.h: a whole CSV file in memory, by RFC 4180: quoted fields, doubled quotes, line breaks within
 * quotes, LF or CRLF. What is not that is refused with the file and the line. */
#ifndef LW_CSV_READER_H
#define LW_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct lw_csv_table lw_csv_table;

/* The first row is the header: its names are not empty and differ, and every row has as many fields. NULL:
 * `err` says why in one line. */
lw_csv_table *lw_csv_read(const char *path, char *err, size_t err_size);
void lw_csv_table_free(lw_csv_table *t);

const char *lw_csv_path(const lw_csv_table *t);
int lw_csv_row_count(const lw_csv_table *t);                         /* without the header */
int lw_csv_line(const lw_csv_table *t, int row);                     /* where the row begins, from 1 */
int lw_csv_column(const lw_csv_table *t, const char *name);          /* -1: there is none */
const char *lw_csv_cell(const lw_csv_table *t, int row, int column); /* "" where column is -1 */

/* A number; an empty cell is NaN. false: `err` says which file, line and column. */
bool lw_csv_number(const lw_csv_table *t, int row, int column, double *value, char *err, size_t err_size);

#endif
