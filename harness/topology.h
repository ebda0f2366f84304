/* SPDX-License-Identifier: BSD-3-Clause
 * topology.h: the machine as hwloc sees it: CPU, cores, caches, and which CPUs this process may use. */
#ifndef LW_TOPOLOGY_H
#define LW_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct lw_topology lw_topology;

typedef struct lw_machine {
    char cpu[128];                 /* "Intel(R) Xeon(R) Processor"; "unknown" */
    char os[512];                  /* "Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64" */
    int packages, cores, cpus;     /* of the machine; cpus are hardware threads */
    int usable_cores, usable_cpus; /* inside the affinity mask that the process inherited */
    size_t l1d, l2, l3;            /* bytes of one cache; 0: not reported */
} lw_machine;

/* NULL: out of memory, or hwloc cannot read this system at all. */
lw_topology *lw_topology_new(void);
void lw_topology_free(lw_topology *t);
const lw_machine *lw_topology_machine(const lw_topology *t);

/* "2 cores, 4 CPUs (1 core, 2 CPUs usable); L1d 48 KiB, L2 2 MiB, L3 not reported" */
void lw_machine_describe(const lw_machine *m, char *text, size_t size);

/* The order in which threads take CPUs: one CPU of each usable core, faster kinds of core first, then
 * the cores' second CPUs. Returns the operating system's number of the i-th, or -1 past the end. */
int lw_topology_cpu(const lw_topology *t, int i);

/* Binds the calling thread to the i-th CPU of that order. false: the system does not let us. */
bool lw_topology_bind(const lw_topology *t, int i);

#endif
