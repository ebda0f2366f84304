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
    int nodes, kinds;              /* of memory (NUMA) and of cores; 0: not reported */
    bool foreign;                  /* HWLOC_XMLFILE describes another machine: decisions are made, nothing is bound */
} lw_machine;

/* NULL: out of memory, or hwloc cannot read this system at all. */
lw_topology *lw_topology_new(void);
void lw_topology_free(lw_topology *t);
const lw_machine *lw_topology_machine(const lw_topology *t);

/* "2 cores, 4 CPUs (1 core, 2 CPUs usable); L1d 48 KiB, L2 2 MiB, L3 not reported" */
void lw_machine_describe(const lw_machine *m, char *text, size_t size);

/* ---------------------------------------------------------------- placement (placement.c) */

/* The order in which threads take the CPUs that the process may use.
 *   auto, none  one CPU of each core, faster kinds of core first, then the cores' other CPUs
 *   cores       as auto, and never two CPUs of one core
 *   threads     core by core, all CPUs of a core side by side
 *   0,2 or 0-3  these, by the operating system's numbers
 * NULL is auto. false: `err` says why in one line. */
bool lw_topology_arrange(lw_topology *t, const char *bind, char *err, size_t size);

int lw_topology_cpus(const lw_topology *t);       /* how many places the arrangement has */
int lw_topology_cpu(const lw_topology *t, int i); /* the i-th, by the operating system's number; -1 past the end */
int lw_topology_node(const lw_topology *t, int i); /* the NUMA node of the i-th; -1: not known */
int lw_topology_default_threads(const lw_topology *t); /* usable cores of the fastest kind, at least 1 */

/* Kind of core of the i-th: "alike" where there is one kind, else hwloc's CoreType, or "fast", "slow". */
const char *lw_topology_core_kind(const lw_topology *t, int i, char *text, size_t size);

/* The caches of a level (1 .. 3) under the first `team` places: bytes together, each cache once, and how
 * many of the team share the first one. false: not reported. */
bool lw_topology_cache(const lw_topology *t, int level, int team, size_t *bytes, int *sharers);

/* Whether two of the first `team` places are CPUs of one core. */
bool lw_topology_shares_cores(const lw_topology *t, int team);

/* Binds the calling thread to the i-th CPU of the order. false: the system does not let us. */
bool lw_topology_bind(const lw_topology *t, int i);
int lw_topology_where(void); /* the CPU that the calling thread runs on now; -1: not known */

/* Memory on the i-th's NUMA node where the system can do that, fresh (zero, not yet touched). */
void *lw_topology_alloc_local(const lw_topology *t, int i, size_t bytes);
void lw_topology_free_local(const lw_topology *t, void *p, size_t bytes);

#endif
