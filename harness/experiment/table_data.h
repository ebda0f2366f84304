/* SPDX-License-Identifier: BSD-3-Clause
 * table_data.h: the runs of one or more result folders, and what follows from them for each variant. */
#ifndef LW_TABLE_DATA_H
#define LW_TABLE_DATA_H

#include "harness/records/csv_read.h"

#include <stdint.h>

typedef struct lw_result {
    const char *experiment, *variant, *baseline, *identity, *folder; /* of the tables and of the command line */
    uint64_t seed;
    double test, val, rate, seconds, images;
    int group;
} lw_result;

/* The runs of a variant. */
typedef struct lw_group {
    const char *experiment, *variant;
    int first, runs, baseline; /* baseline: its group, -1: none */
    double test, sd, binomial, val, rate, seconds;
    int pairs;         /* seeds in common with the baseline */
    double difference; /* mean over these */
    double p;          /* corrected; NaN: cannot be said */
} lw_group;

typedef struct lw_results {
    lw_csv_table *table;
    int tables, results, groups;
    lw_result *result;
    lw_group *group;
} lw_results;

/* Prints its refusal and returns an exit code. */
int lw_results_read(lw_results *r, char *const *folder, int folders);
void lw_results_free(lw_results *r);

#endif
