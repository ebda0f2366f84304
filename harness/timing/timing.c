/* SPDX-License-Identifier: BSD-3-Clause
 * timing.c: clock, calibration of the loop count, interleaved rounds. */
#define _GNU_SOURCE
#include "harness/timing/timing.h"

#include "harness/timing/callers.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/timing/gbench_shim.h"
#include "harness/timing/stability.h"

#include <math.h>
#include <time.h>

enum { MAX_CONTESTANTS = 64 };

double lw_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct sample_job {
    lw_timed_fn *call;
    void *context;
    int64_t loops;
    bool warm;
    lw_elapsed elapsed;
} sample_job;

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The members meet after each call: the next one may overwrite what a slower member still reads. */
static void run_sample(void *context, const lw_team *team)
{
    sample_job *job = context;
    if (job->warm) job->call(job->context, team);
    const double cpu = team->id == 0 ? cpu_seconds() : 0;
    lw_team_sync(team);
    double start = lw_seconds();
    for (int64_t i = 0; i < job->loops; i++) {
        job->call(job->context, team);
        lw_team_sync(team);
    }
    if (team->id != 0) return;
    job->elapsed.wall = lw_seconds() - start;
    job->elapsed.cpu = cpu_seconds() - cpu;
}

lw_elapsed lw_time_calls(const lw_workers *w, lw_timed_fn *call, void *context, int64_t loops, bool warm)
{
    sample_job job = {call, context, loops, warm, {0, 0}};
    lw_workers_run(w, run_sample, &job);
    return job.elapsed;
}

/* The first call meets cold caches and fresh pages; the loop count comes from the ones after it. */
static void calibrate(const lw_timing *t, const lw_workers *w, lw_contestant *c)
{
    int64_t *loops = &c->samples.loops;
    double first = lw_callers_time(w, c, 1, false).wall;
    *loops = 1;
    if (first >= 4 * t->sample_seconds) return;
    while (!lw_interrupted()) {
        double seconds = lw_callers_time(w, c, *loops, true).wall;
        if (seconds >= t->sample_seconds) return;
        /* Aim a little past the target; grow at most tenfold on the word of one short reading. */
        double factor = seconds > 0 ? 1.2 * t->sample_seconds / seconds : 10;
        if (factor > 10) factor = 10;
        const int64_t more = (int64_t)((double)*loops * factor);
        *loops = more > *loops ? more : *loops + 1;
    }
}

static bool precise(const lw_timing *t, const lw_contestant *c)
{
    if (!(t->precision > 0) || c->baseline) return true;
    const lw_summary s = lw_samples_summary(&c->samples);
    return lw_interval_width(&s) <= t->precision;
}

/* What a contestant has to have at the end of a pass. */
typedef struct share {
    const lw_timing *timing;
    int done, passes; /* with this pass */
} share;

static share share_of(const lw_timing *t, int pass)
{
    return (share){t, pass + 1, t->passes > 1 ? t->passes : 1};
}

static int part_of(const share *s, int samples)
{
    return (samples * s->done + s->passes - 1) / s->passes;
}

static bool repeated(const share *s, const lw_contestant *c)
{
    const int wanted = part_of(s, s->timing->repetitions);
    return c->samples.accepted >= wanted || c->samples.count >= 2 * wanted;
}

/* Long calls would take minutes for the full number of samples: after three, a contestant that has used
 * three times its time is done. Baselines get a third of the time and half the samples, however precise. */
static bool finished(const share *s, const lw_contestant *c)
{
    const lw_timing *t = s->timing;
    const int accepted = c->samples.accepted, count = c->samples.count;
    const bool last = s->done == s->passes;
    if (count >= LW_MAX_SAMPLES) return true;
    if (t->repetitions > 0) return repeated(s, c);
    const double wanted = (c->baseline ? t->min_seconds / 3 : t->min_seconds) * s->done / s->passes;
    const int samples = part_of(s, c->baseline ? (t->min_samples + 1) / 2 : t->min_samples);
    const double most = last && !c->baseline ? fmax(t->max_seconds, 3 * wanted) : 3 * wanted;
    if (count >= part_of(s, 3) && c->spent >= most) return true;
    return accepted >= samples && c->spent >= wanted && (!last || precise(t, c));
}

/* SplitMix64 (Steele, Lea & Flood, 2014): the order needs no more. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Fisher and Yates over the contestants that still need samples; returns how many those are. */
static int draw_order(const share *s, const lw_contestant *contestants, int count, int *order,
                      uint64_t *state)
{
    int left = 0;
    for (int i = 0; i < count; i++) {
        if (finished(s, &contestants[i])) continue;
        int j = s->timing->in_order ? left : (int)(next_random(state) % (uint64_t)(left + 1));
        order[left++] = order[j];
        order[j] = i;
    }
    return left;
}

typedef struct timed {
    const lw_workers *workers;
    const lw_contestant *contestant;
} timed;

static lw_elapsed time_contestant(void *context, int64_t loops)
{
    const timed *t = context;
    const lw_contestant *c = t->contestant;
    if (c->begin) c->begin(c->context, c->samples.count);
    return lw_callers_time(t->workers, c, loops, loops > 1 || c->begin);
}

/* Where in a page the stack stands is drawn once for a process, and a kernel whose tile on the stack shares that place
 * with its operands is slower for as long as the process lives. So each sample stands elsewhere: the places of 16 bytes
 * in a page take turns, in steps that reach every one of them. */
enum { STACK_STEP = 16, STACK_PLACES = 4096 / STACK_STEP, STACK_STRIDE = 79 };

static bool sample_on_stack(int place, const lw_contestant *c, timed *context, lw_elapsed *e)
{
    char *above = __builtin_alloca((size_t)(place * STACK_STRIDE % STACK_PLACES * STACK_STEP + 1));
    __asm__ volatile("" : : "r"(above) : "memory"); /* it is used, as far as the compiler knows */
    return lw_gbench_sample(c->name ? c->name : "sample", time_contestant, context, c->samples.loops, e);
}

/* A probe that young still tells of the moment before a sample. */
#define PROBE_AGE 2e-3

static bool take_sample(const lw_timing *t, const lw_workers *w, lw_contestant *c, int round, int pass)
{
    lw_samples *s = &c->samples;
    const double loops = (double)s->loops, before = t->capacity ? lw_capacity_recent(t->capacity, PROBE_AGE) : 0;
    timed context = {w, c};
    lw_elapsed e = {0, 0};
    if (!sample_on_stack(s->count, c, &context, &e)) return false;
    lw_sample sample = {e.wall / loops, e.cpu / loops, NAN, round, pass, true};
    if (t->capacity) {
        const double lower = fmin(before, lw_capacity_probe(t->capacity));
        sample.capacity = lower / t->capacity->best;
        sample.accepted = lw_capacity_enough(t->capacity, lower);
    }
    s->at[s->count++] = sample;
    s->accepted += sample.accepted;
    c->spent += e.wall;
    return true;
}

/* After a sample that was rejected: waits for the capacity while there is patience. */
static void wait_for_capacity(const lw_timing *t, const lw_contestant *c, double *patience)
{
    const lw_samples *s = &c->samples;
    if (s->at[s->count - 1].accepted || !(*patience > 0)) return;
    const double start = lw_seconds();
    lw_capacity_wait(t->capacity, *patience);
    *patience -= lw_seconds() - start;
}

/* Samples without capacity are better than too few for an interval: the row's verdict says what they are worth. */
static void accept_all_if_starved(lw_samples *s)
{
    if (s->accepted >= LW_SAMPLES_FOR_INTERVAL || s->accepted == s->count) return;
    for (int i = 0; i < s->count; i++) s->at[i].accepted = true;
    s->accepted = s->count;
}

static int first_round(const lw_contestant *contestants, int count)
{
    int round = 0;
    for (int i = 0; i < count; i++) {
        const lw_samples *s = &contestants[i].samples;
        if (s->count > 0 && s->at[s->count - 1].round >= round) round = s->at[s->count - 1].round + 1;
    }
    return round;
}

static int run_rounds(const lw_timing *t, const lw_workers *w, lw_contestant *contestants, int count, int pass)
{
    int order[MAX_CONTESTANTS + 1] = {0}, left;
    uint64_t state = t->seed + ((uint64_t)pass << 32);
    double patience = t->patience;
    const share s = share_of(t, pass);
    for (int round = first_round(contestants, count); (left = draw_order(&s, contestants, count, order, &state)) > 0;
         round++) {
        for (int i = 0; i < left; i++) {
            lw_contestant *c = &contestants[order[i]];
            if (lw_interrupted()) return LW_EXIT_INTERRUPTED;
            if (!take_sample(t, w, c, round, pass)) return LW_EXIT_MEMORY;
            wait_for_capacity(t, c, &patience);
        }
    }
    return LW_EXIT_OK;
}

int lw_time_pass(const lw_timing *t, const lw_workers *w, lw_contestant *contestants, int count, int pass,
                 lw_moment *meanwhile)
{
    if (count > MAX_CONTESTANTS) count = MAX_CONTESTANTS;
    for (int i = 0; i < count && pass == 0; i++)
        calibrate(t, w, &contestants[i]);
    const lw_moment before = lw_moment_now("", w);
    const int code = run_rounds(t, w, contestants, count, pass);
    const lw_moment after = lw_moment_now("", w);
    lw_moment_add(meanwhile, &before, &after);
    for (int i = 0; i < count && pass + 1 >= t->passes; i++) accept_all_if_starved(&contestants[i].samples);
    return code == LW_EXIT_OK && lw_interrupted() ? LW_EXIT_INTERRUPTED : code;
}
