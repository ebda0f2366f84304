/* SPDX-License-Identifier: BSD-3-Clause
 * capacity.c: FMA probes of a whole team. */
#define _GNU_SOURCE
#include "harness/machine/capacity.h"

#include "harness/interrupt.h"
#include "harness/timing/timing.h"

#include <math.h>
#include <time.h>

#define PROBE_SECONDS 3e-4
#define INIT_SECONDS 0.5

/* The narrowest multiply-add that fills the units: wider ones may slow the clock of what is measured. */
static lw_isa probe_isa(void)
{
    return lw_peak_isa(LW_ISA_AUTOVEC);
}

void lw_capacity_note(lw_capacity *c, double gflops)
{
    c->last = gflops;
    c->best = fmax(c->best, gflops);
    c->level = fmax(c->level, gflops);
}

void lw_capacity_settle(lw_capacity *c, double gflops)
{
    if (gflops > 0) c->level = gflops;
}

double lw_capacity_probe(lw_capacity *c)
{
    lw_capacity_note(c, lw_peak_once(c->workers, &c->loop));
    c->when = lw_seconds();
    return c->last;
}

double lw_capacity_recent(lw_capacity *c, double age)
{
    return lw_seconds() - c->when <= age ? c->last : lw_capacity_probe(c);
}

void lw_capacity_init(lw_capacity *c, const lw_workers *w)
{
    static const lw_workers solo = {.size = 1};
    *c = (lw_capacity){.workers = w, .loop = lw_peak_calibrate(probe_isa(), PROBE_SECONDS)};
    double alone = 0;
    for (int i = 0; i < 10; i++) alone = fmax(alone, lw_peak_once(&solo, &c->loop));
    const double start = lw_seconds();
    for (int i = 0; i < 10 || lw_seconds() - start < INIT_SECONDS; i++) {
        lw_capacity_probe(c);
        if (i >= 10 && c->best >= LW_CAPACITY_ENOUGH * alone * w->size) break;
    }
}

bool lw_capacity_wait(lw_capacity *c, double seconds)
{
    const struct timespec pause = {0, 10000000};
    const double start = lw_seconds();
    double seen = 0;
    while (!lw_interrupted() && lw_seconds() - start < seconds) {
        if (lw_capacity_enough(c, lw_capacity_probe(c))) return true;
        seen = fmax(seen, c->last);
        nanosleep(&pause, NULL);
    }
    lw_capacity_settle(c, seen);
    return false;
}
