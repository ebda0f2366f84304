/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_pool_narrow.h: convolution under a max-pool where a filter holds few weights per output channel, as a first
 * layer's does (3x3 of one channel: nine), over vec.h.
 * A register tile is left before it is warm then, and stores a map that is four times what is kept. Here output
 * channels are in lanes, and a few positions of a window at a time are convolved and compared where they stand: per
 * weight, a load for each vector of channels, a broadcast for each position, and an FMA for each pair. HWIO puts the
 * channels of a weight side by side, so nothing is packed. Two positions by four vectors, or four by two, are the eight
 * sums that two units with a latency of four cycles want; of four by one vector there is half of that.
 */
#ifndef LW_VEC_CONV2D_POOL_NARROW_H
#define LW_VEC_CONV2D_POOL_NARROW_H

#include "kernels/vec/conv2d_pool.h"

#include <math.h>

enum {
    VEC_NARROW_WEIGHTS = 32, /* kh * kw * ic, at most */
    VEC_NARROW_ROWS = 4      /* positions at a time, at most */
};

static inline bool vec_conv2d_pool_narrow_fits(const lw_conv2d_shape *s)
{
    return (ptrdiff_t)s->kh * s->kw * s->ic <= VEC_NARROW_WEIGHTS;
}

/* A position of the convolution inside a pool window. */
typedef struct vec_narrow_position {
    const float *src; /* of weight (0, 0, 0), which may lie in the padding */
    lw_conv2d_window window;
    uint32_t tap;
    bool whole;
} vec_narrow_position;

typedef struct vec_narrow {
    lw_conv2d_pool_fwd_args args;
    vec_pool_geometry geometry;
    int weights;                          /* per output channel */
    ptrdiff_t offset[VEC_NARROW_WEIGHTS]; /* of each, from the window's first */
    int positions;                        /* of the pool window at hand */
    vec_narrow_position position[256];
} vec_narrow;

/* ---------------------------------------------------------------- sums */

VEC_INLINE void vec_narrow_bias(const float *bias, vf *sum, const int count, int n)
{
    VEC_UNROLL
    for (int u = 0; u < count; u++) sum[u] = bias ? vf_load_n(bias + u * VF_LANES, n) : vf_zero();
}

/* `rows` whole positions. */
VEC_INLINE void vec_narrow_whole(const vec_narrow *p, const vec_narrow_position *at, const float *wei, vf sum[][VEC_BLOCK],
                                 const int rows, const int count, int n)
{
    const ptrdiff_t oc = p->args.shape.conv.oc;
    const float *src[VEC_NARROW_ROWS];
    VEC_UNROLL
    for (int r = 0; r < rows; r++) src[r] = at[r].src;
    for (int k = 0; k < p->weights; k++, wei += oc) {
        vf x[VEC_NARROW_ROWS];
        VEC_UNROLL
        for (int r = 0; r < rows; r++) x[r] = vf_set1(src[r][p->offset[k]]);
        VEC_UNROLL
        for (int u = 0; u < count; u++) {
            const vf w = vf_load_n(wei + u * VF_LANES, n);
            VEC_UNROLL
            for (int r = 0; r < rows; r++) sum[r][u] = vf_fma(x[r], w, sum[r][u]);
        }
    }
}

/* One position, with the weights that meet src. */
VEC_INLINE void vec_narrow_one(const vec_narrow *p, const vec_narrow_position *at, const float *wei, vf sum[VEC_BLOCK],
                               const int count, int n)
{
    const lw_conv2d_shape *s = &p->args.shape.conv;
    for (int r = at->window.r_lo; r < at->window.r_hi; r++)
        for (ptrdiff_t i = (ptrdiff_t)at->window.s_lo * s->ic; i < (ptrdiff_t)at->window.s_hi * s->ic; i++) {
            const vf x = vf_set1(at->src[r * p->geometry.row + i]);
            const float *w = wei + (r * p->geometry.run + i) * s->oc;
            VEC_UNROLL
            for (int u = 0; u < count; u++) sum[u] = vf_fma(x, vf_load_n(w + u * VF_LANES, n), sum[u]);
        }
}

/* ---------------------------------------------------------------- maxima */

/* Sums of a position against the best so far; its ReLU first. */
VEC_INLINE void vec_narrow_compare(const vec_narrow *p, const vf *sum, uint32_t tap, bool first, vf *best, vi *where, const int count)
{
    const vf floor = vf_set1(p->args.relu ? 0.0f : -INFINITY);
    const vi here = vi_set1(tap);
    VEC_UNROLL
    for (int u = 0; u < count; u++) {
        const vf x = vf_max(floor, sum[u]); /* in this order of operands NaN stays */
        const vm beats = vm_and(vf_not_le(x, best[u]), vf_not_nan(best[u]));
        best[u] = first ? x : vf_select(beats, x, best[u]);
        where[u] = first ? here : vi_select(beats, here, where[u]);
    }
}

/* Whether the next `rows` positions are there, and whole. */
static inline bool vec_narrow_all_whole(const vec_narrow *p, int first, int rows)
{
    bool whole = first + rows <= p->positions;
    for (int r = 0; whole && r < rows; r++) whole = p->position[first + r].whole;
    return whole;
}

/* `count` vectors of output channels from o on, for the window's positions, `rows` at a time; the last vector n lanes
 * wide. */
VEC_INLINE void vec_narrow_channels(const vec_narrow *p, ptrdiff_t at, ptrdiff_t o, const int count, const int rows, int n)
{
    const float *wei = p->args.wei + o, *bias = p->args.bias ? p->args.bias + o : NULL;
    vf best[VEC_BLOCK], sum[VEC_NARROW_ROWS][VEC_BLOCK];
    vi where[VEC_BLOCK];
    VEC_UNROLL
    for (int u = 0; u < count; u++) {
        best[u] = vf_zero();
        where[u] = vi_set1(0);
    }
    for (int i = 0; i < p->positions;) {
        const vec_narrow_position *here = &p->position[i];
        if (vec_narrow_all_whole(p, i, rows)) {
            VEC_UNROLL
            for (int r = 0; r < rows; r++) vec_narrow_bias(bias, sum[r], count, n);
            vec_narrow_whole(p, here, wei, sum, rows, count, n);
            VEC_UNROLL
            for (int r = 0; r < rows; r++) vec_narrow_compare(p, sum[r], here[r].tap, i + r == 0, best, where, count);
            i += rows;
        } else {
            vec_narrow_bias(bias, sum[0], count, n);
            vec_narrow_one(p, here, wei, sum[0], count, n);
            vec_narrow_compare(p, sum[0], here->tap, i == 0, best, where, count);
            i++;
        }
    }
    VEC_UNROLL
    for (int u = 0; u < count; u++) vf_store_n(p->args.dst + at + o + u * VF_LANES, best[u], n);
    if (count == VEC_BLOCK) {
        vi_store_u8_block(p->args.argmax + at + o, where);
    } else {
        VEC_UNROLL
        for (int u = 0; u < count; u++) vi_store_u8_n(p->args.argmax + at + o + u * VF_LANES, where[u], n);
    }
}

/* ---------------------------------------------------------------- windows */

/* The positions of a window that the map's or the image's border may clip. */
static inline void vec_narrow_look_at(vec_narrow *p, ptrdiff_t n, int y, int x)
{
    const lw_conv2d_shape *c = &p->args.shape.conv;
    const lw_pool_shape *q = &p->args.shape.pool;
    p->positions = 0;
    for (int tap = 0; tap < q->kh * q->kw; tap++) {
        const int h = y * q->sh - q->ph + tap / q->kw, w = x * q->sw - q->pw + tap % q->kw;
        if (h < 0 || h >= q->ih || w < 0 || w >= q->iw) continue;
        const lw_conv2d_window v = lw_conv2d_pool_window(&p->args.shape, y, x, tap);
        p->position[p->positions++] = (vec_narrow_position){
            .src = p->args.src + (n * c->ih * p->geometry.row + v.y * p->geometry.row + (ptrdiff_t)v.x * c->ic),
            .window = v, .tap = (uint32_t)tap,
            .whole = v.r_lo == 0 && v.r_hi == c->kh && v.s_lo == 0 && v.s_hi == c->kw};
    }
}

/* Along one axis: whether window i lies inside the map, and its positions' windows inside the image. */
static inline bool vec_narrow_inside(int i, int stride, int pad, int taps, int map, int conv_stride, int conv_pad, int conv_taps,
                                     int image)
{
    const int first = i * stride - pad, last = first + taps - 1;
    return first >= 0 && last < map && first * conv_stride - conv_pad >= 0 &&
           last * conv_stride - conv_pad + conv_taps <= image;
}

/* A window that nothing clips: all taps, one after the other. */
VEC_INLINE void vec_narrow_move_to(vec_narrow *p, const float *src)
{
    const lw_conv2d_window whole = {.r_hi = p->args.shape.conv.kh, .s_hi = p->args.shape.conv.kw};
    for (int tap = 0; tap < p->positions; tap++) {
        p->position[tap].src = src + p->geometry.of_tap[tap];
        p->position[tap].window = whole;
        p->position[tap].tap = (uint32_t)tap;
        p->position[tap].whole = true;
    }
}

/* On its own: inlined, its pointers into src would be spilled for those of its surroundings. */
static __attribute__((noinline)) void vec_narrow_pair(const vec_narrow *p, ptrdiff_t at, ptrdiff_t o)
{
    vec_narrow_channels(p, at, o, 2, VEC_NARROW_ROWS, VF_LANES);
}

VEC_INLINE void vec_narrow_window(vec_narrow *p, ptrdiff_t at)
{
    const ptrdiff_t oc = p->args.shape.conv.oc;
    ptrdiff_t o = 0;
    for (; o + VEC_BLOCK * VF_LANES <= oc; o += VEC_BLOCK * VF_LANES) vec_narrow_channels(p, at, o, VEC_BLOCK, 2, VF_LANES);
    for (; o + 2 * VF_LANES <= oc; o += 2 * VF_LANES) vec_narrow_pair(p, at, o);
    for (; o < oc; o += VF_LANES) vec_narrow_channels(p, at, o, 1, VEC_NARROW_ROWS, vec_left(oc, o));
}

/* A member's tables: too large for a stack. */
static inline size_t vec_conv2d_pool_narrow_workspace(int team_size)
{
    return (size_t)team_size * sizeof(vec_narrow);
}

VEC_INLINE void vec_narrow_init(vec_narrow *p, const lw_conv2d_pool_fwd_args *args)
{
    const lw_conv2d_shape *c = &args->shape.conv;
    lw_conv2d_pool_assert(&args->shape);
    p->args = *args;
    vec_pool_geometry_of(&args->shape, &p->geometry);
    p->weights = (int)(c->kh * p->geometry.run);
    for (int k = 0; k < p->weights; k++) p->offset[k] = k / p->geometry.run * p->geometry.row + k % p->geometry.run;
}

VEC_INLINE void vec_conv2d_pool_narrow(const lw_conv2d_pool_fwd_args *args, void *ws, const lw_team *team)
{
    const lw_conv2d_shape *c = &args->shape.conv;
    const lw_pool_shape *q = &args->shape.pool;
    vec_narrow *p = (vec_narrow *)ws + team->id;
    vec_narrow_init(p, args);
    const vec_range share = vec_share(team, (ptrdiff_t)q->mb * q->oh, 1);
    for (ptrdiff_t line = share.lo; line < share.hi; line++) {
        const int y = (int)(line % q->oh);
        const bool inside = vec_narrow_inside(y, q->sh, q->ph, q->kh, q->ih, c->sh, c->ph, c->kh, c->ih);
        const ptrdiff_t top = (line / q->oh * c->ih + (y * q->sh - q->ph) * c->sh - c->ph) * p->geometry.row;
        for (int x = 0; x < q->ow; x++) {
            if (inside && vec_narrow_inside(x, q->sw, q->pw, q->kw, q->iw, c->sw, c->pw, c->kw, c->iw)) {
                p->positions = q->kh * q->kw;
                vec_narrow_move_to(p, args->src + (top + ((ptrdiff_t)(x * q->sw - q->pw) * c->sw - c->pw) * c->ic));
            } else {
                vec_narrow_look_at(p, line / q->oh, y, x);
            }
            vec_narrow_window(p, (line * q->ow + x) * c->oc);
        }
    }
}

#endif
