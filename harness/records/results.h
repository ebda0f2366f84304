/* SPDX-License-Identifier: BSD-3-Clause
 * results.h: rows that `bench kernels` once wrote, read back: what `diff` and `verify` work on. */
#ifndef LW_RESULTS_H
#define LW_RESULTS_H

#include "harness/records/csv_reader.h"

#include <stdint.h>

/* Texts live as long as the table that they are from. */
typedef struct lw_result {
    const char *op, *problem, *variant, *set, *cache, *verdict, *cpu, *command, *bound;
    int line, threads;
    double median, low,
        high;         /* seconds per call, and the interval of the median; NaN: not measured, or too few */
    double peak, ghz; /* of the machine at that time; NaN: unknown */
    double *sample;   /* seconds per call in the order measured */
    size_t samples;
} lw_result;

typedef struct lw_results {
    lw_csv_table *table;
    int count;
    lw_result *row;
} lw_results;

/* false: `err` says why in one line; there is nothing to free then. */
bool lw_results_read(lw_results *r, const char *path, char *err, size_t err_size);
void lw_results_free(lw_results *r);

/* The same op, problem, kernel, threads and cache state? */
bool lw_result_same_row(const lw_result *a, const lw_result *b);

/* "sgemm 64x64:64x64 sgemm/avx2", with "x2" for two threads, and the cache state where it is not hot. Returns
 * `text`. */
const char *lw_result_name(const lw_result *r, char *text, size_t size);

/* The wider of `width` and that name: for the column of a table. */
int lw_result_width(const lw_result *r, int width);

#endif
