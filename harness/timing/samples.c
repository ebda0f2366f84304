/* SPDX-License-Identifier: BSD-3-Clause
 * samples.c: views of a log of samples. */
#include "harness/timing/samples.h"

#include <math.h>
#include <string.h>

size_t lw_samples_accepted(const lw_samples *s, double out[LW_MAX_SAMPLES])
{
    size_t count = 0;
    for (int i = 0; i < s->count; i++)
        if (s->at[i].accepted) out[count++] = s->at[i].seconds;
    return count;
}

/* Widens the interval to the median of samples that belong together. fmin and fmax drop a NaN, and no interval stays
 * none. */
static void span(lw_summary *all, const double *seconds, size_t count)
{
    double block[LW_MAX_SAMPLES], scratch[LW_MAX_SAMPLES];
    if (!isfinite(all->ci_low)) return;
    memcpy(block, seconds, count * sizeof *block);
    const double median = lw_summarise(block, count, scratch).median;
    all->ci_low = fmin(all->ci_low, median);
    all->ci_high = fmax(all->ci_high, median);
}

static void span_blocks(lw_summary *all, const double *seconds, size_t count)
{
    for (size_t b = 0; b < LW_BLOCKS; b++) {
        const size_t from = b * count / LW_BLOCKS, to = (b + 1) * count / LW_BLOCKS;
        span(all, seconds + from, to - from);
    }
}

/* Passes ascend. */
static void span_passes(lw_summary *all, const lw_samples *s)
{
    double seconds[LW_MAX_SAMPLES];
    size_t count = 0;
    for (int i = 0; i < s->count; i++) {
        if (s->at[i].accepted) seconds[count++] = s->at[i].seconds;
        if (i + 1 < s->count && s->at[i + 1].pass == s->at[i].pass) continue;
        span(all, seconds, count);
        count = 0;
    }
}

lw_summary lw_samples_summary(const lw_samples *s)
{
    double seconds[LW_MAX_SAMPLES], ascending[LW_MAX_SAMPLES], scratch[LW_MAX_SAMPLES];
    const size_t count = lw_samples_accepted(s, seconds);
    memcpy(ascending, seconds, count * sizeof *ascending);
    lw_summary all = lw_summarise(ascending, count, scratch);
    if (count >= 2 * LW_BLOCKS) span_blocks(&all, seconds, count);
    span_passes(&all, s);
    return all;
}

/* Rounds ascend in both logs. */
size_t lw_samples_pairs(const lw_samples *a, const lw_samples *b, double *out_a, double *out_b)
{
    size_t count = 0;
    for (int i = 0, j = 0; i < a->count && j < b->count;) {
        const lw_sample *x = &a->at[i], *y = &b->at[j];
        if (x->round == y->round && x->accepted && y->accepted) {
            out_a[count] = x->seconds;
            out_b[count++] = y->seconds;
        }
        i += x->round <= y->round;
        j += y->round <= x->round;
    }
    return count;
}
