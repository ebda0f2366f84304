/* SPDX-License-Identifier: BSD-3-Clause
 * measure.c: check first, then time all contestants of a problem interleaved, on the same operands. */
#include "harness/timing/measure.h"

#include "harness/exit_codes.h"
#include "harness/timing/gbench_name.h"
#include "harness/interrupt.h"

#include <math.h>
#include <stdlib.h>

typedef struct entry {
    lw_case *operands;
    const lw_kernel *kernel;
    char name[LW_GBENCH_NAME];
} entry;

typedef struct field {
    int count;
    entry entries[LW_MAX_VARIANTS + 2];
    lw_contestant contestants[LW_MAX_VARIANTS + 2];
} field;

static void call_kernel(void *context, const lw_team *team)
{
    const entry *e = context;
    lw_case_run(e->operands, e->kernel, team);
}

/* Joins `k` to the field if it is not in it yet; returns its place. */
static int join(field *f, const lw_problem *p, lw_case *operands, const lw_kernel *k, int threads, bool baseline)
{
    for (int i = 0; i < f->count; i++)
        if (f->entries[i].kernel == k) return i;
    entry *e = &f->entries[f->count];
    *e = (entry){operands, k, ""};
    lw_gbench_name(p, k, threads, "hot", e->name, sizeof e->name);
    f->contestants[f->count] = (lw_contestant){
        .name = e->name, .call = call_kernel, .context = e, .baseline = baseline, .threads = k->threads};
    return f->count++;
}

static double median_at(const lw_summary *times, int place)
{
    return place >= 0 && times[place].count > 0 ? times[place].median : NAN;
}

static int measure_case(const lw_problem *p, lw_case *operands, const lw_kernel *const *kernels, int count,
                        const lw_kernel *scalar, const lw_kernel *autovec, const lw_timing *timing,
                        const lw_workers *workers, field *f, lw_measurement *out)
{
    int place[LW_MAX_VARIANTS], scalar_place = -1, autovec_place = -1, right = 0;
    for (int i = 0; i < count; i++) {
        out[i] = (lw_measurement){.kernel = kernels[i], .verdict = lw_case_check(operands, kernels[i])};
        out[i].time = lw_summarise(NULL, 0, NULL);
        out[i].speedup_scalar = out[i].speedup_autovec = out[i].scalar_seconds = out[i].autovec_seconds = NAN;
        place[i] = out[i].verdict.pass ? join(f, p, operands, kernels[i], workers->size, false) : -1;
        right += out[i].verdict.pass;
        if (lw_interrupted()) return LW_EXIT_INTERRUPTED;
    }
    if (right == 0) return LW_EXIT_OK; /* failed or declined, all of them */
    if (scalar) scalar_place = join(f, p, operands, scalar, workers->size, true);
    if (autovec) autovec_place = join(f, p, operands, autovec, workers->size, true);
    for (int i = 0; i < f->count; i++)
        if (!lw_case_prepare(operands, f->entries[i].kernel, workers->size)) return LW_EXIT_MEMORY;
    const int code = lw_time_interleaved(timing, workers, f->contestants, f->count);
    if (code != LW_EXIT_OK) return code;

    lw_summary times[LW_MAX_VARIANTS + 2];
    for (int i = 0; i < f->count; i++)
        times[i] = lw_samples_summary(&f->contestants[i].samples);
    for (int i = 0; i < count; i++) {
        if (place[i] < 0) continue;
        out[i].time = times[place[i]];
        out[i].samples = f->contestants[place[i]].samples;
        out[i].stability = lw_stability_judge(&out[i].samples, timing->precision);
        out[i].scalar_seconds = median_at(times, scalar_place);
        out[i].autovec_seconds = median_at(times, autovec_place);
        out[i].speedup_scalar = out[i].scalar_seconds / out[i].time.median;
        out[i].speedup_autovec = out[i].autovec_seconds / out[i].time.median;
    }
    return LW_EXIT_OK;
}

int lw_measure(const lw_problem *p, const lw_kernel *const *kernels, int count, const lw_kernel *scalar,
               const lw_kernel *autovec, const lw_timing *timing, const lw_workers *workers,
               lw_measurement *out)
{
    field *f = calloc(1, sizeof *f);
    lw_case *operands = f ? lw_case_new(p, lw_setting_plain, timing->seed) : NULL;
    int code = operands ? measure_case(p, operands, kernels, count, scalar, autovec, timing, workers, f, out)
                        : LW_EXIT_MEMORY;
    lw_case_free(operands);
    free(f);
    return code;
}
