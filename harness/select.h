/* SPDX-License-Identifier: BSD-3-Clause
 * select.h: which kernel sets, ops and problems a command works on, as its options name them. Functions
 * that can refuse print their one line and return false. */
#ifndef LW_SELECT_H
#define LW_SELECT_H

#include "harness/sets.h"
#include "oracle/oracle.h"

typedef struct lw_selection {
    const char *command;    /* for refusals */
    const char *kernel;     /* what was asked for: --kernel, LANEWISE_KERNEL or the fallback */
    lw_sets sets;           /* the sets to work on, in the order named */
    bool isa[LW_ISA_COUNT]; /* those of them that are ours */
    bool op[LW_OP_COUNT];
    const char *problem; /* --problem, or NULL: the caller's list */
} lw_selection;

/* `kernel`: what lw_sets_parse takes, or NULL (the environment's LANEWISE_KERNEL, else `fallback`); peers among
 * the sets are still to be opened.
 * `ops`: names separated by commas, or NULL for all. With `problem` and no `ops`, those that it fits. */
bool lw_select(lw_selection *s, const char *command, const char *kernel, const char *fallback,
               const char *ops, const char *problem);

/* Which of its rows this CPU can run: its set is usable and so is what the row's file was compiled for. A row of
 * a peer that was found is usable. */
bool lw_kernel_usable(const lw_kernel *k, const lw_cpu *cpu);

/* The rows for `op` of all selected sets that run here; returns how many, at most `most`. */
int lw_select_rows(const lw_selection *s, lw_op op, const lw_cpu *cpu, const lw_kernel **out, int most);

/* What dispatch takes for `op` out of `isa`; NULL: none there. */
const lw_kernel *lw_select_dispatched(lw_isa isa, lw_op op, const lw_cpu *cpu);

#endif
