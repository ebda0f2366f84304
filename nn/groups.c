/* SPDX-License-Identifier: BSD-3-Clause
 * groups.c: the meetings of groups. A team's own barrier is for all of its members, so each group counts its own. */
#include "nn/groups.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Alone on its cache line, as others meet meanwhile. */
typedef struct meeting {
    _Alignas(64) atomic_int arrived;
    atomic_uint number; /* of meetings that are over */
} meeting;

struct lw_groups {
    meeting *meeting;
};

/* A kernel's team knows no context: where the calling thread meets. */
static _Thread_local struct {
    meeting *at;
    int size;
} here;

/* A group waits for microseconds where each member has a CPU; where it has not, the others need this one. */
enum { PATIENCE = 2000 };

/* Leaves the core to its other thread for a moment. */
static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void meet(void)
{
    meeting *m = here.at;
    const unsigned number = atomic_load_explicit(&m->number, memory_order_acquire);
    if (atomic_fetch_add_explicit(&m->arrived, 1, memory_order_acq_rel) + 1 == here.size) {
        atomic_store_explicit(&m->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&m->number, number + 1, memory_order_release);
        return;
    }
    for (int looked = 0; atomic_load_explicit(&m->number, memory_order_acquire) == number; looked++)
        if (looked < PATIENCE)
            relax();
        else
            sched_yield();
}

lw_groups *lw_groups_new(int most)
{
    lw_groups *g = malloc(sizeof *g);
    if (!g) return NULL;
    g->meeting = lw_alloc((size_t)most * sizeof *g->meeting);
    if (!g->meeting) {
        free(g);
        return NULL;
    }
    for (int i = 0; i < most; i++) {
        atomic_init(&g->meeting[i].arrived, 0);
        atomic_init(&g->meeting[i].number, 0);
    }
    return g;
}

void lw_groups_free(lw_groups *g)
{
    if (g) lw_free(g->meeting);
    free(g);
}

lw_team lw_groups_enter(lw_groups *g, int count, const lw_team *team, int *group)
{
    if (count <= 1) {
        *group = 0;
        return *team;
    }
    /* Group i begins at member i * size / count, rounded down. */
    const int64_t size = team->size, i = ((team->id + 1) * (int64_t)count - 1) / size;
    const int first = (int)(i * size / count), end = (int)((i + 1) * size / count);
    *group = (int)i;
    here.at = &g->meeting[i];
    here.size = end - first;
    return (lw_team){team->id - first, here.size, meet};
}
