/* SPDX-License-Identifier: BSD-3-Clause
 * kernels_measure.h: what `bench kernels` holds while it runs, and its way through the problems. */
#ifndef LW_KERNELS_MEASURE_H
#define LW_KERNELS_MEASURE_H

#include "harness/kernels_options.h"
#include "harness/machine/ceilings.h"
#include "harness/records/csv.h"
#include "harness/records/kernels_report.h"
#include "harness/variants.h"

typedef struct lw_kernels_command {
    lw_kernels_options options;
    lw_selection selection;
    lw_worklist work;
    lw_variants variants;
    const char *name; /* of the problem at hand, from --batch */
    lw_cpu cpu;
    lw_topology *topology;
    lw_workers workers;
    lw_timing timing;
    lw_ceilings ceilings;
    lw_capacity capacity;
    bool told_of_cap;
    lw_kernels_report *report;
    lw_gbench_report *gbench;
    lw_csv *samples_csv;
    int names, longest_name, problems, failed;
} lw_kernels_command;

/* The kernels for a problem: those of the selected sets whose names pass
 * --variant and the filter. Returns how many. */
int lw_kernels_for(const lw_kernels_command *c, const lw_problem *p, const lw_kernel *kernels[LW_MAX_VARIANTS]);

/* All problems in their passes; rows go to the reports, each problem's when its last pass is done, and after an
 * interruption those of the passes that there were. Returns an exit code, whose line has been printed unless it is
 * INTERRUPTED. */
int lw_kernels_measure_all(lw_kernels_command *c);

#endif
