/* SPDX-License-Identifier: BSD-3-Clause
 * sweep.h: runs as processes, several at a time. */
#ifndef LW_SWEEP_H
#define LW_SWEEP_H

#include "harness/experiment/run_folder.h"

typedef struct lw_sweep {
    const lw_plan *plan;
    const char *out, *bind;
    lw_planned_run *run; /* in order */
    int runs, jobs, threads; /* threads 0: each process one per core of its share of the CPUs */
    int checkpoint_every;
} lw_sweep;

/* Does what is not finished yet, says on stderr how far it is, and collects runs.csv after each run. Returns an exit
 * code: that of the first run that failed; a loss that became infinite is a result and no failure. */
int lw_sweep_do(const lw_sweep *s);

/* Those runs of other experiments that runs of this one start from, into folders beside `out`; `doing` false: lists
 * them only. Returns an exit code; how many are not finished goes to *left. */
int lw_sweep_first(const lw_sweep *s, bool doing, int *left);

#endif
