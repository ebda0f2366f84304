/* SPDX-License-Identifier: BSD-3-Clause
 * window.h: which taps of a pool's window lie inside src, and which windows cover a position. */
#ifndef LW_VEC_WINDOW_H
#define LW_VEC_WINDOW_H

#include "kernels/vec/vec.h"

/* The taps of a window that lie inside src. */
typedef struct vec_taps {
    int r_lo, r_hi, s_lo, s_hi;
} vec_taps;

VEC_INLINE int vec_clip(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

/* Windows [*lo, *hi) of one axis cover position i; the caller asks for ascending i, starting from 0, 0. */
VEC_INLINE void vec_windows_covering(int i, int taps, int stride, int pad, int count, int *lo, int *hi)
{
    while (*lo < count && *lo * stride - pad + taps <= i) ++*lo;
    while (*hi < count && *hi * stride - pad <= i) ++*hi;
}

/* Windows that do not overlap divide an axis among them, gaps included: positions [lo, hi) of it belong to window i,
 * whose tap 0 would be at `origin`. */
typedef struct vec_owned {
    int lo, hi, origin;
} vec_owned;

VEC_INLINE vec_owned vec_owned_by(int i, int count, int stride, int pad, int extent)
{
    const int origin = i * stride - pad;
    const int next = origin + stride < extent ? origin + stride : extent;
    return (vec_owned){
        .lo = i == 0 || origin < 0 ? 0 : origin, .hi = i == count - 1 ? extent : next, .origin = origin};
}

/* How many taps of the window that begins at `first` lie inside. */
VEC_INLINE int vec_taps_inside(int first, int taps, int extent)
{
    return vec_clip(extent - first, 0, taps) - vec_clip(-first, 0, taps);
}

#endif
