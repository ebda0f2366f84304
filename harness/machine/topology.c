/* SPDX-License-Identifier: BSD-3-Clause
 * topology.c: hwloc's view, reduced to what a record and a binding need. */
#define _GNU_SOURCE
#include "harness/machine/topology_private.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static void read_cpu_name(hwloc_topology_t h, char *text, size_t size)
{
    hwloc_obj_t package = hwloc_get_obj_by_type(h, HWLOC_OBJ_PACKAGE, 0);
    const char *name = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;
    if (!name) name = hwloc_obj_get_info_by_name(hwloc_get_root_obj(h), "CPUModel");
    snprintf(text, size, "%s", name && *name ? name : "unknown");
}

/* PRETTY_NAME="..." of os-release; the kernel's own name where there is none. */
static void read_os_name(char *text, size_t size)
{
    struct utsname u;
    char line[256], pretty[80] = "";
    FILE *f = fopen("/etc/os-release", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "PRETTY_NAME=\"%79[^\"]\"", pretty) == 1) break;
    if (f) fclose(f);
    if (uname(&u) != 0)
        snprintf(text, size, "%s", *pretty ? pretty : "unknown");
    else
        snprintf(text, size, "%s%s%s %s %s", pretty, *pretty ? ", " : "", u.sysname, u.release, u.machine);
}

static size_t cache_size(hwloc_topology_t h, hwloc_obj_type_t type)
{
    hwloc_obj_t cache = hwloc_get_obj_by_type(h, type, 0);
    return cache && cache->attr ? (size_t)cache->attr->cache.size : 0;
}

static int count_cores(hwloc_topology_t h, hwloc_const_cpuset_t within)
{
    int all = hwloc_get_nbobjs_by_type(h, HWLOC_OBJ_CORE), count = 0;
    for (int i = 0; i < all; i++)
        count +=
            hwloc_bitmap_intersects(hwloc_get_obj_by_type(h, HWLOC_OBJ_CORE, (unsigned)i)->cpuset, within);
    return count > 0 ? count : hwloc_bitmap_weight(within); /* no cores reported: each CPU counts as one */
}

/* The mask that taskset, numactl, a container or MPI left us. OMP_PROC_BIND makes the OpenMP runtime bind
 * this very thread before main: then its places say what the whole team may use. */
static void read_usable(lw_topology *t, hwloc_bitmap_t usable)
{
    hwloc_topology_t h = t->hwloc;
    hwloc_bitmap_zero(usable);
    if (!t->foreign && omp_get_proc_bind() != omp_proc_bind_false)
        for (int p = 0; p < omp_get_num_places(); p++) {
            int count = omp_get_place_num_procs(p), *cpus = calloc((size_t)count + 1, sizeof *cpus);
            if (cpus) omp_get_place_proc_ids(p, cpus);
            for (int i = 0; cpus && i < count; i++)
                hwloc_bitmap_set(usable, (unsigned)cpus[i]);
            free(cpus);
        }
    if (hwloc_bitmap_weight(usable) <= 0 && !t->foreign) hwloc_get_cpubind(h, usable, HWLOC_CPUBIND_THREAD);
    hwloc_bitmap_and(usable, usable, hwloc_topology_get_topology_cpuset(h));
    if (hwloc_bitmap_weight(usable) <= 0) hwloc_bitmap_copy(usable, hwloc_topology_get_allowed_cpuset(h));
}

static bool read_machine(lw_topology *t)
{
    hwloc_topology_t h = t->hwloc;
    lw_machine *m = &t->machine;
    hwloc_bitmap_t usable = hwloc_bitmap_alloc();
    if (!usable) return false;
    t->foreign = !hwloc_topology_is_thissystem(h);
    read_usable(t, usable);
    read_cpu_name(h, m->cpu, sizeof m->cpu);
    read_os_name(m->os, sizeof m->os);
    m->packages = hwloc_get_nbobjs_by_type(h, HWLOC_OBJ_PACKAGE);
    m->cpus = hwloc_bitmap_weight(hwloc_topology_get_topology_cpuset(h));
    m->cores = count_cores(h, hwloc_topology_get_topology_cpuset(h));
    m->usable_cpus = hwloc_bitmap_weight(usable);
    m->usable_cores = count_cores(h, usable);
    m->l1d = cache_size(h, HWLOC_OBJ_L1CACHE);
    m->l2 = cache_size(h, HWLOC_OBJ_L2CACHE);
    m->l3 = cache_size(h, HWLOC_OBJ_L3CACHE);
    m->nodes = hwloc_get_nbobjs_by_type(h, HWLOC_OBJ_NUMANODE);
    m->kinds = hwloc_cpukinds_get_nr(h, 0);
    m->foreign = t->foreign;
    bool ok = lw_topology_find_places(t, usable);
    hwloc_bitmap_free(usable);
    return ok;
}

lw_topology *lw_topology_new(void)
{
    lw_topology *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    if (hwloc_topology_init(&t->hwloc) != 0) {
        free(t);
        return NULL;
    }
    if (hwloc_topology_load(t->hwloc) != 0 || !read_machine(t)) {
        lw_topology_free(t);
        return NULL;
    }
    return t;
}

void lw_topology_free(lw_topology *t)
{
    if (!t) return;
    hwloc_topology_destroy(t->hwloc);
    free(t->order);
    free(t->place);
    free(t);
}

const lw_machine *lw_topology_machine(const lw_topology *t)
{
    return &t->machine;
}

static const char *describe_size(size_t bytes, char *text, size_t size)
{
    if (bytes == 0)
        snprintf(text, size, "not reported");
    else if (bytes % (1024 * 1024) == 0)
        snprintf(text, size, "%zu MiB", bytes / (1024 * 1024));
    else
        snprintf(text, size, "%zu KiB", bytes / 1024);
    return text;
}

void lw_machine_describe(const lw_machine *m, char *text, size_t size)
{
    char l1d[32], l2[32], l3[32], usable[64] = "", more[96] = "";
    if (m->usable_cpus < m->cpus)
        snprintf(usable, sizeof usable, ", of which %d and %d usable", m->usable_cores, m->usable_cpus);
    int n = 0;
    if (m->packages > 1) n += snprintf(more, sizeof more, ", %d packages", m->packages);
    if (m->nodes > 1) n += snprintf(more + n, sizeof more - (size_t)n, ", %d NUMA nodes", m->nodes);
    if (m->kinds > 1) snprintf(more + n, sizeof more - (size_t)n, ", %d kinds of core", m->kinds);
    snprintf(text, size, "%d core%s, %d CPU%s%s%s; L1d %s, L2 %s, L3 %s", m->cores, m->cores == 1 ? "" : "s",
             m->cpus, m->cpus == 1 ? "" : "s", usable, more, describe_size(m->l1d, l1d, sizeof l1d),
             describe_size(m->l2, l2, sizeof l2), describe_size(m->l3, l3, sizeof l3));
}
