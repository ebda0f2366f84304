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

typedef struct field {
    int count;
    lw_rotation rotation;
    entry entries[LW_MAX_VARIANTS + 2];
    lw_contestant contestants[LW_MAX_VARIANTS + 2];
} field;

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

/* Joins `k` to the field if it is not in it yet; returns its place, or -1: no memory. */
static int join(field *f, const lw_problem *p, const lw_kernel *k, int threads, bool baseline)
{
    for (int i = 0; i < f->count; i++)
        if (f->entries[i].kernel == k) return i;
    entry *e = &f->entries[f->count];
    *e = (entry){&f->rotation, k, aligned_alloc(sizeof(turn), (size_t)threads * sizeof(turn)), 0, ""};
    if (!e->turns) return -1;
    for (int i = 0; i < threads; i++) e->turns[i].next = 0;
    lw_gbench_name(p, k, threads, lw_cache_name(f->rotation.cache), e->name, sizeof e->name);
    f->contestants[f->count] = (lw_contestant){
        .name = e->name, .call = call_kernel, .context = e, .baseline = baseline, .threads = k->threads};
    /* Baselines stay with the first set: their calls are long, and one more before each sample is dear. */
    if (f->rotation.per_call == 1 && f->rotation.count > 1 && !baseline) f->contestants[f->count].begin = take_next_set;
    return f->count++;
}

static double median_at(const lw_summary *times, int place)
{
    return place >= 0 && times[place].count > 0 ? times[place].median : NAN;
}

/* A thread on its own never waits for another: what it did not run, others took. */
static lw_disturbance disturbance_of(const lw_disturbance *others, const lw_samples *s, const lw_workers *w,
                                     const lw_kernel *k)
{
    lw_disturbance d = *others;
    if (w->size == 1 && k->threads == LW_THREADS_TEAM) d.team = fmax(d.team, lw_samples_lost(s));
    return d;
}

static void sum_up(const field *f, const lw_summary *times, int place, const lw_disturbance *others,
                   const lw_timing *timing, const lw_workers *workers, lw_measurement *out)
{
    out->time = times[place];
    out->samples = f->contestants[place].samples;
    out->others = disturbance_of(others, &out->samples, workers, out->kernel);
    out->stability = lw_stability_judge(&out->samples, timing->precision, &out->others);
    out->speedup_scalar = out->scalar_seconds / out->time.median;
    out->speedup_autovec = out->autovec_seconds / out->time.median;
}

static lw_measurement checked(const field *f, lw_case *operands, const lw_kernel *k)
{
    lw_measurement m = {.kernel = k, .verdict = lw_case_check(operands, k), .others = {NAN, NAN, NAN}};
    m.time = lw_summarise(NULL, 0, NULL);
    m.speedup_scalar = m.speedup_autovec = m.scalar_seconds = m.autovec_seconds = NAN;
    m.cache = f->rotation.cache;
    m.buffers = f->rotation.per_call;
    m.footprint = f->rotation.footprint;
    m.capped = f->rotation.capped;
    return m;
}

static int measure_case(const lw_problem *p, lw_case *operands, const lw_kernel *const *kernels, int count,
                        const lw_kernel *scalar, const lw_kernel *autovec, const lw_timing *timing,
                        const lw_workers *workers, field *f, lw_measurement *out)
{
    int place[LW_MAX_VARIANTS], scalar_place = -1, autovec_place = -1, right = 0;
    for (int i = 0; i < count; i++) {
        out[i] = checked(f, operands, kernels[i]);
        place[i] = out[i].verdict.pass ? join(f, p, kernels[i], workers->size, false) : -1;
        if (out[i].verdict.pass && place[i] < 0) return LW_EXIT_MEMORY;
        right += out[i].verdict.pass;
        if (lw_interrupted()) return LW_EXIT_INTERRUPTED;
    }
    if (right == 0) return LW_EXIT_OK; /* failed or declined, all of them */
    if (scalar && (scalar_place = join(f, p, scalar, workers->size, true)) < 0) return LW_EXIT_MEMORY;
    if (autovec && (autovec_place = join(f, p, autovec, workers->size, true)) < 0) return LW_EXIT_MEMORY;
    for (int i = 0; i < f->count; i++)
        if (!lw_rotation_prepare(&f->rotation, f->entries[i].kernel, workers->size)) return LW_EXIT_MEMORY;
    lw_disturbance others;
    const int code = lw_time_interleaved(timing, workers, f->contestants, f->count, &others);
    if (code != LW_EXIT_OK) return code;

    lw_summary times[LW_MAX_VARIANTS + 2];
    for (int i = 0; i < f->count; i++) times[i] = lw_samples_summary(&f->contestants[i].samples);
    for (int i = 0; i < count; i++) {
        if (place[i] < 0) continue;
        out[i].scalar_seconds = median_at(times, scalar_place);
        out[i].autovec_seconds = median_at(times, autovec_place);
        sum_up(f, times, place[i], &others, timing, workers, &out[i]);
    }
    return LW_EXIT_OK;
}

int lw_measure(const lw_problem *p, const lw_kernel *const *kernels, int count, const lw_kernel *scalar,
               const lw_kernel *autovec, const lw_timing *timing, const lw_workers *workers,
               lw_measurement *out)
{
    int code = LW_EXIT_MEMORY;
    field *f = calloc(1, sizeof *f);
    lw_case *operands = f ? lw_case_new(p, lw_setting_plain, timing->seed) : NULL;
    if (operands && lw_rotation_init(&f->rotation, operands, timing->cache, timing->cold_bytes, timing->most_bytes,
                                     timing->seed))
        code = measure_case(p, operands, kernels, count, scalar, autovec, timing, workers, f, out);
    for (int i = 0; f && i < f->count; i++) free(f->entries[i].turns);
    if (f) lw_rotation_free(&f->rotation);
    lw_case_free(operands);
    free(f);
    return code;
}
