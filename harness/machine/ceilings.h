/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ceilings.h: the roofs of the roofline (Williams, Waterman & Patterson, 2009), measured with the team
 * that will be timed: FMA peak per ISA, bandwidth per ISA and memory level; and what they say of a call.
 */
#ifndef LW_CEILINGS_H
#define LW_CEILINGS_H

#include "harness/machine/workers.h"

typedef enum lw_level { LW_LEVEL_L1, LW_LEVEL_L2, LW_LEVEL_L3, LW_LEVEL_DRAM, LW_LEVELS } lw_level;

const char *lw_level_name(lw_level level); /* "L1", "DRAM" */

typedef struct lw_ceilings {
    int threads;
    double gflops[LW_ISA_COUNT]; /* NaN: not measured */
    double read[LW_ISA_COUNT][LW_LEVELS], triad[LW_ISA_COUNT][LW_LEVELS]; /* GB/s of the team; NaN: no such level */
    size_t reported[LW_LEVELS]; /* bytes of the team's caches as hwloc has them; 0: not reported */
    size_t capacity[LW_LEVELS]; /* bytes that count as served by this level; 0: no such level; DRAM: SIZE_MAX */
    size_t set[LW_LEVELS];      /* bytes per member that were measured */
} lw_ceilings;

/* Measures those ISAs that `wanted` marks and this CPU runs. `quick`: main memory over 128 MiB instead of
 * twice the last cache (at most 1 GiB). Levels that no call with a `footprint` of that many bytes reaches are left
 * out, NaN: main memory takes seconds; INFINITY: all levels, and how far L3 reaches. false: no memory for the buffers;
 * what needs none is there. */
bool lw_ceilings_measure(lw_ceilings *c, const lw_workers *w, const bool wanted[LW_ISA_COUNT], bool quick,
                         double footprint);

/* The working sets and capacities alone, from the caches that the topology reports. */
void lw_ceilings_plan(lw_ceilings *c, const lw_workers *w, bool quick);

/* What a call of that cost can not beat. Its footprint is laid into the levels from the top, so that as
 * much as fits comes from each: the time is a true lower bound, and a share above 1 would show that a
 * ceiling or a time is wrong. `from` is the first level that may hold anything: L1 for a call whose
 * operands are hot, DRAM for cold ones. */
typedef struct lw_bound {
    const char *name; /* "FMA", "L1", "L2", "L3", "DRAM"; "unknown" where a ceiling is missing */
    double seconds;   /* the bound; divided by the measured time it is the share of it. NaN: unknown */
} lw_bound;
lw_bound lw_ceilings_bound(const lw_ceilings *c, lw_isa isa, double flop, double bytes, double footprint,
                           lw_level from);

/* As lw_ceilings_bound for a call that took `seconds`, and without claiming what it disproves: where it was faster
 * than its operands could come from a level, they came from a nearer one, and that one's bandwidth is the bound.
 * Faster than all of them: "unknown". */
lw_bound lw_ceilings_claim(const lw_ceilings *c, lw_isa isa, double flop, double bytes, double footprint, lw_level from,
                           double seconds);

/* The first level that can hold `footprint`. */
lw_level lw_ceilings_home(const lw_ceilings *c, double footprint);

/* Looks at the FMA peaks that have been measured once more, shortly, and keeps what is higher: the first look may have
 * met a slow moment. With `gflops` above the peak of `isa`, goes on for up to 50 ms until it is reached. */
void lw_ceilings_look_again(lw_ceilings *c, const lw_workers *w);
void lw_ceilings_reach(lw_ceilings *c, const lw_workers *w, lw_isa isa, double gflops);

/* FLOP per byte where the FMA peak meets a level's bandwidth (the larger of read and triad). */
double lw_ceilings_ridge(const lw_ceilings *c, lw_isa isa, lw_level level);

/* The larger of read and triad, GB/s. */
double lw_ceilings_gbytes(const lw_ceilings *c, lw_isa isa, lw_level level);

#endif
