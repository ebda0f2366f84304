/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_pool_bwd_weights.h: the weight gradient of a convolution under a max-pool, over vec.h.
 *
 *   weights as [oc][kh][kw*ic] sums, one set for each part of the batch (see parts_of), turned to HWIO at the end
 *   for group of images whose src fits L1, for VEC_POOL_CHANNELS output channels
 *     per channel, a list of the gradients that are not zero: where their windows are, and their values
 *     for channel, for filter row: its sums stay in registers while the list passes
 *
 * An output channel of a part belongs to one member, so its sums have one order whatever the team.
 */
#ifndef LW_VEC_CONV2D_POOL_BWD_WEIGHTS_H
#define LW_VEC_CONV2D_POOL_BWD_WEIGHTS_H

#include "kernels/vec/bias.h"
#include "kernels/vec/conv2d_pool.h"
#include "kernels/vec/transpose.h"

#include <string.h>

enum {
    VEC_POOL_GROUP = 6 << 10,      /* floats of src: 24 KiB leave L1 room for lists and sums */
    VEC_POOL_GROUP_WINDOWS = 1024, /* at most, unless a single image has more */
    VEC_POOL_PIECES = 256          /* output channels times parts of the batch */
};

typedef struct vec_pool_weights {
    lw_conv2d_pool_bwd_weights_args args;
    vec_pool_geometry geometry;
    ptrdiff_t rows;            /* kh * kw * ic */
    ptrdiff_t windows;         /* of an image */
    ptrdiff_t group;           /* images whose src fits L1 */
    ptrdiff_t *offset;         /* VEC_POOL_CHANNELS lists of group * windows places */
    float *g;                  /* and values */
    ptrdiff_t count[VEC_POOL_CHANNELS];
} vec_pool_weights;

/* The batch is cut into parts, summed apart and added in order: members with images of their own read and write lines
 * that no other has in its cache, which members with channels of their own do not. How many depends on the problem
 * alone, or the bits would depend on the team. */
static inline ptrdiff_t vec_pool_parts(const lw_conv2d_pool_shape *s)
{
    const ptrdiff_t parts = VEC_POOL_PIECES / s->conv.oc;
    return parts < 1 ? 1 : parts > s->conv.mb ? s->conv.mb : parts;
}

static inline ptrdiff_t vec_pool_group(const lw_conv2d_pool_shape *s)
{
    const ptrdiff_t by_src = VEC_POOL_GROUP / ((ptrdiff_t)s->conv.ih * s->conv.iw * s->conv.ic);
    const ptrdiff_t by_windows = VEC_POOL_GROUP_WINDOWS / ((ptrdiff_t)s->pool.oh * s->pool.ow);
    const ptrdiff_t group = by_src < by_windows ? by_src : by_windows;
    return group < 1 ? 1 : group > s->conv.mb ? s->conv.mb : group;
}

static inline ptrdiff_t vec_pool_sums(const lw_conv2d_pool_shape *s) /* of a part, and its bias gradient */
{
    return ((ptrdiff_t)s->conv.oc * (s->conv.kh * s->conv.kw * s->conv.ic + 1) + 15) / 16 * 16;
}

static inline size_t vec_pool_lists(const lw_conv2d_pool_shape *s) /* places of a member */
{
    return (size_t)(VEC_POOL_CHANNELS * vec_pool_group(s) * s->pool.oh * s->pool.ow + 15) / 16 * 16;
}

static inline size_t vec_conv2d_pool_bwd_weights_workspace(const lw_conv2d_pool_shape *s, int team_size)
{
    return (size_t)(vec_pool_parts(s) * vec_pool_sums(s)) * sizeof(float) +
           (size_t)team_size * vec_pool_lists(s) * (sizeof(ptrdiff_t) + sizeof(float));
}

/* A gradient whose window is clipped by the padding goes to its sums at once. */
static inline void vec_pool_clipped(const vec_pool_weights *p, ptrdiff_t n, const lw_conv2d_window *w, float g, float *sums)
{
    const lw_conv2d_shape *s = &p->args.shape.conv;
    const ptrdiff_t length = (ptrdiff_t)(w->s_hi - w->s_lo) * s->ic, here = 0;
    for (int r = w->r_lo; r < w->r_hi && length > 0; r++)
        vec_run(sums + r * p->geometry.run + (ptrdiff_t)w->s_lo * s->ic, length,
                p->args.src + ((n * s->ih + w->y + r) * s->iw + w->x + w->s_lo) * s->ic, &here, &g, 1);
}

/* Adds one window's gradients to the lists of `channels` channels from o on, and to their bias. */
VEC_INLINE void vec_pool_list_window(vec_pool_weights *p, ptrdiff_t n, int y, int x, ptrdiff_t o, int channels, float *sums,
                                     float *bias)
{
    const lw_conv2d_pool_shape *s = &p->args.shape;
    const ptrdiff_t at = ((n * s->pool.oh + y) * s->pool.ow + x) * s->conv.oc + o, list = p->group * p->windows;
    const uint8_t *argmax = p->args.argmax + at;
    float g[VEC_POOL_CHANNELS];
    uint64_t alive = vec_pool_gradients(p->args.diff_dst + at, p->args.dst ? p->args.dst + at : NULL, channels, g);
    vec_add_run(bias, g, bias, channels);
    if (!vec_pool_whole(s, y, x)) {
        for (; alive; alive &= alive - 1) {
            const int c = __builtin_ctzll(alive);
            const lw_conv2d_window w = lw_conv2d_pool_window(s, y, x, argmax[c]);
            vec_pool_clipped(p, n, &w, g[c], sums + c * p->rows);
        }
        return;
    }
    const ptrdiff_t window = n * s->conv.ih * p->geometry.row + vec_pool_offset(s, &p->geometry, y, x);
    for (; alive; alive &= alive - 1) {
        const int c = __builtin_ctzll(alive);
        const ptrdiff_t end = c * list + p->count[c]++;
        p->offset[end] = window + p->geometry.of_tap[argmax[c]];
        p->g[end] = g[c];
    }
}

/* Images [n_lo, n_hi) for `channels` channels, whose sums are at `sums`. */
VEC_INLINE void vec_pool_group_of_channels(vec_pool_weights *p, ptrdiff_t n_lo, ptrdiff_t n_hi, ptrdiff_t o, int channels,
                                           float *sums, float *bias)
{
    const lw_conv2d_shape *s = &p->args.shape.conv;
    const ptrdiff_t list = p->group * p->windows;
    for (int c = 0; c < channels; c++) p->count[c] = 0;
    for (ptrdiff_t n = n_lo; n < n_hi; n++)
        for (int y = 0; y < p->args.shape.pool.oh; y++)
            for (int x = 0; x < p->args.shape.pool.ow; x++) vec_pool_list_window(p, n, y, x, o, channels, sums, bias);
    for (int c = 0; c < channels; c++)
        for (int r = 0; r < s->kh; r++)
            vec_run(sums + c * p->rows + r * p->geometry.run, p->geometry.run, p->args.src + r * p->geometry.row,
                    p->offset + c * list, p->g + c * list, p->count[c]);
}

/* The sums of channels [o_lo, o_hi) over images [n_lo, n_hi). */
VEC_INLINE void vec_pool_part(vec_pool_weights *p, ptrdiff_t n_lo, ptrdiff_t n_hi, ptrdiff_t o_lo, ptrdiff_t o_hi, float *sums)
{
    float *bias = sums + p->args.shape.conv.oc * p->rows;
    memset(sums + o_lo * p->rows, 0, (size_t)((o_hi - o_lo) * p->rows) * sizeof(float));
    memset(bias + o_lo, 0, (size_t)(o_hi - o_lo) * sizeof(float));
    for (ptrdiff_t n = n_lo; n < n_hi; n += p->group) {
        const ptrdiff_t end = n_hi - n < p->group ? n_hi : n + p->group;
        for (ptrdiff_t o = o_lo; o < o_hi; o += VEC_POOL_CHANNELS) {
            const int channels = o_hi - o < VEC_POOL_CHANNELS ? (int)(o_hi - o) : VEC_POOL_CHANNELS;
            vec_pool_group_of_channels(p, n, end, o, channels, sums + o * p->rows, bias + o);
        }
    }
}

VEC_INLINE void vec_conv2d_pool_bwd_weights(lw_conv2d_pool_bwd_weights_args args, void *ws, const lw_team *team)
{
    const lw_conv2d_pool_shape *s = &args.shape;
    const ptrdiff_t oc = s->conv.oc, parts = vec_pool_parts(s), size = vec_pool_sums(s);
    float *sums = ws;
    lw_conv2d_pool_assert(s);
    vec_pool_weights p = {.args = args, .rows = (ptrdiff_t)s->conv.kh * s->conv.kw * s->conv.ic,
                          .windows = (ptrdiff_t)s->pool.oh * s->pool.ow, .group = vec_pool_group(s)};
    vec_pool_geometry_of(s, &p.geometry);
    p.offset = (ptrdiff_t *)(void *)(sums + parts * size) + (size_t)team->id * vec_pool_lists(s);
    p.g = (float *)((ptrdiff_t *)(void *)(sums + parts * size) + (size_t)team->size * vec_pool_lists(s)) +
          (size_t)team->id * vec_pool_lists(s);

    const vec_range share = vec_share(team, parts * oc, 1);
    for (ptrdiff_t i = share.lo; i < share.hi;) {
        const ptrdiff_t part = i / oc, o_lo = i % oc, o_hi = share.hi - part * oc < oc ? share.hi - part * oc : oc;
        const lw_team nth = {.id = (int)part, .size = (int)parts};
        const vec_range images = vec_share(&nth, s->conv.mb, 1);
        vec_pool_part(&p, images.lo, images.hi, o_lo, o_hi, sums + part * size);
        i = part * oc + o_hi;
    }
    lw_team_sync(team);
    const vec_range channels = vec_share(team, oc, 1);
    for (ptrdiff_t part = 1; part < parts; part++)
        vec_add_run(sums + channels.lo * p.rows, sums + part * size + channels.lo * p.rows, sums + channels.lo * p.rows,
                    (channels.hi - channels.lo) * p.rows);
    vec_transpose(sums + channels.lo * p.rows, p.rows, channels.hi - channels.lo, p.rows, args.diff_wei + channels.lo, oc);
    for (ptrdiff_t o = channels.lo; args.diff_bias && o < channels.hi; o++) {
        float sum = sums[oc * p.rows + o];
        for (ptrdiff_t part = 1; part < parts; part++) sum += sums[part * size + oc * p.rows + o];
        args.diff_bias[o] = sum;
    }
}

#endif
