/* SPDX-License-Identifier: BSD-3-Clause
 * stability.c: the rules behind `stable`, `unstable` and `unknown`. */
#include "harness/timing/stability.h"

#include <math.h>
#include <stdio.h>

const char *lw_stability_name(lw_stability s)
{
    static const char *const names[] = {"unknown", "stable", "unstable"};
    return names[s];
}

double lw_interval_width(const lw_summary *s)
{
    return (s->ci_high - s->ci_low) / s->median;
}

/* The change from the first half of the samples to the second; 0 where their intervals meet. */
static double drift(const double *seconds, size_t count)
{
    double half[LW_MAX_SAMPLES], scratch[LW_MAX_SAMPLES];
    const size_t middle = count / 2;
    for (size_t i = 0; i < middle; i++) half[i] = seconds[i];
    const lw_summary first = lw_summarise(half, middle, scratch);
    for (size_t i = middle; i < count; i++) half[i - middle] = seconds[i];
    const lw_summary second = lw_summarise(half, count - middle, scratch);
    if (!(first.ci_high < second.ci_low) && !(second.ci_high < first.ci_low)) return 0;
    return second.median / first.median - 1;
}

lw_stability_verdict lw_stability_judge(const lw_samples *s, double precision)
{
    lw_stability_verdict v = {LW_STABLE, ""};
    double seconds[LW_MAX_SAMPLES];
    const size_t count = lw_samples_accepted(s, seconds);
    const lw_summary all = lw_samples_summary(s);
    const double width = lw_interval_width(&all), change = drift(seconds, count);
    if (!isfinite(width)) {
        v.stability = LW_STABILITY_UNKNOWN;
        snprintf(v.why, sizeof v.why, "%zu sample%s", count, count == 1 ? "" : "s");
    } else if (width > precision) {
        v.stability = LW_UNSTABLE;
        snprintf(v.why, sizeof v.why, "interval %.1f %% wide, %.3g %% wanted", 100 * width, 100 * precision);
    } else if (fabs(change) > precision / 2) {
        v.stability = LW_UNSTABLE;
        snprintf(v.why, sizeof v.why, "second half of the samples %+.1f %%", 100 * change);
    }
    return v;
}
