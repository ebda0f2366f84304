/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worklist.h: the problems that a command works on, in order: the default list of each op, what --problem
 * names, or a file of named problems (--batch), one a line:
 *
 *     # comment
 *     conv1: conv2d_fwd,conv2d_bwd_weights mb64ic1ih28oc32oh26kh3ph0
 *     squares: sgemm NxN:NxN N=16..2048*2
 *
 * Problems are as sweep.h has them.
 */
#ifndef LW_WORKLIST_H
#define LW_WORKLIST_H

#include "harness/select.h"

typedef struct lw_work {
    char name[64]; /* of a line of a file; empty without one */
    lw_problem problem;
} lw_work;

typedef struct lw_worklist {
    lw_work *item;
    int count, capacity;
} lw_worklist;

/* For the selected ops; `batch` may be NULL. Returns an exit code; where it is not LW_EXIT_OK, the one line
 * has been printed. Free it in either case. */
int lw_worklist_make(lw_worklist *w, const lw_selection *s, const char *batch, bool quick);
void lw_worklist_free(lw_worklist *w);

#define LW_BATCH_HELP                                                                                        \
    "The named problems of this file (`name: op[,op...] problem` a line, `#` begins a comment; "             \
    "experiments/problems/ has some) instead of the default list; with --op, those of these ops."
#define LW_PROBLEM_HELP                                                                                      \
    "This problem instead of the default list; without --op, on each op that it fits. `bench check --help` " \
    "shows "                                                                                                 \
    "how each op's problems are spelt. Capital letters are axes: 'NxN:NxN N=16..2048*2', 'M=64,128 "         \
    "N=64..512+64 "                                                                                          \
    "K=576' (without a template MxK:KxN)."

#endif
