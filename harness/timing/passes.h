/* SPDX-License-Identifier: BSD-3-Clause
 *
 * passes.h: when each problem of a list is measured: in several passes, apart from each other, because what a process
 * cannot see of itself (the pages that its operands got, the clock that its neighbours leave it) stays the same for
 * seconds and is another one later. A pass of a problem comes `lag` problems after the one before it, so that problems
 * are still finished one after the other, and most of what was measured is written when something stops the run.
 */
#ifndef LW_PASSES_H
#define LW_PASSES_H

#include <stdbool.h>

/* Some ten seconds between two passes of a problem; problems are visited for a fraction of a second, --quick's for a
 * tenth of one. */
enum { LW_PASS_LAG = 16, LW_PASS_LAG_QUICK = 64, LW_MAX_PASSES = 16 };

typedef struct lw_visit {
    int item, pass; /* from 0 */
} lw_visit;

typedef struct lw_passes {
    int items, passes, lag;
    int step, pass; /* of the next visit, or of one that falls outside of the list */
} lw_passes;

lw_passes lw_passes_over(int items, int passes, int lag);

/* The next visit; items end in their order. false: that was all. */
bool lw_passes_next(lw_passes *p, lw_visit *v);

#endif
