/* SPDX-License-Identifier: BSD-3-Clause
 * passes.c: the order of visits: at each step the oldest problem first. */
#include "harness/timing/passes.h"

lw_passes lw_passes_over(int items, int passes, int lag)
{
    return (lw_passes){items, passes, lag < items ? lag : items, 0, passes - 1};
}

bool lw_passes_next(lw_passes *p, lw_visit *v)
{
    while (p->items > 0 && p->step < p->items + (p->passes - 1) * p->lag) {
        *v = (lw_visit){p->step - p->pass * p->lag, p->pass};
        if (--p->pass < 0) {
            p->pass = p->passes - 1;
            p->step++;
        }
        if (v->item >= 0 && v->item < p->items) return true;
    }
    return false;
}
