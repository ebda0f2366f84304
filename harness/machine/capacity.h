/* SPDX-License-Identifier: BSD-3-Clause
 *
 * capacity.h: whether a team has its CPUs to itself at this moment. On a shared host two virtual CPUs may land on one
 * core for seconds, and two threads then do the work of one; no counter inside the machine shows it. A fraction of a
 * millisecond of FMA on all threads does. Times of a team are bracketed by such probes (timing.h).
 */
#ifndef LW_CAPACITY_H
#define LW_CAPACITY_H

#include "harness/machine/peak.h"

/* A probe of less than this part of the best one is without capacity. */
#define LW_CAPACITY_ENOUGH 0.85

typedef struct lw_capacity {
    const lw_workers *workers;
    lw_peak_loop loop;
    double best;       /* GFLOP/s of the best probe ever */
    double level;      /* what probes are held against: the best, or what was left of it when nothing better came */
    double last, when; /* the latest probe and its time */
} lw_capacity;

/* Probes until they agree with what the threads do one at a time, at most half a second; then the best counts. */
void lw_capacity_init(lw_capacity *c, const lw_workers *w);

/* Probes now: GFLOP/s. */
double lw_capacity_probe(lw_capacity *c);

/* As that, unless the last probe is younger than `age` seconds and will do. */
double lw_capacity_recent(lw_capacity *c, double age);

/* Takes the latest probe into account. */
void lw_capacity_note(lw_capacity *c, double gflops);

/* When nothing better than `gflops` came: what is slower for good (heat) is not held against the best any more. */
void lw_capacity_settle(lw_capacity *c, double gflops);

/* Probes until there is capacity; true: there is. false: not within `seconds`; it then settles for the
 * best of those probes. */
bool lw_capacity_wait(lw_capacity *c, double seconds);

static inline bool lw_capacity_enough(const lw_capacity *c, double gflops)
{
    return gflops >= LW_CAPACITY_ENOUGH * c->level;
}

#endif
