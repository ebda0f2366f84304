/* SPDX-License-Identifier: BSD-3-Clause
 * profile.c: the clock and the samples of the profile. */
#include "nn/profile.h"

#include "nn/clock.h"

#include <stdlib.h>
#include <string.h>

const char *lw_part_name(lw_part part)
{
    static const char *const names[LW_LAYER_PARTS] = {"forward", "backward relu", "backward weights", "backward data",
                                                      "backward add"};
    return names[part];
}

void lw_profile_init(lw_profile *p)
{
    memset(p, 0, sizeof *p);
    p->clock = 1;
    for (int i = 0; i < 5; i++) {
        enum { READINGS = 1000 };
        double start = lw_clock(), end = start;
        for (int j = 0; j < READINGS; j++)
            end = lw_clock();
        if ((end - start) / READINGS < p->clock) p->clock = (end - start) / READINGS;
    }
}

void lw_profile_free(lw_profile *p)
{
    for (int i = 0; i < LW_PARTS; i++)
        free(p->part[i]);
    memset(p, 0, sizeof *p);
}

void lw_profile_step_begin(lw_profile *p, bool full)
{
    p->seen++;
    bool cut = p->seen % 2 == 0;
    p->measuring = full && p->seen > LW_PROFILE_WARMUP && (cut ? p->cut_steps : p->whole_steps) < LW_PROFILE_STEPS;
    p->cutting = p->measuring && cut;
    p->readings = 0;
    if (p->measuring) p->start = p->last = lw_clock();
}

void lw_profile_end_part(lw_profile *p, int part)
{
    double t = lw_clock();
    if (!p->part[part] && !(p->part[part] = calloc(LW_PROFILE_STEPS, sizeof(float)))) {
        p->no_memory = true;
        return;
    }
    p->part[part][p->cut_steps] += (float)(t - p->last);
    p->last = t;
    p->readings++;
}

void lw_profile_step_end(lw_profile *p)
{
    if (!p->measuring) return;
    double t = lw_clock();
    if (p->cutting) {
        p->total[p->cut_steps++] = (float)(t - p->start);
        p->cuts = p->readings;
    } else {
        p->whole[p->whole_steps++] = (float)(t - p->start);
    }
    p->measuring = p->cutting = false;
}
