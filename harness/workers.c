/* SPDX-License-Identifier: BSD-3-Clause
 * workers.c: a lw_team over OpenMP. */
#include "harness/workers.h"

#include <omp.h>
#include <stdio.h>

/* An orphaned barrier: it belongs to the parallel region that the calling thread is in. */
static void barrier(void)
{
#pragma omp barrier
}

void lw_workers_run(const lw_workers *w, void (*job)(void *context, const lw_team *team), void *context)
{
    if (w->size == 1) {
        job(context, &lw_team_solo);
        return;
    }
#pragma omp parallel num_threads(w->size)
    {
        lw_team team = {omp_get_thread_num(), omp_get_num_threads(), barrier};
        job(context, &team);
    }
}

typedef struct bind_context {
    const lw_topology *topology;
    int members, bound;
} bind_context;

static void bind_member(void *context, const lw_team *team)
{
    bind_context *b = context;
    bool ok = b->topology && lw_topology_bind(b->topology, team->id);
#pragma omp critical(lw_bind)
    {
        b->members++;
        b->bound += ok;
    }
}

bool lw_workers_init(lw_workers *w, const lw_topology *topology, int size)
{
    *w = (lw_workers){.size = size};
    bind_context b = {.topology = topology};
    omp_set_dynamic(0); /* the team has the size that was asked for, or fails */
    lw_workers_run(w, bind_member, &b);
    w->bound = topology && b.bound == size;
    int length = snprintf(w->binding, sizeof w->binding, "%s", w->bound ? "" : "none");
    for (int i = 0; w->bound && i < size && length < (int)sizeof w->binding - 12; i++)
        length += snprintf(w->binding + length, sizeof w->binding - (size_t)length, "%s%d", i ? " " : "",
                           lw_topology_cpu(topology, i));
    return b.members == size;
}
