/* SPDX-License-Identifier: BSD-3-Clause
 * placement.c: which CPU each thread takes, and what kind of place that is. */
#define _GNU_SOURCE
#include "harness/machine/topology_private.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- places */

static int kind_of(hwloc_topology_t h, unsigned cpu, char *name, size_t size)
{
    int efficiency = -1;
    unsigned infos = 0;
    struct hwloc_info_s *info = NULL;
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (name) snprintf(name, size, "alike");
    if (!set) return 0;
    hwloc_bitmap_only(set, cpu);
    int kind = hwloc_cpukinds_get_by_cpuset(h, set, 0), kinds = hwloc_cpukinds_get_nr(h, 0);
    if (kinds > 1 && kind >= 0 &&
        hwloc_cpukinds_get_info(h, (unsigned)kind, NULL, &efficiency, &infos, &info, 0) == 0 && name) {
        snprintf(name, size, efficiency < 0 ? "kind %d" : efficiency == kinds - 1 ? "fast" : "slow", kind);
        for (unsigned i = 0; i < infos; i++)
            if (strcmp(info[i].name, "CoreType") == 0) snprintf(name, size, "%s", info[i].value);
    }
    hwloc_bitmap_free(set);
    return efficiency > 0 ? efficiency : 0;
}

static int by_preference(const void *a, const void *b)
{
    const lw_place *x = a, *y = b;
    if (x->sibling != y->sibling) return x->sibling - y->sibling;
    if (x->kind != y->kind) return y->kind - x->kind;
    return x->logical - y->logical;
}

bool lw_topology_find_places(lw_topology *t, hwloc_const_cpuset_t usable)
{
    size_t count = (size_t)hwloc_bitmap_weight(usable);
    t->place = calloc(count + 1, sizeof *t->place);
    t->order = calloc(count + 1, sizeof *t->order);
    if (!t->place || !t->order) return false;
    unsigned cpu;
    hwloc_bitmap_foreach_begin(cpu, usable)
    {
        hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(t->hwloc, cpu);
        hwloc_obj_t core = pu ? hwloc_get_ancestor_obj_by_type(t->hwloc, HWLOC_OBJ_CORE, pu) : NULL;
        int sibling = 0, logical = pu ? (int)pu->logical_index : t->places;
        for (int c = core ? hwloc_bitmap_first(core->cpuset) : -1; c >= 0 && (unsigned)c != cpu;
             c = hwloc_bitmap_next(core->cpuset, c))
            sibling += hwloc_bitmap_isset(usable, (unsigned)c);
        t->place[t->places++] = (lw_place){cpu, sibling, kind_of(t->hwloc, cpu, NULL, 0),
                                           core ? (int)core->logical_index : logical, logical};
    }
    hwloc_bitmap_foreach_end();
    qsort(t->place, (size_t)t->places, sizeof *t->place, by_preference);
    for (int i = 0; i < t->places; i++)
        t->order[i] = i;
    t->order_count = t->places;
    return true;
}

int lw_topology_default_threads(const lw_topology *t)
{
    int count = 0;
    for (int i = 0; i < t->places; i++)
        count += t->place[i].sibling == 0 && t->place[i].kind == t->place[0].kind;
    return count > 0 ? count : 1;
}

/* ---------------------------------------------------------------- --bind */

static int by_core(const lw_topology *t, int a, int b)
{
    const lw_place *x = &t->place[a], *y = &t->place[b];
    if (x->kind != y->kind) return y->kind - x->kind;
    return x->logical - y->logical;
}

/* SMT siblings side by side: insertion sort, stable and short enough for any machine's CPUs. */
static void order_compactly(lw_topology *t)
{
    for (int i = 1; i < t->order_count; i++)
        for (int j = i; j > 0 && by_core(t, t->order[j - 1], t->order[j]) > 0; j--) {
            int swap = t->order[j];
            t->order[j] = t->order[j - 1];
            t->order[j - 1] = swap;
        }
}

static int find_cpu(const lw_topology *t, long cpu)
{
    for (int i = 0; i < t->places; i++)
        if ((long)t->place[i].cpu == cpu) return i;
    return -1;
}

static bool take_list(lw_topology *t, const char *bind, char *err, size_t size)
{
    t->order_count = 0;
    for (const char *at = bind;; at++) {
        char *end = NULL;
        long first = isdigit((unsigned char)*at) ? strtol(at, &end, 10) : -1, last = first;
        if (end && *end == '-' && isdigit((unsigned char)end[1])) last = strtol(end + 1, &end, 10);
        if (!end || last < first || (*end && *end != ',')) {
            snprintf(err, size, "--bind wants auto, none, cores, threads or a list of CPUs such as 0,2 or 0-3, got '%s'",
                     bind);
            return false;
        }
        for (long cpu = first; cpu <= last; cpu++) {
            int place = find_cpu(t, cpu);
            for (int i = 0; i < t->order_count && place >= 0; i++)
                if (t->order[i] == place) {
                    snprintf(err, size, "--bind %s names CPU %ld twice", bind, cpu);
                    return false;
                }
            if (place < 0) {
                snprintf(err, size, "--bind %s: this process may not use CPU %ld (it may use %d CPU%s)", bind, cpu,
                         t->places, t->places == 1 ? "" : "s");
                return false;
            }
            t->order[t->order_count++] = place;
        }
        at = end;
        if (!*at) return true;
    }
}

bool lw_topology_arrange(lw_topology *t, const char *bind, char *err, size_t size)
{
    t->order_count = t->places;
    for (int i = 0; i < t->places; i++)
        t->order[i] = i;
    if (!bind || strcmp(bind, "auto") == 0 || strcmp(bind, "none") == 0) return true;
    if (strcmp(bind, "threads") == 0) {
        order_compactly(t);
        return true;
    }
    if (strcmp(bind, "cores") != 0) return take_list(t, bind, err, size);
    while (t->order_count > 0 && t->place[t->order_count - 1].sibling > 0)
        t->order_count--;
    return true;
}

int lw_topology_cpu(const lw_topology *t, int i)
{
    return i >= 0 && i < t->order_count ? (int)t->place[t->order[i]].cpu : -1;
}

int lw_topology_cpus(const lw_topology *t)
{
    return t->order_count;
}

const char *lw_topology_core_kind(const lw_topology *t, int i, char *text, size_t size)
{
    snprintf(text, size, "unknown");
    if (lw_topology_cpu(t, i) >= 0) kind_of(t->hwloc, (unsigned)lw_topology_cpu(t, i), text, size);
    return text;
}

static hwloc_obj_t pu_of(const lw_topology *t, int i)
{
    int cpu = lw_topology_cpu(t, i);
    return cpu < 0 ? NULL : hwloc_get_pu_obj_by_os_index(t->hwloc, (unsigned)cpu);
}

int lw_topology_node(const lw_topology *t, int i)
{
    hwloc_obj_t pu = pu_of(t, i), node = NULL;
    while (pu && (node = hwloc_get_next_obj_by_type(t->hwloc, HWLOC_OBJ_NUMANODE, node)) != NULL)
        if (hwloc_bitmap_isset(node->nodeset, node->os_index) && hwloc_bitmap_isincluded(pu->cpuset, node->cpuset))
            return (int)node->os_index;
    return -1;
}

/* ---------------------------------------------------------------- caches of a team */

bool lw_topology_cache(const lw_topology *t, int level, int team, size_t *bytes, int *sharers)
{
    static const hwloc_obj_type_t types[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE};
    hwloc_obj_t seen = NULL;
    *bytes = 0;
    *sharers = 0;
    for (int i = 0; i < team; i++) {
        hwloc_obj_t pu = pu_of(t, i);
        hwloc_obj_t cache = pu ? hwloc_get_ancestor_obj_by_type(t->hwloc, types[level - 1], pu) : NULL;
        if (!cache || !cache->attr || cache->attr->cache.size == 0) return false;
        bool counted = false;
        for (int j = 0; j < i && !counted; j++)
            counted = hwloc_bitmap_isset(cache->cpuset, (unsigned)lw_topology_cpu(t, j));
        if (!counted) *bytes += cache->attr->cache.size;
        if (!seen) seen = cache;
        *sharers += hwloc_bitmap_isset(seen->cpuset, pu->os_index);
    }
    return team > 0;
}

bool lw_topology_shares_cores(const lw_topology *t, int team)
{
    for (int i = 0; i < team && i < t->order_count; i++)
        for (int j = 0; j < i; j++)
            if (t->place[t->order[i]].core == t->place[t->order[j]].core) return true;
    return false;
}

/* ---------------------------------------------------------------- binding */

bool lw_topology_bind(const lw_topology *t, int i)
{
    if (t->foreign || lw_topology_cpu(t, i) < 0) return false; /* hwloc would say yes and do nothing */
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (!set) return false;
    hwloc_bitmap_only(set, (unsigned)lw_topology_cpu(t, i));
    bool ok = hwloc_set_cpubind(t->hwloc, set, HWLOC_CPUBIND_THREAD) == 0;
    hwloc_bitmap_free(set);
    return ok;
}

int lw_topology_where(void)
{
    return sched_getcpu();
}

void *lw_topology_alloc_local(const lw_topology *t, int i, size_t bytes)
{
    hwloc_obj_t pu = t && !t->foreign ? pu_of(t, i) : NULL;
    if (!t) return NULL;
    /* Without HWLOC_MEMBIND_STRICT, and where the system knows no memory binding, this is plain memory. */
    if (!pu) return hwloc_alloc(t->hwloc, bytes);
    void *p = hwloc_alloc_membind(t->hwloc, bytes, pu->cpuset, HWLOC_MEMBIND_BIND, 0);
    return p ? p : hwloc_alloc(t->hwloc, bytes);
}

void lw_topology_free_local(const lw_topology *t, void *p, size_t bytes)
{
    if (t && p) hwloc_free(t->hwloc, p, bytes);
}
