/* SPDX-License-Identifier: BSD-3-Clause
 * environment.h: the facts about machine, build and moment that every record carries. */
#ifndef LW_ENVIRONMENT_H
#define LW_ENVIRONMENT_H

#include "harness/machine/conditions.h"
#include "harness/records/csv.h"
#include "harness/machine/topology.h"

#include <stdio.h>

#define LW_ENVIRONMENT_COLUMNS                                                                               \
    "cpu", "cores", "cpus", "usable_cpus", "l1d_bytes", "l2_bytes", "l3_bytes", "os", "lanewise_version",    \
        "revision", "compiler", "flags", "date", "placement", "core_kind", "numa", LW_CONDITION_COLUMNS

typedef struct lw_environment {
    const lw_machine *machine;
    const lw_workers *team; /* NULL: nothing is known of placement */
    lw_conditions conditions;
    char date[32]; /* UTC, "2026-11-24T02:22:06Z" */
} lw_environment;

lw_environment lw_environment_now(const lw_machine *machine);

/* Adds where the team runs. `w` outlives `e`. */
void lw_environment_team(lw_environment *e, const lw_workers *w);

/* The values of LW_ENVIRONMENT_COLUMNS, in that order. */
void lw_environment_record(const lw_environment *e, lw_record *r);
void lw_environment_csv(const lw_environment *e, lw_csv *csv);

/* A few lines for the head of a table. */
void lw_environment_print(const lw_environment *e, FILE *out);

#endif
