/* SPDX-License-Identifier: BSD-3-Clause
 * conditions.h: what about this machine makes times repeat, or not. Each condition is good, bad or
 * unknown; unknown is an answer, not a failure: a virtual machine or a container may show nothing. Only
 * files that everybody may read, no privilege, and nothing is changed. */
#ifndef LW_CONDITIONS_H
#define LW_CONDITIONS_H

#include "harness/machine/workers.h"

typedef enum lw_state { LW_UNKNOWN, LW_GOOD, LW_BAD } lw_state;

typedef enum lw_condition_kind {
    LW_GOVERNOR,   /* good: performance on every CPU that the process may use */
    LW_TURBO,      /* good: off; on, the clock depends on heat and on the neighbours */
    LW_SMT,        /* good: no two threads of the team share a core, and no core has a second CPU in use */
    LW_LOAD,       /* good: others use under 5 % of these CPUs, and the hypervisor takes under 1 % */
    LW_ASLR,       /* good: off; on, addresses and with them cache conflicts differ between runs */
    LW_HYPERVISOR, /* good: none; under one, the clock, the caches and the neighbours are not ours */
    LW_QUOTA,      /* good: no cgroup limit on CPU time */
    LW_CONDITIONS
} lw_condition_kind;

#define LW_CONDITION_COLUMNS "governor", "turbo", "smt", "load", "aslr", "hypervisor", "quota"

typedef struct lw_condition {
    lw_state state;
    char detail[80]; /* "powersave"; may be empty */
} lw_condition;

typedef struct lw_conditions {
    lw_condition of[LW_CONDITIONS];
} lw_conditions;

/* Takes 0.1 s, in which it sleeps and looks who else works. `root` stands before /sys and /proc ("" but in
 * tests). */
void lw_conditions_read(lw_conditions *c, const char *root);

/* What depends on where the team runs (SMT). */
void lw_conditions_read_team(lw_conditions *c, const char *root, const lw_workers *w);

const char *lw_condition_name(lw_condition_kind kind); /* "governor" */

/* "bad: powersave", "unknown"; returns `text`. */
const char *lw_condition_text(const lw_condition *c, char *text, size_t size);

#endif
