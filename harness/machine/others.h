/* SPDX-License-Identifier: BSD-3-Clause
 * others.h: what the rest of the machine did meanwhile: CPU time that other processes, the kernel and the hypervisor
 * took, from /proc/stat less what this process used itself. No privilege; where the file shows nothing, unknown. */
#ifndef LW_OTHERS_H
#define LW_OTHERS_H

#include "harness/machine/workers.h"

/* A moment: what the CPUs had done by then. Seconds, and counts since the start. */
typedef struct lw_moment {
    bool known;
    double wall, own;                 /* clock; CPU time of this process */
    double team, machine;             /* busy or stolen: of the CPUs in use, of all CPUs */
    int team_cpus, machine_cpus;
    long switches;                    /* times that a thread of this process was made to leave its CPU */
} lw_moment;

typedef struct lw_disturbance {
    double team, machine; /* parts 0 .. 1 of those CPUs' time that others took; NaN: unknown */
    double switches;      /* involuntary context switches per second; NaN: unknown */
} lw_disturbance;

/* `root` stands before /proc ("" but in tests). Unbound, every CPU may be in use. */
lw_moment lw_moment_now(const char *root, const lw_workers *w);

/* Adds what was done between two moments to `sum`, which begins as {0}: intervals apart from each other count as one. */
void lw_moment_add(lw_moment *sum, const lw_moment *before, const lw_moment *after);

/* In the intervals of `sum`. The file counts in ticks of 10 ms: less than three of them are not told from none. */
lw_disturbance lw_disturbance_in(const lw_moment *sum);

/* In one interval. */
lw_disturbance lw_disturbance_between(const lw_moment *before, const lw_moment *after);

#endif
