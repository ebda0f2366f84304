/* SPDX-License-Identifier: BSD-3-Clause
 * infer_measure.c: how long batches of each size take. */
#include "harness/infer/infer.h"

#include "harness/exit_codes.h"
#include "harness/options.h"

#include <math.h>

enum { CALLS = 10000, CALLS_LEAST = 20 };
#define CALLS_SECONDS 0.5

/* A batch size as a contestant: each sample takes the next images of the test set. */
typedef struct contest {
    const lw_infer *f;
    lw_inference_batch batch;
    uint8_t *pixels; /* of the batch, where the test set is too small for it; else NULL */
    double *seconds; /* of calls timed one by one */
    int calls;
} contest;

static void call(void *context, const lw_team *team)
{
    const contest *c = context;
    lw_inference_run(&c->f->network, &c->batch, team);
}

static void next_images(void *context, int sample)
{
    contest *c = context;
    const lw_images *test = &c->f->set.test;
    const ptrdiff_t places = test->count - c->batch.count + 1;
    if (!c->pixels) c->batch.pixels = test->pixels + (sample * c->batch.count % places) * test->h * test->w;
}

/* More images than there are come round again. */
static bool repeat_images(contest *c)
{
    const lw_images *test = &c->f->set.test;
    const ptrdiff_t size = (ptrdiff_t)test->h * test->w, all = test->count * size;
    if (c->batch.count <= test->count) return true;
    c->pixels = lw_alloc((size_t)(c->batch.count * size));
    for (ptrdiff_t i = 0; c->pixels && i < c->batch.count * size; i++) c->pixels[i] = test->pixels[i % all];
    c->batch.pixels = c->pixels;
    return c->pixels != NULL;
}

static bool contest_init(contest *c, const lw_infer *f, int batch)
{
    *c = (contest){.f = f, .batch = {.count = batch, .pixels = f->set.test.pixels}};
    c->batch.prob = lw_alloc((size_t)batch * (size_t)f->trained.classes * sizeof(float));
    c->seconds = lw_alloc(CALLS * sizeof *c->seconds);
    return c->batch.prob && c->seconds && repeat_images(c);
}

static void contest_free(contest *c)
{
    lw_free(c->batch.prob);
    lw_free(c->seconds);
    lw_free(c->pixels);
}

static void time_calls(void *context, const lw_team *team)
{
    contest *c = context;
    for (int i = 0; i < c->calls; i++) {
        const double start = lw_seconds();
        call(c, team);
        if (team->id == 0) c->seconds[i] = lw_seconds() - start;
        lw_team_sync(team);
    }
}

static void measure_latency(contest *c, lw_infer_row *row)
{
    const double calls = CALLS_SECONDS / row->time.median;
    c->calls = calls > CALLS ? CALLS : calls < CALLS_LEAST ? CALLS_LEAST : (int)calls;
    lw_workers_run(&c->f->workers, time_calls, c);
    lw_sort(c->seconds, (size_t)c->calls);
    row->calls = c->calls;
    row->p50 = lw_quantile(c->seconds, (size_t)c->calls, 0.5);
    row->p90 = lw_quantile(c->seconds, (size_t)c->calls, 0.9);
    row->p99 = lw_quantile(c->seconds, (size_t)c->calls, 0.99);
    row->worst = c->seconds[c->calls - 1];
}

static int measure(const lw_infer *f, contest *c, lw_contestant *contestants, lw_infer_row *rows)
{
    lw_capacity capacity;
    lw_moment meanwhile = {0};
    lw_timing timing = {.sample_seconds = 5e-3, .min_seconds = f->min_seconds, .min_samples = 15, .precision = 0.03,
                        .max_seconds = 3 * f->min_seconds, .seed = 1, .patience = 3};
    if (f->workers.size > 1) {
        lw_capacity_init(&capacity, &f->workers);
        timing.capacity = &capacity;
    }
    const int code = lw_time_pass(&timing, &f->workers, contestants, f->batch_count, 0, &meanwhile);
    const lw_disturbance others = lw_disturbance_in(&meanwhile);
    for (int i = 0; i < f->batch_count && code == LW_EXIT_OK; i++) {
        lw_infer_row *row = &rows[i];
        *row = (lw_infer_row){.batch = f->batch[i], .samples = contestants[i].samples, .others = others};
        row->time = lw_samples_summary(&row->samples);
        if (f->workers.size == 1) row->others.team = fmax(others.team, lw_samples_lost(&row->samples));
        row->stability = lw_stability_judge(&row->samples, timing.precision, &row->others);
        measure_latency(&c[i], row);
    }
    return code;
}

int lw_infer_measure(const lw_infer *f, lw_infer_row rows[LW_INFER_BATCHES])
{
    static lw_contestant contestants[LW_INFER_BATCHES]; /* their samples are too large for a stack */
    contest c[LW_INFER_BATCHES] = {{0}};
    bool ok = true;
    for (int i = 0; i < f->batch_count; i++) {
        ok = ok && contest_init(&c[i], f, f->batch[i]);
        contestants[i] = (lw_contestant){.name = "infer", .call = call, .context = &c[i], .begin = next_images};
    }
    const int code = ok ? measure(f, c, contestants, rows) : lw_fail(LW_EXIT_MEMORY, "infer", "out of memory for the batches");
    for (int i = 0; i < f->batch_count; i++) contest_free(&c[i]);
    return code;
}
