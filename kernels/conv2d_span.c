/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_span.c: which taps a position's window holds, and runs of positions where they are the same. */
#include "kernels/conv2d_span.h"

static int min(int a, int b)
{
    return a < b ? a : b;
}

static int max(int a, int b)
{
    return a > b ? a : b;
}

int lw_phases(const lw_axis *axis)
{
    return axis->backward ? min(axis->stride, axis->taps) : 1;
}

int lw_phase_taps(const lw_axis *axis, int phase)
{
    if (!axis->backward) return axis->taps;
    return phase < axis->taps ? (axis->taps - phase + axis->stride - 1) / axis->stride : 0;
}

int lw_phase_tap(const lw_axis *axis, int phase, int number)
{
    if (!axis->backward) return number;
    return phase + axis->stride * (lw_phase_taps(axis, phase) - 1 - number);
}

/* The window of one position, as a span of one. */
static lw_span window(const lw_axis *axis, int position)
{
    lw_span s = {.first = position, .count = 1};
    int lo, hi; /* tap numbers inside, half-open */
    if (axis->backward) {
        const int at = position + axis->pad;
        s.step = axis->stride;
        s.read_step = 1;
        s.phase = at % axis->stride;
        /* Number q reads the output at / stride - (taps of the phase - 1 - q). */
        const int n = lw_phase_taps(axis, s.phase), origin = at / axis->stride - (n - 1);
        lo = max(0, -origin);
        hi = min(n, axis->dst - origin);
        s.read = origin + lo;
    } else {
        const int origin = position * axis->stride - axis->pad;
        s.step = 1;
        s.read_step = axis->stride;
        lo = max(0, -origin);
        hi = min(axis->taps, axis->src - origin);
        s.read = origin + lo;
    }
    if (hi <= lo) {
        s.read = s.read_step = 0;
        return s;
    }
    s.tap = lo;
    s.taps = hi - lo;
    return s;
}

/* The longest run from `position` on. */
static lw_span run_from(const lw_axis *axis, int position)
{
    const int extent = axis->backward ? axis->src : axis->dst;
    lw_span run = window(axis, position);
    for (int next = position + run.step; next < extent; next += run.step) {
        const lw_span w = window(axis, next);
        if (w.tap != run.tap || w.taps != run.taps) break;
        run.count++;
    }
    return run;
}

lw_span lw_span_first(const lw_axis *axis)
{
    return run_from(axis, 0);
}

lw_span lw_span_next(const lw_axis *axis, lw_span span)
{
    const int extent = axis->backward ? axis->src : axis->dst;
    int position = span.first + span.count * span.step;
    if (position >= extent) {
        position = span.first % span.step + 1; /* the next residue of the stride */
        if (position >= min(span.step, extent)) return (lw_span){0};
    }
    return run_from(axis, position);
}
