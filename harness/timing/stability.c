/* SPDX-License-Identifier: BSD-3-Clause
 * stability.c: the rules behind `stable`, `unstable` and `unknown`. */
#include "harness/timing/stability.h"

#include <math.h>
#include <stdarg.h>
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

double lw_samples_lost(const lw_samples *s)
{
    double wall = 0, cpu = 0;
    for (int i = 0; i < s->count; i++) {
        wall += s->at[i].seconds;
        cpu += s->at[i].cpu;
    }
    return wall > cpu ? 1 - cpu / wall : 0;
}

/* Of the accepted ones; NaN: nobody looked. */
static double median_capacity(const lw_samples *s)
{
    double parts[LW_MAX_SAMPLES], scratch[LW_MAX_SAMPLES];
    size_t count = 0;
    for (int i = 0; i < s->count; i++)
        if (s->at[i].accepted && isfinite(s->at[i].capacity)) parts[count++] = s->at[i].capacity;
    return lw_summarise(parts, count, scratch).median;
}

static lw_stability_verdict unstable(const char *format, ...) __attribute__((format(printf, 1, 2)));
static lw_stability_verdict unstable(const char *format, ...)
{
    lw_stability_verdict v = {LW_UNSTABLE, ""};
    va_list args;
    va_start(args, format);
    vsnprintf(v.why, sizeof v.why, format, args);
    va_end(args);
    return v;
}

lw_stability_verdict lw_stability_judge(const lw_samples *s, double precision, const lw_disturbance *d)
{
    double seconds[LW_MAX_SAMPLES];
    const size_t count = lw_samples_accepted(s, seconds);
    const lw_summary all = lw_samples_summary(s);
    const double width = lw_interval_width(&all), change = drift(seconds, count), capacity = median_capacity(s);
    lw_stability_verdict v = {LW_STABLE, ""};
    if (!isfinite(width)) {
        v.stability = LW_STABILITY_UNKNOWN;
        snprintf(v.why, sizeof v.why, "%zu sample%s", count, count == 1 ? "" : "s");
        return v;
    }
    if (d->team >= LW_OTHERS_TEAM) return unstable("others took %.0f %% of the CPUs in use", 100 * d->team);
    if (d->machine >= LW_OTHERS_MACHINE) return unstable("others took %.0f %% of all CPUs", 100 * d->machine);
    if (d->switches >= LW_OTHERS_SWITCHES) return unstable("put off its CPU %.0f times a second", d->switches);
    if (capacity < LW_CAPACITY_ENOUGH) return unstable("taken with %.0f %% of the threads' capacity", 100 * capacity);
    if (width > precision) return unstable("interval %.1f %% wide, %.3g %% wanted", 100 * width, 100 * precision);
    if (fabs(change) > precision / 2) return unstable("second half of the samples %+.1f %%", 100 * change);
    return v;
}
