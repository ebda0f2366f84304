/* SPDX-License-Identifier: BSD-3-Clause
 * table_data.h: the runs of one or more result folders, and what follows from them for each variant. */
#ifndef LW_TABLE_DATA_H
#define LW_TABLE_DATA_H

#include "harness/records/csv_reader.h"

#include <stdint.h>

typedef struct lw_run_result {
    const char *experiment, *variant, *baseline, *identity, *folder; /* of the tables and of the command line */
    const char *kernel, *cpu, *revision, *date;
    uint64_t seed;
    double test, val, rate, seconds, images;
    int group;
} lw_run_result;

/* The runs of a variant. */
typedef struct lw_run_group {
    const char *experiment, *variant;
    int first, runs, baseline; /* baseline: its group, -1: none */
    double test, sd, binomial, val, rate, seconds;
    int pairs;         /* seeds in common with the baseline */
    double difference; /* mean over these */
    double p;          /* corrected; NaN: cannot be said */
} lw_run_group;

typedef struct lw_table_data {
    lw_csv_table **table;
    int tables, results, groups;
    lw_run_result *result;
    lw_run_group *group;
} lw_table_data;

/* Prints its refusal and returns an exit code. */
int lw_table_data_read(lw_table_data *r, char *const *folder, int folders);
void lw_table_data_free(lw_table_data *r);

/* The runs of a variant, where all results are of one experiment; NULL: none. */
const lw_run_group *lw_table_group(const lw_table_data *r, const char *variant);

/* Said of an accuracy beside that of the baseline, so that nobody has to read a probability. */
const char *lw_table_verdict(const lw_table_data *r, const lw_run_group *g);

#endif
