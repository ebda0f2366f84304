/* SPDX-License-Identifier: BSD-3-Clause
 * team.c: how the members of a team divide work. */
#include "kernels/kernels.h"

#include <assert.h>

const lw_team lw_team_solo = {.id = 0, .size = 1, .sync = NULL};

static ptrdiff_t boundary(ptrdiff_t units, ptrdiff_t id, ptrdiff_t size)
{
    /* units * id / size without overflow: the first units % size members get one unit more. */
    const ptrdiff_t each = units / size, more = units % size;
    return each * id + (id < more ? id : more);
}

void lw_team_share(const lw_team *team, ptrdiff_t n, ptrdiff_t grain, ptrdiff_t *lo, ptrdiff_t *hi)
{
    assert(n >= 0 && grain >= 1 && team->id >= 0 && team->id < team->size);
    const ptrdiff_t whole = n / grain, units = whole + (n % grain != 0);
    const ptrdiff_t first = boundary(units, team->id, team->size);
    const ptrdiff_t last = boundary(units, team->id + 1, team->size);
    *lo = first > whole ? n : first * grain;
    *hi = last > whole ? n : last * grain;
}
