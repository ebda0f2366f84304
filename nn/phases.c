/* SPDX-License-Identifier: BSD-3-Clause
 * phases.c: the clock of a run's parts. */
#include "nn/phases.h"

#include "nn/clock.h"

const char *lw_phase_name(lw_phase phase)
{
    static const char *const name[] = {"data", "augment", "forward", "backward", "optimizer", "evaluate"};
    return name[phase];
}

void lw_phases_begin(lw_phases *p)
{
    p->last = lw_clock();
}

void lw_phases_end(lw_phases *p, lw_phase phase)
{
    const double now = lw_clock();
    p->seconds[phase] += now - p->last;
    p->last = now;
}
