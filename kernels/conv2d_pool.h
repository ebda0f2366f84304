/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_pool.h: where the gradient of a pooled position goes. Its argmax names one position of the convolution's
 * output, and that one's window in src; what of the window lies inside src is a rectangle of taps.
 */
#ifndef LW_CONV2D_POOL_H
#define LW_CONV2D_POOL_H

#include "kernels/kernels.h"

#include <assert.h>

/* Taps [r_lo, r_hi) x [s_lo, s_hi) of the filter meet src; tap (0, 0) is at row y, column x, which may be outside. */
typedef struct lw_conv2d_window {
    int y, x, r_lo, r_hi, s_lo, s_hi;
} lw_conv2d_window;

static inline int lw_conv2d_clip(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* The window of the conv output that tap `tap` of pool window (oy, ox) covers. */
static inline lw_conv2d_window lw_conv2d_pool_window(const lw_conv2d_pool_shape *s, int oy, int ox, int tap)
{
    const lw_conv2d_shape *c = &s->conv;
    const lw_pool_shape *p = &s->pool;
    const int y = (oy * p->sh - p->ph + tap / p->kw) * c->sh - c->ph, x = (ox * p->sw - p->pw + tap % p->kw) * c->sw - c->pw;
    return (lw_conv2d_window){.y = y, .x = x,
                              .r_lo = lw_conv2d_clip(-y, 0, c->kh), .r_hi = lw_conv2d_clip(c->ih - y, 0, c->kh),
                              .s_lo = lw_conv2d_clip(-x, 0, c->kw), .s_hi = lw_conv2d_clip(c->iw - x, 0, c->kw)};
}

static inline void lw_conv2d_pool_assert(const lw_conv2d_pool_shape *s)
{
    assert(s->pool.mb == s->conv.mb && s->pool.c == s->conv.oc && s->pool.ih == s->conv.oh && s->pool.iw == s->conv.ow);
    assert(s->pool.kh * s->pool.kw <= 256);
    (void)s;
}

#endif
