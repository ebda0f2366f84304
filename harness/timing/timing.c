/* SPDX-License-Identifier: BSD-3-Clause
 * timing.c: clock, calibration of the loop count, interleaved rounds. */
#define _GNU_SOURCE
#include "harness/timing/timing.h"

#include "harness/timing/callers.h"
#include "harness/interrupt.h"

#include <time.h>

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
    double seconds;
} sample_job;

/* The members meet after each call: the next one may overwrite what a slower member still reads. */
static void run_sample(void *context, const lw_team *team)
{
    sample_job *job = context;
    if (job->warm) job->call(job->context, team);
    lw_team_sync(team);
    double start = lw_seconds();
    for (int64_t i = 0; i < job->loops; i++) {
        job->call(job->context, team);
        lw_team_sync(team);
    }
    if (team->id == 0) job->seconds = lw_seconds() - start;
}

double lw_time_calls(const lw_workers *w, lw_timed_fn *call, void *context, int64_t loops, bool warm)
{
    sample_job job = {call, context, loops, warm, 0};
    lw_workers_run(w, run_sample, &job);
    return job.seconds;
}

/* The first call meets cold caches and fresh pages; the loop count comes from the ones after it. */
static void calibrate(const lw_timing *t, const lw_workers *w, lw_contestant *c)
{
    double first = lw_callers_time(w, c->threads, c->call, c->context, 1, false);
    c->loops = 1;
    if (first >= 4 * t->sample_seconds) return;
    while (!lw_interrupted()) {
        double seconds = lw_callers_time(w, c->threads, c->call, c->context, c->loops, true);
        if (seconds >= t->sample_seconds) return;
        /* Aim a little past the target; grow at most tenfold on the word of one short reading. */
        double factor = seconds > 0 ? 1.2 * t->sample_seconds / seconds : 10;
        if (factor > 10) factor = 10;
        int64_t loops = (int64_t)((double)c->loops * factor);
        c->loops = loops > c->loops ? loops : c->loops + 1;
    }
}

/* Long calls would take minutes for the full number of samples: after three, a contestant that has used
 * three times its time is done. Baselines get a third of the time and half the samples. */
static bool finished(const lw_timing *t, const lw_contestant *c)
{
    if (t->repetitions > 0) return c->count >= t->repetitions;
    if (c->count >= LW_MAX_SAMPLES) return true;
    double wanted = c->baseline ? t->min_seconds / 3 : t->min_seconds;
    int samples = c->baseline ? (t->min_samples + 1) / 2 : t->min_samples;
    if (c->count >= samples && c->spent >= wanted) return true;
    return c->count >= 3 && c->spent >= 3 * wanted;
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
static int draw_order(const lw_timing *t, const lw_contestant *contestants, int count, int *order,
                      uint64_t *state)
{
    int left = 0;
    for (int i = 0; i < count; i++) {
        if (finished(t, &contestants[i])) continue;
        int j = (int)(next_random(state) % (uint64_t)(left + 1));
        order[left++] = order[j];
        order[j] = i;
    }
    return left;
}

bool lw_time_interleaved(const lw_timing *t, const lw_workers *w, lw_contestant *contestants, int count)
{
    enum { MAX_CONTESTANTS = 64 };
    int order[MAX_CONTESTANTS + 1] = {0}, left;
    uint64_t state = t->seed;
    if (count > MAX_CONTESTANTS) count = MAX_CONTESTANTS;
    for (int i = 0; i < count; i++)
        calibrate(t, w, &contestants[i]);
    while ((left = draw_order(t, contestants, count, order, &state)) > 0) {
        for (int i = 0; i < left; i++) {
            if (lw_interrupted()) return false;
            lw_contestant *c = &contestants[order[i]];
            double seconds = lw_callers_time(w, c->threads, c->call, c->context, c->loops, c->loops > 1);
            c->spent += seconds;
            c->samples[c->count++] = seconds / (double)c->loops;
        }
    }
    return !lw_interrupted();
}
