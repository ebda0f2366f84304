/* SPDX-License-Identifier: BSD-3-Clause
 * topology.c: hwloc's view, reduced to what a record and a binding need. */
#define _GNU_SOURCE
#include "harness/topology.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

struct lw_topology {
    hwloc_topology_t hwloc;
    lw_machine machine;
    int order_count;
    unsigned *order; /* operating system numbers of the usable CPUs, in the order of lw_topology_cpu */
};

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

/* Efficiency of the kind of core that holds this CPU: larger is faster; 0 where all are alike. */
static int cpu_kind(hwloc_topology_t h, unsigned cpu)
{
    int efficiency = 0;
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (!set) return 0;
    hwloc_bitmap_only(set, cpu);
    int kind = hwloc_cpukinds_get_by_cpuset(h, set, 0);
    if (kind >= 0 && hwloc_cpukinds_get_info(h, (unsigned)kind, NULL, &efficiency, NULL, NULL, 0) != 0)
        efficiency = 0;
    hwloc_bitmap_free(set);
    return efficiency > 0 ? efficiency : 0;
}

typedef struct place {
    int sibling;  /* 0: the first usable CPU of its core */
    int slowness; /* - cpu_kind */
    int logical;
    unsigned cpu;
} place;

static int place_order(const void *a, const void *b)
{
    const place *x = a, *y = b;
    if (x->sibling != y->sibling) return x->sibling - y->sibling;
    if (x->slowness != y->slowness) return x->slowness - y->slowness;
    return x->logical - y->logical;
}

static bool order_cpus(lw_topology *t, hwloc_const_cpuset_t usable)
{
    int count = hwloc_bitmap_weight(usable), i = 0;
    place *places = calloc((size_t)count + 1, sizeof *places);
    t->order = calloc((size_t)count + 1, sizeof *t->order);
    if (!places || !t->order) {
        free(places);
        return false;
    }
    unsigned cpu;
    hwloc_bitmap_foreach_begin(cpu, usable)
    {
        hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(t->hwloc, cpu);
        hwloc_obj_t core = pu ? hwloc_get_ancestor_obj_by_type(t->hwloc, HWLOC_OBJ_CORE, pu) : NULL;
        int sibling = 0;
        for (int c = core ? hwloc_bitmap_first(core->cpuset) : -1; c >= 0 && (unsigned)c != cpu;
             c = hwloc_bitmap_next(core->cpuset, c))
            sibling += hwloc_bitmap_isset(usable, (unsigned)c);
        places[i] = (place){sibling, -cpu_kind(t->hwloc, cpu), pu ? (int)pu->logical_index : i, cpu};
        i++;
    }
    hwloc_bitmap_foreach_end();
    qsort(places, (size_t)count, sizeof *places, place_order);
    for (i = 0; i < count; i++)
        t->order[i] = places[i].cpu;
    t->order_count = count;
    free(places);
    return true;
}

static bool read_machine(lw_topology *t)
{
    hwloc_topology_t h = t->hwloc;
    lw_machine *m = &t->machine;
    hwloc_bitmap_t usable = hwloc_bitmap_alloc();
    if (!usable) return false;
    /* What taskset, numactl or a container left us; the whole machine where the system does not say. */
    if (hwloc_get_cpubind(h, usable, HWLOC_CPUBIND_THREAD) != 0 || hwloc_bitmap_weight(usable) <= 0)
        hwloc_bitmap_copy(usable, hwloc_topology_get_allowed_cpuset(h));
    hwloc_bitmap_and(usable, usable, hwloc_topology_get_topology_cpuset(h));
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
    bool ok = order_cpus(t, usable);
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
    free(t);
}

const lw_machine *lw_topology_machine(const lw_topology *t)
{
    return &t->machine;
}

int lw_topology_cpu(const lw_topology *t, int i)
{
    return i >= 0 && i < t->order_count ? (int)t->order[i] : -1;
}

bool lw_topology_bind(const lw_topology *t, int i)
{
    if (i < 0 || i >= t->order_count) return false;
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (!set) return false;
    hwloc_bitmap_only(set, t->order[i]);
    bool ok = hwloc_set_cpubind(t->hwloc, set, HWLOC_CPUBIND_THREAD) == 0;
    hwloc_bitmap_free(set);
    return ok;
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
    char l1d[32], l2[32], l3[32], usable[64] = "";
    if (m->usable_cpus < m->cpus)
        snprintf(usable, sizeof usable, ", of which %d and %d usable", m->usable_cores, m->usable_cpus);
    snprintf(text, size, "%d core%s, %d CPU%s%s; L1d %s, L2 %s, L3 %s", m->cores, m->cores == 1 ? "" : "s",
             m->cpus, m->cpus == 1 ? "" : "s", usable, describe_size(m->l1d, l1d, sizeof l1d),
             describe_size(m->l2, l2, sizeof l2), describe_size(m->l3, l3, sizeof l3));
}
