/* SPDX-License-Identifier: BSD-3-Clause
 * lr_curve.c: one pass over the losses as they come. */
#include "harness/train/lr_curve.h"

#include <math.h>
#include <stdlib.h>

bool lw_lr_curve_init(lw_lr_curve *c, double from, double to, int steps, double beta, lw_error *err)
{
    *c = (lw_lr_curve){.from = from, .to = to, .steps = steps, .beta = beta, .lowest = -1};
    c->rate = calloc((size_t)steps, 3 * sizeof *c->rate);
    if (!c->rate) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %d steps", steps);
    c->loss = c->rate + steps;
    c->smoothed = c->loss + steps;
    return true;
}

void lw_lr_curve_free(lw_lr_curve *c)
{
    free(c->rate);
    c->rate = NULL;
}

double lw_lr_curve_rate(const lw_lr_curve *c, int step)
{
    return c->from * pow(c->to / c->from, (double)step / (c->steps - 1));
}

int lw_lr_curve_warm_up(const lw_lr_curve *c)
{
    return (int)ceil(1 / (1 - c->beta) - 1e-9); /* 10 for a beta of 0.9, which is not quite 0.9 */
}

lw_lr_end lw_lr_curve_add(lw_lr_curve *c, double loss)
{
    const int i = c->count++;
    c->average = c->beta * c->average + (1 - c->beta) * loss;
    c->rate[i] = lw_lr_curve_rate(c, i);
    c->loss[i] = loss;
    c->smoothed[i] = c->average / (1 - pow(c->beta, i + 1));
    if (!isfinite(c->smoothed[i])) return LW_LR_INFINITE;
    if (i + 1 >= lw_lr_curve_warm_up(c) && (c->lowest < 0 || c->smoothed[i] < c->smoothed[c->lowest])) c->lowest = i;
    if (c->lowest >= 0 && c->smoothed[i] > LW_LR_BLOWN * c->smoothed[c->lowest]) return LW_LR_ROSE;
    return c->count < c->steps ? LW_LR_GOES_ON : LW_LR_AT_END;
}

lw_lr_choice lw_lr_curve_choose(const lw_lr_curve *c)
{
    lw_lr_choice choice = {NAN, NAN, NAN};
    double most = 0;
    for (int i = lw_lr_curve_warm_up(c); i < c->lowest; i++) {
        const double fall = c->smoothed[i - 1] - c->smoothed[i + 1]; /* over two equal steps of log rate */
        if (!(fall > most)) continue;
        most = fall;
        choice.steepest = c->rate[i];
    }
    if (most > 0) {
        choice.lowest = c->rate[c->lowest];
        choice.tenth = choice.lowest / 10;
    }
    return choice;
}
