/* SPDX-License-Identifier: BSD-3-Clause
 * compare_run.c: one problem: check, prepare, time interleaved, pair the samples. All that knows how a time is
 * measured is in here. */
#include "harness/compare.h"

#include "harness/exit_codes.h"
#include "harness/interrupt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    lw_case *operands;
    const lw_kernel *kernel;
    int row; /* in the results */
} entry;

typedef struct field {
    int count;
    entry entries[LW_MAX_VARIANTS];
    lw_contestant contestants[LW_MAX_VARIANTS];
} field;

static void call_kernel(void *context, const lw_team *team)
{
    const entry *e = context;
    lw_case_run(e->operands, e->kernel, team);
}

static void join(field *f, const lw_problem *p, lw_case *operands, const lw_kernel *k, int row)
{
    f->entries[f->count] = (entry){operands, k, row};
    f->contestants[f->count] =
        (lw_contestant){.call = call_kernel, .context = &f->entries[f->count], .threads = k->threads,
                        .alone = lw_row_alone(k, &p->args)};
    f->count++;
}

static void pair(const field *f, lw_compared *out)
{
    double own[LW_MAX_SAMPLES], other[LW_MAX_SAMPLES], scratch[LW_MAX_SAMPLES];
    const lw_contestant *base = &f->contestants[0];
    if (f->count == 0 || f->entries[0].row != 0) return; /* the base is wrong: nothing to compare with */
    for (int i = 1; i < f->count; i++) {
        const lw_contestant *c = &f->contestants[i];
        const size_t rounds = lw_samples_pairs(&base->samples, &c->samples, own, other);
        out[f->entries[i].row].ratio = lw_ratio_of_pairs(own, other, rounds, scratch);
    }
}

static int measure(const lw_problem *p, lw_case *operands, const lw_kernel *const *kernels, int count,
                   const lw_timing *timing, const lw_workers *workers, field *f, lw_compared *out)
{
    for (int i = 0; i < count; i++) {
        out[i] = (lw_compared){.kernel = kernels[i], .verdict = lw_case_check(operands, kernels[i])};
        out[i].time = lw_summarise(NULL, 0, NULL);
        out[i].ratio = (lw_ratio){0, NAN, NAN, NAN};
        if (lw_interrupted()) return LW_EXIT_INTERRUPTED;
        if (out[i].verdict.pass) join(f, p, operands, kernels[i], i);
    }
    if (f->count == 0) return LW_EXIT_OK;
    for (int i = 0; i < f->count; i++) /* after all checks, which set the workspace that they share */
        if (!lw_case_prepare(operands, f->entries[i].kernel, workers->size)) return LW_EXIT_MEMORY;
    lw_moment meanwhile = {0};
    const int code = lw_time_pass(timing, workers, f->contestants, f->count, 0, &meanwhile);
    if (code != LW_EXIT_OK) return code;
    pair(f, out);
    for (int i = 0; i < f->count; i++) {
        const lw_contestant *c = &f->contestants[i];
        lw_compared *row = &out[f->entries[i].row];
        row->time = lw_samples_summary(&c->samples);
        row->loops = c->samples.loops;
    }
    return LW_EXIT_OK;
}

int lw_compare_problem(const lw_problem *p, const lw_kernel *const *kernels, int count, const lw_timing *timing,
                       const lw_workers *workers, lw_compared *out)
{
    field *f = calloc(1, sizeof *f);
    lw_case *operands = f ? lw_case_new(p, lw_setting_plain, timing->seed) : NULL;
    const int code =
        operands ? measure(p, operands, kernels, count, timing, workers, f, out) : LW_EXIT_MEMORY;
    lw_case_free(operands);
    free(f);
    return code;
}

int lw_compare_best_peer(const lw_compared *rows, int count)
{
    int best = -1;
    for (int i = 0; i < count; i++)
        if (rows[i].kernel->library && rows[i].time.count > 0 &&
            (best < 0 || rows[i].time.median < rows[best].time.median))
            best = i;
    return best;
}

void lw_tallies_add(lw_tallies *t, lw_op op, const char *against, const lw_ratio *ratio)
{
    int i = 0;
    if (!isfinite(ratio->median)) return;
    while (i < t->count && (t->tally[i].op != op || strcmp(t->tally[i].against, against) != 0)) i++;
    if (i == LW_MAX_TALLIES) return;
    lw_tally *tally = &t->tally[i];
    if (i == t->count) {
        *tally = (lw_tally){.op = op};
        strncat(tally->against, against, sizeof tally->against - 1);
        t->count++;
    }
    tally->rows++;
    tally->log_sum += log(ratio->median);
    const lw_ratio_verdict v = lw_ratio_judge(ratio);
    tally->faster += v == LW_RATIO_FASTER;
    tally->slower += v == LW_RATIO_SLOWER;
    tally->same += v == LW_RATIO_NOT_DISTINGUISHABLE;
    tally->unknown += v == LW_RATIO_UNKNOWN;
}
