/* SPDX-License-Identifier: BSD-3-Clause
 * measure.c: check first, then time all contestants of a problem interleaved, on the same operands. */
#include "harness/timing/measure.h"

#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/timing/gbench_name.h"

#include <math.h>
#include <stdlib.h>

/* Which set a member takes next; each counts for itself, on a cache line of its own. */
typedef union turn {
    int next;
    char line[64];
} turn;

typedef struct entry {
    const lw_rotation *rotation;
    const lw_kernel *kernel;
    turn *turns;
    int set; /* of this sample, where samples go round the sets */
    char name[LW_GBENCH_NAME];
} entry;

/* A kernel that was asked for. */
typedef struct asked {
    const lw_kernel *kernel;
    lw_verdict verdict;
    int place; /* among the contestants; -1: it failed its check */
} asked;

struct lw_measuring {
    lw_problem problem;
    const lw_timing *timing;
    const lw_workers *workers;
    const lw_kernel *scalar, *autovec;
    int passes; /* done */
    lw_moment meanwhile;
    int asked_count;
    asked asked[LW_MAX_VARIANTS];
    int scalar_place, autovec_place;
    lw_rotation rotation; /* of the pass under way; its sets are gone between passes */
    int count;
    entry entries[LW_MAX_VARIANTS + 2];
    lw_contestant contestants[LW_MAX_VARIANTS + 2];
};

/* All members make all calls, so they agree on the set without asking each other. */
static void call_kernel(void *context, const lw_team *team)
{
    const entry *e = context;
    const lw_rotation *r = e->rotation;
    turn *t = &e->turns[team->id];
    lw_case_run(r->sets[e->set + t->next], e->kernel, team);
    t->next = t->next + 1 < r->per_call ? t->next + 1 : 0;
}

static void take_next_set(void *context, int sample)
{
    entry *e = context;
    e->set = sample % e->rotation->count;
}

/* Joins `k` to the contestants if it is not one yet; returns its place, or -1: no memory. */
static int join(lw_measuring *m, const lw_kernel *k, bool baseline)
{
    const int threads = m->workers->size;
    const lw_rotation *r = &m->rotation;
    for (int i = 0; i < m->count; i++)
        if (m->entries[i].kernel == k) return i;
    entry *e = &m->entries[m->count];
    *e = (entry){r, k, aligned_alloc(sizeof(turn), (size_t)threads * sizeof(turn)), 0, ""};
    if (!e->turns) return -1;
    lw_gbench_name(&m->problem, k, threads, lw_cache_name(r->cache), e->name, sizeof e->name);
    m->contestants[m->count] = (lw_contestant){
        .name = e->name, .call = call_kernel, .context = e, .baseline = baseline, .threads = k->threads,
        .alone = lw_row_alone(k, &m->problem.args)};
    /* Baselines stay with the first set: their calls are long, and one more before each sample is dear. */
    if (r->per_call == 1 && !baseline) m->contestants[m->count].begin = take_next_set;
    return m->count++;
}

static int join_baseline(lw_measuring *m, const lw_kernel *k, int *place)
{
    if (k && (*place = join(m, k, true)) < 0) return LW_EXIT_MEMORY;
    return LW_EXIT_OK;
}

/* Who takes part: those that pass, and the baselines if there are any. */
static int check_all(lw_measuring *m, lw_case *operands)
{
    for (int i = 0; i < m->asked_count; i++) {
        asked *a = &m->asked[i];
        a->verdict = lw_case_check(operands, a->kernel);
        if (a->verdict.pass && (a->place = join(m, a->kernel, false)) < 0) return LW_EXIT_MEMORY;
        if (lw_interrupted()) return LW_EXIT_INTERRUPTED;
    }
    if (m->count == 0) return LW_EXIT_OK; /* failed or declined, all of them */
    const int code = join_baseline(m, m->scalar, &m->scalar_place);
    return code == LW_EXIT_OK ? join_baseline(m, m->autovec, &m->autovec_place) : code;
}

static int pass_on(lw_measuring *m, lw_case *operands)
{
    int code = m->passes == 0 ? check_all(m, operands) : LW_EXIT_OK;
    if (code != LW_EXIT_OK || m->count == 0) return code;
    for (int i = 0; i < m->count; i++) {
        m->entries[i].set = 0;
        for (int t = 0; t < m->workers->size; t++) m->entries[i].turns[t].next = 0;
        if (!lw_rotation_prepare(&m->rotation, m->entries[i].kernel, m->workers->size)) return LW_EXIT_MEMORY;
    }
    return lw_time_pass(m->timing, m->workers, m->contestants, m->count, m->passes, &m->meanwhile);
}

int lw_measuring_pass(lw_measuring *m)
{
    const lw_timing *t = m->timing;
    int code = LW_EXIT_MEMORY;
    lw_case *operands = lw_case_new(&m->problem, lw_setting_plain, t->seed);
    if (operands && lw_rotation_init(&m->rotation, operands, t->cache, t->cold_bytes, t->most_bytes, t->seed))
        code = pass_on(m, operands);
    lw_rotation_free(&m->rotation);
    lw_case_free(operands);
    m->passes += code == LW_EXIT_OK;
    return code;
}

int lw_measuring_passes(const lw_measuring *m)
{
    return m->passes;
}

/* ---------------------------------------------------------------- results */

static double median_at(const lw_summary *times, int place)
{
    return place >= 0 && times[place].count > 0 ? times[place].median : NAN;
}

/* A thread on its own never waits for another: what it did not run, others took. */
static lw_disturbance disturbance_of(const lw_measuring *m, const lw_samples *s, const lw_kernel *k)
{
    lw_disturbance d = lw_disturbance_in(&m->meanwhile);
    if (m->workers->size == 1 && k->threads == LW_THREADS_TEAM) d.team = fmax(d.team, lw_samples_lost(s));
    return d;
}

/* Without times; what a kernel that failed its check has. */
static lw_measurement checked(const lw_measuring *m, const asked *a)
{
    const lw_rotation *r = &m->rotation;
    lw_measurement out = {.kernel = a->kernel,
                          .verdict = a->verdict,
                          .passes = m->passes,
                          .cache = r->cache,
                          .buffers = r->per_call,
                          .footprint = r->footprint,
                          .capped = r->capped,
                          .others = {NAN, NAN, NAN}};
    out.time = lw_summarise(NULL, 0, NULL);
    out.speedup_scalar = out.speedup_autovec = out.scalar_seconds = out.autovec_seconds = NAN;
    return out;
}

int lw_measuring_sum_up(const lw_measuring *m, lw_measurement out[LW_MAX_VARIANTS])
{
    lw_summary times[LW_MAX_VARIANTS + 2];
    for (int i = 0; i < m->count; i++) times[i] = lw_samples_summary(&m->contestants[i].samples);
    for (int i = 0; i < m->asked_count; i++) {
        const asked *a = &m->asked[i];
        lw_measurement *o = &out[i];
        *o = checked(m, a);
        if (a->place < 0) continue;
        o->scalar_seconds = median_at(times, m->scalar_place);
        o->autovec_seconds = median_at(times, m->autovec_place);
        o->time = times[a->place];
        o->samples = m->contestants[a->place].samples;
        o->others = disturbance_of(m, &o->samples, o->kernel);
        o->stability = lw_stability_judge(&o->samples, m->timing->precision, &o->others);
        o->speedup_scalar = o->scalar_seconds / o->time.median;
        o->speedup_autovec = o->autovec_seconds / o->time.median;
    }
    return m->asked_count;
}

lw_measuring *lw_measuring_new(const lw_problem *p, const lw_kernel *const *kernels, int count, const lw_kernel *scalar,
                               const lw_kernel *autovec, const lw_timing *timing, const lw_workers *workers)
{
    lw_measuring *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->problem = *p;
    m->timing = timing;
    m->workers = workers;
    m->scalar = scalar;
    m->autovec = autovec;
    m->scalar_place = m->autovec_place = -1;
    for (; m->asked_count < count; m->asked_count++) m->asked[m->asked_count] = (asked){.kernel = kernels[m->asked_count], .place = -1};
    return m;
}

void lw_measuring_free(lw_measuring *m)
{
    for (int i = 0; m && i < m->count; i++) free(m->entries[i].turns);
    free(m);
}
