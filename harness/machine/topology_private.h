/* SPDX-License-Identifier: BSD-3-Clause
 * topology_private.h: what topology.c and placement.c share and nobody else sees. */
#ifndef LW_TOPOLOGY_PRIVATE_H
#define LW_TOPOLOGY_PRIVATE_H

#include "harness/machine/topology.h"

#include <hwloc.h>

/* A usable CPU, in the default order: one of each core first, faster kinds of core first. */
typedef struct lw_place {
    unsigned cpu;
    int sibling; /* 0: the first usable CPU of its core */
    int kind;    /* efficiency of its core: larger is faster; 0 where all are alike or nothing is known */
    int core;    /* cores in the machine's order */
    int logical;
} lw_place;

struct lw_topology {
    hwloc_topology_t hwloc;
    lw_machine machine;
    bool foreign; /* read from a file about another machine: nothing can be bound */
    int places, order_count;
    lw_place *place;
    int *order; /* indices into `place`, in the order in which threads take them */
};

bool lw_topology_find_places(lw_topology *t, hwloc_const_cpuset_t usable);

#endif
