/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_fwd_narrow.h: forward convolution where a filter holds few weights per output channel, as a first layer's
 * does (3x3 of one channel: nine), over vec.h.
 *
 * The sums of a register tile end soon after they began then, so what a tile costs beside its FMAs is what counts:
 * nothing is packed, as HWIO puts the channels of a weight side by side; the weights that meet src are one list
 * per rectangle of positions (conv2d_span.h), one loop for all of a filter; and sums start from the bias.
 * Tiles     3 positions x 4 vectors of channels, 3 x 3, 6 x 2, 8 x 1, each count of positions a loop of its own; along
 *           the longer side of a rectangle, so that a border's columns make tiles as well. The more of a position's
 *           channels a tile writes, the more of dst is written in the order in which it lies.
 * Per weight  a load for each vector, a broadcast for each position, an FMA for each pair: at 3 x 4 and 6 x 2 FMA-bound
 *           on two ports, until dst, which is written once, no longer fits the caches: then by its way to memory.
 */
#ifndef LW_VEC_CONV2D_FWD_NARROW_H
#define LW_VEC_CONV2D_FWD_NARROW_H

#include "kernels/conv2d_span.h"
#include "kernels/tile.h"
#include "kernels/vec/vec.h"

#include <math.h>

enum {
    VEC_FWD_WEIGHTS = 32, /* kh * kw * ic, at most */
    VEC_FWD_MOST = 8,     /* positions of a tile, at most */
    VEC_FWD_VECTORS = 4   /* of its channels, at most */
};

static inline bool vec_conv2d_fwd_narrow_fits(const lw_conv2d_shape *s)
{
    return (ptrdiff_t)s->kh * s->kw * s->ic <= VEC_FWD_WEIGHTS;
}

/* The weights of a rectangle's positions that meet src, as offsets from a position's first and into wei. */
typedef struct vec_fwd_taps {
    int count;
    ptrdiff_t src[VEC_FWD_WEIGHTS], wei[VEC_FWD_WEIGHTS];
} vec_fwd_taps;

/* Positions in a row or a column. */
typedef struct vec_fwd_line {
    const float *src;
    float *dst;
    ptrdiff_t src_step, dst_step; /* floats from one to the next */
    ptrdiff_t next;               /* floats of dst from this line to the one that is written after it */
} vec_fwd_line;

/* sum += x * w for one weight of each channel, w, and where the positions meet it. The fewer of both stay in registers,
 * beside one of the others at a time. */
VEC_INLINE void vec_fwd_weight(vf sum[VEC_FWD_MOST][VEC_FWD_VECTORS], const float *const src[VEC_FWD_MOST], ptrdiff_t at,
                               const float *w, const int positions, const int vectors, const int n)
{
    vf x[VEC_FWD_MOST], wei[VEC_FWD_VECTORS];
    if (positions < vectors) {
        VEC_UNROLL
        for (int i = 0; i < positions; i++) x[i] = vf_set1(src[i][at]);
        VEC_UNROLL
        for (int u = 0; u < vectors; u++) {
            wei[u] = vf_load_n(w + u * VF_LANES, u == vectors - 1 ? n : VF_LANES);
            VEC_UNROLL
            for (int i = 0; i < positions; i++) sum[i][u] = vf_fma(x[i], wei[u], sum[i][u]);
        }
        return;
    }
    VEC_UNROLL
    for (int u = 0; u < vectors; u++) wei[u] = vf_load_n(w + u * VF_LANES, u == vectors - 1 ? n : VF_LANES);
    VEC_UNROLL
    for (int i = 0; i < positions; i++) {
        x[i] = vf_set1(src[i][at]);
        VEC_UNROLL
        for (int u = 0; u < vectors; u++) sum[i][u] = vf_fma(x[i], wei[u], sum[i][u]);
    }
}

/* The first `positions` of a line, `vectors` of output channels from o on; the last vector n lanes wide. */
VEC_INLINE void vec_fwd_tile(const lw_conv2d_fwd_args *args, const vec_fwd_taps *taps, vec_fwd_line line, ptrdiff_t o,
                             const int positions, const int vectors, const int n)
{
    vf sum[VEC_FWD_MOST][VEC_FWD_VECTORS], bias[VEC_FWD_VECTORS];
    const float *src[VEC_FWD_MOST];
    VEC_UNROLL
    for (int u = 0; u < vectors; u++)
        bias[u] = args->bias ? vf_load_n(args->bias + o + u * VF_LANES, u == vectors - 1 ? n : VF_LANES) : vf_zero();
    VEC_UNROLL
    for (int i = 0; i < positions; i++) {
        src[i] = line.src + i * line.src_step;
        VEC_UNROLL
        for (int u = 0; u < vectors; u++) sum[i][u] = bias[u];
    }
    for (int k = 0; k < taps->count; k++)
        vec_fwd_weight(sum, src, taps->src[k], args->wei + taps->wei[k] + o, positions, vectors, n);
    const vf floor = vf_set1(args->relu ? 0.0f : -INFINITY);
    VEC_UNROLL
    for (int i = 0; i < positions; i++) {
        float *dst = line.dst + i * line.dst_step + o;
        VEC_UNROLL
        for (int u = 0; u < vectors; u++) /* each step of o writes some of each position's lines: no stretch */
            if (u * VF_LANES % LW_TILE_LINE == 0) __builtin_prefetch(dst + line.next + u * VF_LANES, 1);
        VEC_UNROLL
        for (int u = 0; u < vectors; u++) /* in this order of operands NaN stays */
            vf_store_n(dst + u * VF_LANES, vf_max(floor, sum[i][u]), u == vectors - 1 ? n : VF_LANES);
    }
}

VEC_INLINE void vec_fwd_tile_of(const lw_conv2d_fwd_args *args, const vec_fwd_taps *taps, vec_fwd_line line,
                                ptrdiff_t o, int positions, const int most, const int vectors, const int n)
{
    switch (positions) {
    case 8: if (most >= 8) vec_fwd_tile(args, taps, line, o, 8, vectors, n); break;
    case 7: if (most >= 7) vec_fwd_tile(args, taps, line, o, 7, vectors, n); break;
    case 6: if (most >= 6) vec_fwd_tile(args, taps, line, o, 6, vectors, n); break;
    case 5: if (most >= 5) vec_fwd_tile(args, taps, line, o, 5, vectors, n); break;
    case 4: if (most >= 4) vec_fwd_tile(args, taps, line, o, 4, vectors, n); break;
    case 3: vec_fwd_tile(args, taps, line, o, 3, vectors, n); break;
    case 2: vec_fwd_tile(args, taps, line, o, 2, vectors, n); break;
    default: vec_fwd_tile(args, taps, line, o, 1, vectors, n); break;
    }
}

/* Some output channels of a line, in tiles of nearly equal size, as a tile of one position waits for its FMAs. */
VEC_INLINE void vec_fwd_channels(const lw_conv2d_fwd_args *args, const vec_fwd_taps *taps, vec_fwd_line line, int count,
                                 ptrdiff_t o, const int most, const int vectors, const int n)
{
    for (int tiles = (count + most - 1) / most; tiles > 0; tiles--) {
        const int positions = (count + tiles - 1) / tiles;
        vec_fwd_tile_of(args, taps, line, o, positions, most, vectors, n);
        line.src += positions * line.src_step;
        line.dst += positions * line.dst_step;
        count -= positions;
    }
}

/* A block of up to four vectors, the last of them n lanes wide. */
VEC_INLINE void vec_fwd_block(const lw_conv2d_fwd_args *args, const vec_fwd_taps *taps, vec_fwd_line line, int count,
                              ptrdiff_t o, ptrdiff_t vectors, const int n)
{
    switch (vectors) {
    case 4: if (n == VF_LANES) vec_fwd_channels(args, taps, line, count, o, 3, 4, n); break;
    case 3: vec_fwd_channels(args, taps, line, count, o, 3, 3, n); break;
    case 2: vec_fwd_channels(args, taps, line, count, o, 6, 2, n); break;
    default: vec_fwd_channels(args, taps, line, count, o, 8, 1, n); break;
    }
}

/* Four vectors at a time, if all are whole: a mask takes a register. Three rather than leave one alone, which would
 * broadcast for a single FMA. */
VEC_INLINE ptrdiff_t vec_fwd_together(ptrdiff_t left, bool whole)
{
    if (left < 4) return left;
    return left == 5 ? 3 : left > 5 || whole ? 4 : 2;
}

static void vec_fwd_positions(const lw_conv2d_fwd_args *args, const vec_fwd_taps *taps, vec_fwd_line line, int count)
{
    const ptrdiff_t oc = args->shape.oc;
    for (ptrdiff_t o = 0; o < oc;) {
        const ptrdiff_t left = (oc - o + VF_LANES - 1) / VF_LANES, vectors = vec_fwd_together(left, oc % VF_LANES == 0);
        const ptrdiff_t end = o + vectors * VF_LANES;
        const int rest = (int)(oc - end + VF_LANES);
        if (end <= oc) {
            vec_fwd_block(args, taps, line, count, o, vectors, VF_LANES);
        } else {
            if (rest >= VF_LANES) __builtin_unreachable(); /* or clang 14 keeps the choice of a full load in each turn */
            vec_fwd_block(args, taps, line, count, o, vectors, rest);
        }
        o = end;
    }
}

/* ---------------------------------------------------------------- rectangles */

static inline void vec_fwd_taps_of(const lw_conv2d_shape *s, const lw_span *y, const lw_span *x, vec_fwd_taps *taps)
{
    taps->count = 0;
    for (int r = 0; r < y->taps; r++)
        for (int i = 0; i < x->taps * s->ic; i++, taps->count++) {
            taps->src[taps->count] = (ptrdiff_t)r * s->iw * s->ic + i;
            taps->wei[taps->count] = (((ptrdiff_t)(y->tap + r) * s->kw + x->tap) * s->ic + i) * s->oc;
        }
}

/* This member's lines of a rectangle: of all images, along its longer side. */
static inline void vec_fwd_rectangle(const lw_conv2d_fwd_args *args, const lw_span *y, const lw_span *x,
                                     const lw_team *team)
{
    const lw_conv2d_shape *s = &args->shape;
    const bool rows = x->count >= y->count;
    const lw_span *along = rows ? x : y, *across = rows ? y : x;
    const ptrdiff_t src_row = (ptrdiff_t)s->iw * s->ic, dst_row = (ptrdiff_t)s->ow * s->oc;
    const ptrdiff_t src_x = (ptrdiff_t)x->read_step * s->ic, src_y = y->read_step * src_row;
    const vec_range share = vec_share(team, (ptrdiff_t)s->mb * across->count, 1);
    vec_fwd_taps taps;
    vec_fwd_taps_of(s, y, x, &taps);
    for (ptrdiff_t i = share.lo; i < share.hi; i++) {
        const ptrdiff_t image = i / across->count, at = i % across->count;
        const vec_fwd_line line = {
            .src = args->src + (image * s->ih + y->read) * src_row + (ptrdiff_t)x->read * s->ic +
                   at * (rows ? src_y : src_x),
            .dst = args->dst + (image * s->oh + y->first) * dst_row + (ptrdiff_t)x->first * s->oc +
                   at * (rows ? dst_row : s->oc),
            .src_step = rows ? src_x : src_y,
            .dst_step = rows ? s->oc : dst_row,
            .next = rows ? dst_row : s->oc,
        };
        vec_fwd_positions(args, &taps, line, along->count);
    }
}

VEC_INLINE void vec_conv2d_fwd_narrow(const lw_conv2d_fwd_args *args, const lw_team *team)
{
    const lw_conv2d_shape *s = &args->shape;
    const lw_axis rows = {false, s->ih, s->oh, s->kh, s->sh, s->ph}, cols = {false, s->iw, s->ow, s->kw, s->sw, s->pw};
    for (lw_span y = lw_span_first(&rows); y.count; y = lw_span_next(&rows, y))
        for (lw_span x = lw_span_first(&cols); x.count; x = lw_span_next(&cols, x))
            vec_fwd_rectangle(args, &y, &x, team);
}

#endif
