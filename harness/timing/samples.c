/* SPDX-License-Identifier: BSD-3-Clause
 * samples.c: views of a log of samples. */
#include "harness/timing/samples.h"

size_t lw_samples_accepted(const lw_samples *s, double out[LW_MAX_SAMPLES])
{
    size_t count = 0;
    for (int i = 0; i < s->count; i++)
        if (s->at[i].accepted) out[count++] = s->at[i].seconds;
    return count;
}

lw_summary lw_samples_summary(const lw_samples *s)
{
    double ascending[LW_MAX_SAMPLES], scratch[LW_MAX_SAMPLES];
    return lw_summarise(ascending, lw_samples_accepted(s, ascending), scratch);
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
