/* SPDX-License-Identifier: BSD-3-Clause
 * table.h: what the runs of experiments say together. */
#ifndef LW_TABLE_H
#define LW_TABLE_H

#include <stdbool.h>
#include <stdio.h>

typedef enum lw_table_format { LW_TABLE_MARKDOWN, LW_TABLE_CSV } lw_table_format;

/* Reads runs.csv of each folder; the same run in two of them counts once. Prints a row per variant: mean and standard
 * deviation over the seeds, the binomial error of the mean on the test images, and whether it differs from the
 * baseline with the same seeds (paired t; McNemar on the images where there is but one; Holm over the rows). Prints its
 * refusal and returns an exit code. */
int lw_results_print(char *const *folder, int folders, lw_table_format format, FILE *out);

#endif
