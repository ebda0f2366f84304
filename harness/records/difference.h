/* SPDX-License-Identifier: BSD-3-Clause
 *
 * difference.h: two runs of the same rows: what became slower, and what only came out otherwise.
 *
 * Samples of one run say how far its median would move were it measured again in that run. From run to run
 * more moves: which pages the operands got, the clock, the neighbours. So a row counts as changed only if all
 * of these say so:
 *   - the rank test of B's samples against A's, which must differ by more than the threshold, where
 * neighbours that resemble each other are first put together;
 *   - the intervals of the two medians, which must lie farther apart than the threshold;
 *   - the other rows of its kind: how much they scatter beyond what their samples explain is what runs differ
 * by, and a row must stand out of that, by Student's t with three degrees of freedom because that noise has
 * outliers. The larger p of the two tests is corrected for the number of rows (Holm). What the machine's own
 * change explains, in its measured peak or clock, is taken off first.
 */
#ifndef LW_DIFFERENCE_H
#define LW_DIFFERENCE_H

#include "harness/records/results.h"

typedef enum lw_change {
    LW_CHANGE_REGRESSION,
    LW_CHANGE_IMPROVEMENT,
    LW_CHANGE_MACHINE,  /* beyond the threshold, but so is the machine */
    LW_CHANGE_NONE,     /* not distinguishable */
    LW_CHANGE_UNSTABLE, /* at least one of the two is not `stable` */
    LW_CHANGE_UNMEASURED,
    LW_CHANGE_UNPAIRED,
    LW_CHANGES
} lw_change;

const char *lw_change_name(lw_change c); /* "regression", "not distinguishable" ... */

typedef struct lw_pair {
    const lw_result *a, *b; /* NULL: not in that file */
    double change, low,
        high; /* B / A - 1 of the medians, and of the far ends of their intervals; NaN: unknown */
    double p_slower, p_faster; /* corrected; NaN where nothing was tested */
    lw_change verdict;
} lw_pair;

typedef struct lw_rules {
    double threshold; /* 0.03: changes of up to 3 % are no news */
    double alpha;     /* probability of one false verdict or more, over all rows */
    double noise;     /* standard deviation of log(B / A) from run to run; NaN: from the rows */
} lw_rules;

/* Rows that memory bounds depend on the pages that they got, which is another matter than arithmetic: each
 * kind has its own noise. */
typedef enum lw_noise_kind { LW_NOISE_FMA, LW_NOISE_MEMORY, LW_NOISE_KINDS } lw_noise_kind;

/* Where fewer rows of a kind are tested, what is assumed takes the place of what they say. */
enum { LW_ROWS_FOR_NOISE = 8 };
#define LW_NOISE_ASSUMED_FMA 0.01
#define LW_NOISE_ASSUMED_MEMORY 0.05

typedef struct lw_noise {
    int rows;     /* of that kind that were tested */
    bool found;   /* in them; else given or assumed */
    double value; /* standard deviation of log(B / A) from run to run, beyond what samples explain */
    double bar;   /* no row is called slower by less, whatever its samples say */
} lw_noise;

typedef struct lw_difference {
    int count, tested, of[LW_CHANGES];
    lw_pair *pair; /* in A's order, then what only B has */
    double shift;  /* median of B / A over the tested rows, less 1 */
    lw_noise noise[LW_NOISE_KINDS];
    double peak_a, peak_b, ghz_a, ghz_b; /* medians over the tested rows; NaN: not recorded */
    double machine; /* how much of `shift` the machine explains, as a factor; 1: nothing */
} lw_difference;

/* Rows that a file has several times are paired in their order. false: no memory. */
bool lw_difference_make(lw_difference *d, const lw_results *a, const lw_results *b, const lw_rules *rules);
void lw_difference_free(lw_difference *d);

#endif
