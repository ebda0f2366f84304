/* SPDX-License-Identifier: BSD-3-Clause
 * callers.c: the thread that calls libraries with threads of their own, and the wait for quiet. */
#define _GNU_SOURCE
#include "harness/timing/callers.h"

#include <pthread.h>
#include <time.h>

typedef struct order {
    lw_timed_fn *call;
    void *context;
    int64_t loops;
    bool warm;
    lw_elapsed elapsed;
} order;

/* One order at a time: the thread that gives it waits for it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static order *pending;
static bool started;

static const lw_workers one = {.size = 1};

static void *take_orders(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!pending) pthread_cond_wait(&changed, &lock);
        order *o = pending;
        pthread_mutex_unlock(&lock);
        o->elapsed = lw_time_calls(&one, o->call, o->context, o->loops, o->warm);
        pthread_mutex_lock(&lock);
        pending = NULL;
        pthread_cond_broadcast(&changed);
    }
    return NULL;
}

bool lw_callers_start(void)
{
    pthread_t thread;
    if (!started && pthread_create(&thread, NULL, take_orders, NULL) == 0) {
        pthread_detach(thread);
        started = true;
    }
    return started;
}

static lw_elapsed give_order(order *o)
{
    pthread_mutex_lock(&lock);
    pending = o;
    pthread_cond_broadcast(&changed);
    while (pending) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return o->elapsed;
}

/* ---------------------------------------------------------------- quiet */

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void lw_callers_settle(void)
{
    const struct timespec pause = {0, 1000000};
    for (int i = 0; i < 200; i++) {
        const double cpu = cpu_seconds(), wall = lw_seconds();
        nanosleep(&pause, NULL);
        if (cpu_seconds() - cpu < 0.1 * (lw_seconds() - wall)) return;
    }
}

lw_elapsed lw_callers_time(const lw_workers *w, const lw_contestant *c, int64_t loops, bool warm)
{
    static lw_threads last = LW_THREADS_TEAM;
    /* With one thread there are no idle ones, and the caller may as well be the bound member of our team. */
    if (w->size == 1) return lw_time_calls(w, c->call, c->context, loops, warm);
    /* OpenMP's idle threads are those that our team and such a library both use; others stand in the way. */
    if ((c->threads == LW_THREADS_OWN) != (last == LW_THREADS_OWN) || c->threads == LW_THREADS_OWN) lw_callers_settle();
    last = c->threads;
    if (c->threads == LW_THREADS_TEAM) return lw_time_calls(c->alone ? &one : w, c->call, c->context, loops, warm);
    if (c->threads == LW_THREADS_OPENMP || !started) return lw_time_calls(&one, c->call, c->context, loops, warm);
    return give_order(&(order){c->call, c->context, loops, warm, {0, 0}});
}
