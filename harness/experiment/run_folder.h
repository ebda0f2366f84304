/* SPDX-License-Identifier: BSD-3-Clause
 * run_folder.h: where the runs of an experiment lie: OUT/runs/<identity>/, each with its rows, weights, log, and while
 * it is not finished its checkpoint; and OUT/runs.csv, made of them. */
#ifndef LW_RUN_FOLDER_H
#define LW_RUN_FOLDER_H

#include "harness/experiment/plan.h"

enum { LW_RUN_PATH = 512 };

typedef enum lw_run_stage { LW_RUN_NEW, LW_RUN_BEGUN, LW_RUN_FINISHED, LW_RUN_DIVERGED } lw_run_stage;

typedef struct lw_planned_run {
    int variant;
    uint64_t seed;
    char identity[LW_SHA256_HEX];
    char folder[LW_RUN_PATH];
} lw_planned_run;

bool lw_planned_run_init(lw_planned_run *r, const lw_plan *p, const char *out, int variant, uint64_t seed);

/* The run whose weights `r` starts from, of the plan p->variant[r->variant].first: OUT of that experiment lies beside
 * this one's and has its name. */
bool lw_planned_run_first(lw_planned_run *first, const lw_planned_run *r, const lw_plan *p, const char *out);
bool lw_folder_beside(const char *out, const char *name, char path[LW_RUN_PATH]);

lw_run_stage lw_run_folder_stage(const lw_planned_run *r);
int lw_run_folder_epochs(const lw_planned_run *r); /* finished ones */

/* Marks a run whose loss became infinite: it would do so again. */
bool lw_run_folder_mark_diverged(const lw_planned_run *r, lw_error *err);

/* Writes OUT/runs.csv anew: a row for each finished run of the plan's variants that lies in OUT/runs, whatever its
 * seed, in the plan's order. */
bool lw_run_folders_collect(const lw_plan *p, const char *out, lw_error *err);

#endif
