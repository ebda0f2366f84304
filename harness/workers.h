/* SPDX-License-Identifier: BSD-3-Clause
 * workers.h: the threads that run a kernel together: an OpenMP team, each member bound to a CPU. */
#ifndef LW_WORKERS_H
#define LW_WORKERS_H

#include "harness/topology.h"
#include "kernels/kernels.h"

typedef struct lw_workers {
    int size;
    bool bound;       /* every member sits on its CPU */
    char binding[64]; /* the CPUs in order of the members, "0 1"; "none" */
} lw_workers;

/* Binds `size` threads in the topology's order; without a topology, or where the system forbids
 * binding, they stay unbound. false: that many threads could not be started. */
bool lw_workers_init(lw_workers *w, const lw_topology *topology, int size);

/* Runs `job` on all members at once and returns when all are done. */
void lw_workers_run(const lw_workers *w, void (*job)(void *context, const lw_team *team), void *context);

#endif
