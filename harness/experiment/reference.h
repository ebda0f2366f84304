/* SPDX-License-Identifier: BSD-3-Clause
 * reference.h: what an experiment gave when it was last run for the record: a CSV file with a row per variant, made of
 * finished runs and of nothing else, and read back to be compared with. */
#ifndef LW_REFERENCE_H
#define LW_REFERENCE_H

#include "harness/experiment/agreement.h"
#include "harness/experiment/plan.h"
#include "harness/experiment/table_data.h"
#include "harness/records/csv_reader.h"

typedef struct lw_reference {
    lw_csv_table *table;
} lw_reference;

/* Both print their refusal and return an exit code. Reading refuses a file whose rows are not those of the plan's
 * variants, or were made with another configuration than theirs. */
int lw_reference_read(lw_reference *r, const char *path, const lw_plan *p);
int lw_reference_write(const char *path, const lw_plan *p, const lw_table_data *results);
void lw_reference_free(lw_reference *r);

/* Of a variant; n is 0 where there is no row. */
lw_accuracies lw_reference_of(const lw_reference *r, const char *variant);

/* One line on where it comes from, and the rows as Markdown. */
void lw_reference_print(const lw_reference *r, const lw_plan *p, FILE *out);

#endif
