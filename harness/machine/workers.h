/* SPDX-License-Identifier: BSD-3-Clause
 * workers.h: the threads that run a kernel together: an OpenMP team, each member bound to a CPU. */
#ifndef LW_WORKERS_H
#define LW_WORKERS_H

#include "harness/machine/topology.h"
#include "kernels/kernels.h"

typedef struct lw_workers {
    int size;
    bool bound;         /* every member sits on its CPU */
    char binding[256];  /* the CPUs asked for in order of the members, "0 1"; "none" */
    char placement[256]; /* the CPUs that the members were found on after binding */
    char core_kind[96]; /* "alike"; on a hybrid CPU the kinds that the members sit on */
    char numa[64];      /* the memory nodes of the members, each once, "0 1"; "unknown" */
    const lw_topology *topology;
} lw_workers;

/* Binds `size` threads in the topology's order; without a topology, or where the system forbids
 * binding, they stay unbound. false: that many threads could not be started. */
bool lw_workers_init(lw_workers *w, const lw_topology *topology, int size);

/* As that, after --bind (NULL: auto). `threads` 0: the topology's default. A refusal is printed as one
 * line of `command`; returns an exit code. */
int lw_workers_start(lw_workers *w, lw_topology *topology, const char *command, const char *bind, int threads);

/* What --help says of --bind. */
#define LW_BIND_HELP                                                                                                   \
    "Where threads run: auto (default: one per core, faster kinds of core first, then second CPUs of cores), none, " \
    "cores (never two on one core), threads (core by core, second CPUs side by side), or a list such as 0,2 or 0-3. "  \
    "Never outside the mask that the process inherited (taskset, cgroup, MPI)."

/* Runs `job` on all members at once and returns when all are done. */
void lw_workers_run(const lw_workers *w, void (*job)(void *context, const lw_team *team), void *context);

#endif
