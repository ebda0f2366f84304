/* SPDX-License-Identifier: BSD-3-Clause
 * bandwidth.c: runs the loops of harness/machine/bandwidth. */
#include "harness/machine/bandwidth.h"

#include "harness/machine/bandwidth/loops.h"
#include "harness/machine/peak.h"
#include "harness/timing/timing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Samples of a window; the best counts. */
enum { SAMPLES = 5, SAMPLES_OF_ONE_WINDOW = 10 };
#define SAMPLE_SECONDS 5e-4

typedef struct loops {
    void (*read)(const float *a, ptrdiff_t n, int64_t passes);
    void (*triad)(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes);
} loops;

static loops loops_of(lw_isa isa)
{
    switch (isa) {
    case LW_ISA_SCALAR:
        return (loops){lw_read_loop_scalar, lw_triad_loop_scalar};
#if defined(__x86_64__)
    case LW_ISA_AVX2:
        return (loops){lw_read_loop_avx2, lw_triad_loop_avx2};
    case LW_ISA_AVX512:
        return (loops){lw_read_loop_avx512, lw_triad_loop_avx512};
#endif
#if defined(__aarch64__)
    case LW_ISA_NEON:
        return (loops){lw_read_loop_neon, lw_triad_loop_neon};
#endif
    default:
        return (loops){NULL, NULL};
    }
}

struct lw_streams {
    const lw_workers *workers;
    size_t bytes;
    float **buffer; /* of each member */
    /* the measurement that runs */
    loops loops;
    lw_stream kind;
    ptrdiff_t n, from;
    int64_t passes;
};

static void touch(void *context, const lw_team *team)
{
    lw_streams *s = context;
    const lw_topology *t = s->workers->topology;
    float *p = t ? lw_topology_alloc_local(t, team->id, s->bytes) : lw_alloc(s->bytes);
    /* Writing makes the pages: before that all of them may be one page of zeros. */
    if (p) memset(p, 0, s->bytes);
    s->buffer[team->id] = p;
}

lw_streams *lw_streams_new(const lw_workers *w, size_t bytes)
{
    lw_streams *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    *s = (lw_streams){.workers = w, .bytes = bytes, .buffer = calloc((size_t)w->size, sizeof *s->buffer)};
    if (s->buffer) lw_workers_run(w, touch, s);
    for (int i = 0; i < w->size; i++)
        if (!s->buffer || !s->buffer[i]) {
            lw_streams_free(s);
            return NULL;
        }
    return s;
}

void lw_streams_free(lw_streams *s)
{
    if (!s) return;
    for (int i = 0; s->buffer && i < s->workers->size; i++) {
        if (s->workers->topology)
            lw_topology_free_local(s->workers->topology, s->buffer[i], s->bytes);
        else
            lw_free(s->buffer[i]);
    }
    free(s->buffer);
    free(s);
}

static void walk(void *context, const lw_team *team)
{
    const lw_streams *s = context;
    float *a = s->buffer[team->id] + s->from;
    if (s->kind == LW_STREAM_READ)
        s->loops.read(a, s->n, s->passes);
    else
        s->loops.triad(a, a + s->n, a + 2 * s->n, 0.5f, s->n, s->passes);
}

/* Floats of one stream. Triad's are an odd number of grains, so that the three never start at the same
 * offset in a page: the CPU would take a load for a store that stands 4096 bytes away. */
static ptrdiff_t stream_floats(const lw_streams *s, lw_stream kind, size_t bytes)
{
    if (bytes > s->bytes) bytes = s->bytes;
    ptrdiff_t grains = (ptrdiff_t)(bytes / sizeof(float) / LW_STREAM_GRAIN);
    if (kind == LW_STREAM_TRIAD) {
        grains /= 3;
        grains -= grains % 2 == 0;
    }
    return grains > 0 ? grains * LW_STREAM_GRAIN : 0;
}

/* How many passes make a sample. */
static void calibrate(lw_streams *s)
{
    s->passes = 1;
    double seconds = lw_time_calls(s->workers, walk, s, 1, true).wall;
    while (seconds < SAMPLE_SECONDS && s->passes < (int64_t)1 << 40) {
        s->passes *= seconds < SAMPLE_SECONDS / 16 ? 8 : 2;
        seconds = lw_time_calls(s->workers, walk, s, 1, false).wall;
    }
}

/* The first call makes the window warm. */
static double best_of_window(lw_streams *s, int samples)
{
    double best = INFINITY;
    for (int i = 0; i < samples; i++) best = fmin(best, lw_time_calls(s->workers, walk, s, 1, i == 0).wall);
    return best;
}

/* Over as many windows of `step` floats as there are. */
static double best_of_windows(lw_streams *s, ptrdiff_t step, ptrdiff_t end, int samples)
{
    double best = INFINITY;
    s->from = 0;
    for (int i = 0; i < LW_STREAM_WINDOWS && s->from + step <= end; i++, s->from += step)
        best = fmin(best, best_of_window(s, samples));
    return best;
}

double lw_bandwidth(lw_streams *s, lw_isa isa, lw_stream kind, size_t bytes)
{
    s->loops = loops_of(lw_peak_isa(isa));
    s->kind = kind;
    s->n = stream_floats(s, kind, bytes);
    s->from = 0;
    if (!s->loops.read || s->n == 0) return NAN;
    calibrate(s);
    const ptrdiff_t step = stream_floats(s, LW_STREAM_READ, bytes), end = (ptrdiff_t)(s->bytes / sizeof(float));
    const bool one = 2 * step > end;
    /* The first round counts for nothing: on fresh pages a cache was a fifth faster for two milliseconds. */
    if (!one) best_of_windows(s, step, end, SAMPLES);
    const double best = best_of_windows(s, step, end, one ? SAMPLES_OF_ONE_WINDOW : SAMPLES);
    double moved = (kind == LW_STREAM_READ ? 4.0 : 12.0) * (double)s->n * (double)s->passes;
    return moved * s->workers->size / best * 1e-9;
}
