/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_span.h: positions of one axis, grouped by the taps that their windows hold. Away from borders all
 * taps are inside; at a border some fall into the padding, and going backward with a stride only every
 * stride-th tap takes part. The loops run span by span, so padding is never stored, tested for or multiplied.
 */
#ifndef LW_CONV2D_SPAN_H
#define LW_CONV2D_SPAN_H

#include "kernels/kernels.h"

typedef struct lw_axis {
    bool backward; /* forward: output positions gather from src; backward: src positions from diff_dst */
    int src, dst;  /* extents: ih, oh or iw, ow */
    int taps, stride, pad;
} lw_axis;

/* A run of positions `first + j*step`, 0 <= j < count, that share their taps. The window of position j
 * holds `taps` elements of the tensor that is read, from `read + j*read_step` upwards; the weights in step
 * with them start at number `tap` of their phase. taps == 0: nothing to read. */
typedef struct lw_span {
    int first, step, count;
    int read, read_step;
    int phase, tap, taps;
} lw_span;

/* All spans, count == 0 after the last:  for (lw_span s = lw_span_first(a); s.count; s = lw_span_next(a, s)) */
lw_span lw_span_first(const lw_axis *axis);
lw_span lw_span_next(const lw_axis *axis, lw_span span);

/* Phases are the residues of the stride (forward: one). Phase p has tap numbers 0 .. lw_phase_taps - 1, in the
 * order in which the positions they read ascend; lw_phase_tap gives the index among the filter's taps. */
int lw_phases(const lw_axis *axis);
int lw_phase_taps(const lw_axis *axis, int phase);
int lw_phase_tap(const lw_axis *axis, int phase, int number);

#endif
