/* SPDX-License-Identifier: BSD-3-Clause
 * csv_read.h: a CSV file of RFC 4180 in memory, looked up by the names of its columns. */
#ifndef LW_CSV_READ_H
#define LW_CSV_READ_H

#include <stdbool.h>

typedef struct lw_csv_table {
    int columns, rows;
    char **field; /* rows x columns behind the header's columns */
    char *text;
} lw_csv_table;

/* false: `err` says in one line why not: unreadable, or a row with another number of fields than the header. */
bool lw_csv_load(lw_csv_table *t, const char *path, char *err, int size);
void lw_csv_unload(lw_csv_table *t);

int lw_csv_column(const lw_csv_table *t, const char *name); /* -1: none */
const char *lw_csv_get(const lw_csv_table *t, int row, int column); /* column -1: "" */
double lw_csv_number(const lw_csv_table *t, int row, int column);   /* NaN: empty, or no number */

#endif
