/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_pool_bwd_data.h: the data gradient of a convolution under a max-pool, over vec.h.
 *
 *   weights turned by the team to [kh][oc][kw*ic]: a filter row of them stays in L1
 *   for this member's images
 *     per pool window and tap, the channels whose maximum was there: they share a window of src
 *     for filter row, for these lists: the run of src stays in registers while its channels pass
 */
#ifndef LW_VEC_CONV2D_POOL_BWD_DATA_H
#define LW_VEC_CONV2D_POOL_BWD_DATA_H

#include "kernels/vec/conv2d_pool.h"
#include "kernels/vec/transpose.h"

#include <string.h>

/* The gradients that meet one window: entries [first, end) of the image's lists. */
typedef struct vec_pool_meeting {
    ptrdiff_t window; /* offset in the image's src */
    int32_t first, end;
} vec_pool_meeting;

typedef struct vec_pool_data {
    lw_conv2d_pool_bwd_data_args args;
    vec_pool_geometry geometry;
    const float *wei;     /* [kh][oc][kw*ic] */
    ptrdiff_t *offset;    /* of a channel's run in a filter row of wei: windows * oc of them */
    float *g;
    vec_pool_meeting *meeting;
    ptrdiff_t meetings;
    ptrdiff_t entries;
} vec_pool_data;

static inline size_t vec_pool_weights_floats(const lw_conv2d_shape *s)
{
    return ((size_t)s->kh * s->kw * s->ic * s->oc + 15) / 16 * 16;
}

static inline size_t vec_pool_entries(const lw_conv2d_pool_shape *s) /* of an image */
{
    return ((size_t)s->pool.oh * s->pool.ow * s->conv.oc + 15) / 16 * 16;
}

static inline size_t vec_conv2d_pool_bwd_data_workspace(const lw_conv2d_pool_shape *s, int team_size)
{
    return vec_pool_weights_floats(&s->conv) * sizeof(float) +
           (size_t)team_size * vec_pool_entries(s) * (sizeof(ptrdiff_t) + sizeof(float) + sizeof(vec_pool_meeting));
}

/* A window clipped by the padding: its channels one by one, filter row by filter row. */
static inline void vec_pool_spread_clipped(const vec_pool_data *p, float *image, const lw_conv2d_window *w, ptrdiff_t o, float g)
{
    const lw_conv2d_shape *s = &p->args.shape.conv;
    const ptrdiff_t length = (ptrdiff_t)(w->s_hi - w->s_lo) * s->ic, offset = o * p->geometry.run + (ptrdiff_t)w->s_lo * s->ic;
    for (int r = w->r_lo; r < w->r_hi && length > 0; r++)
        vec_run(image + (w->y + r) * p->geometry.row + (ptrdiff_t)(w->x + w->s_lo) * s->ic, length,
                p->wei + r * s->oc * p->geometry.run, &offset, &g, 1);
}

/* Which of these channels have their maximum at `tap`. */
VEC_INLINE uint64_t vec_pool_at_tap(const uint8_t *argmax, int channels, int tap)
{
    const vi wanted = vi_set1((uint32_t)tap);
    uint64_t found = 0;
    for (int c = 0; c < channels; c += VF_LANES)
        found |= vm_bits(vi_eq(vi_load_u8_n(argmax + c, vec_left(channels, c)), wanted)) << c;
    return found;
}

/* Lists the gradients of one window, channels [o, o + channels), by their taps. */
VEC_INLINE void vec_pool_meet(vec_pool_data *p, ptrdiff_t at, ptrdiff_t o, int channels, ptrdiff_t window)
{
    const lw_pool_shape *s = &p->args.shape.pool;
    float g[VEC_POOL_CHANNELS];
    const uint64_t alive = vec_pool_gradients(p->args.diff_dst + at, p->args.dst ? p->args.dst + at : NULL, channels, g);
    for (int tap = 0; tap < s->kh * s->kw; tap++) {
        const ptrdiff_t first = p->entries;
        for (uint64_t here = alive & vec_pool_at_tap(p->args.argmax + at, channels, tap); here; here &= here - 1) {
            const int c = __builtin_ctzll(here);
            p->offset[p->entries] = (o + c) * p->geometry.run;
            p->g[p->entries++] = g[c];
        }
        if (p->entries > first)
            p->meeting[p->meetings++] =
                (vec_pool_meeting){window + p->geometry.of_tap[tap], (int32_t)first, (int32_t)p->entries};
    }
}

/* As vec_pool_meet, for a window that the padding may clip. */
static inline void vec_pool_meet_clipped(const vec_pool_data *p, float *image, int y, int x, ptrdiff_t at, ptrdiff_t o, int channels)
{
    float g[VEC_POOL_CHANNELS];
    uint64_t alive = vec_pool_gradients(p->args.diff_dst + at, p->args.dst ? p->args.dst + at : NULL, channels, g);
    for (; alive; alive &= alive - 1) {
        const int c = __builtin_ctzll(alive);
        const lw_conv2d_window w = lw_conv2d_pool_window(&p->args.shape, y, x, p->args.argmax[at + c]);
        vec_pool_spread_clipped(p, image, &w, o + c, g[c]);
    }
}

VEC_INLINE void vec_pool_image(vec_pool_data *p, ptrdiff_t n)
{
    const lw_conv2d_pool_shape *s = &p->args.shape;
    const ptrdiff_t size = s->conv.ih * p->geometry.row;
    float *image = p->args.diff_src + n * size;
    memset(image, 0, (size_t)size * sizeof *image);
    p->meetings = p->entries = 0;
    for (int y = 0; y < s->pool.oh; y++)
        for (int x = 0; x < s->pool.ow; x++) {
            const ptrdiff_t at = ((n * s->pool.oh + y) * s->pool.ow + x) * s->conv.oc;
            const bool whole = vec_pool_whole(s, y, x);
            for (ptrdiff_t o = 0; o < s->conv.oc; o += VEC_POOL_CHANNELS) {
                const int channels = s->conv.oc - o < VEC_POOL_CHANNELS ? (int)(s->conv.oc - o) : VEC_POOL_CHANNELS;
                if (whole)
                    vec_pool_meet(p, at + o, o, channels, vec_pool_offset(s, &p->geometry, y, x));
                else
                    vec_pool_meet_clipped(p, image, y, x, at + o, o, channels);
            }
        }
    for (int r = 0; r < s->conv.kh; r++)
        for (ptrdiff_t i = 0; i < p->meetings; i++) {
            const vec_pool_meeting *m = &p->meeting[i];
            vec_run(image + m->window + r * p->geometry.row, p->geometry.run, p->wei + r * s->conv.oc * p->geometry.run,
                    p->offset + m->first, p->g + m->first, m->end - m->first);
        }
}

VEC_INLINE void vec_conv2d_pool_bwd_data(lw_conv2d_pool_bwd_data_args args, void *ws, const lw_team *team)
{
    const lw_conv2d_pool_shape *s = &args.shape;
    const size_t entries = vec_pool_entries(s);
    float *wei = ws;
    lw_conv2d_pool_assert(s);
    vec_pool_data p = {.args = args, .wei = wei};
    vec_pool_geometry_of(s, &p.geometry);
    char *own = (char *)(wei + vec_pool_weights_floats(&s->conv)) +
                (size_t)team->id * entries * (sizeof(ptrdiff_t) + sizeof(float) + sizeof(vec_pool_meeting));
    p.meeting = (vec_pool_meeting *)(void *)own;
    p.offset = (ptrdiff_t *)(void *)(p.meeting + entries);
    p.g = (float *)(void *)(p.offset + entries);

    /* HWIO to [kh][oc][kw*ic]: filter row by filter row a transpose. */
    const vec_range columns = vec_share(team, s->conv.oc, VF_LANES);
    for (int r = 0; r < s->conv.kh; r++)
        vec_transpose(args.wei + r * p.geometry.run * s->conv.oc + columns.lo, s->conv.oc, p.geometry.run,
                      columns.hi - columns.lo, wei + (r * s->conv.oc + columns.lo) * p.geometry.run, p.geometry.run);
    lw_team_sync(team);
    const vec_range images = vec_share(team, s->conv.mb, 1);
    for (ptrdiff_t n = images.lo; n < images.hi; n++) vec_pool_image(&p, n);
}

#endif
