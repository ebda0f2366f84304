/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_pool_patch.h: the weight gradient of a convolution under a max-pool where all that a pool window looks at is a
 * patch of few floats, as in a first layer (3x3 of one channel under a pool of 2: 4x4), over vec.h with a table look-up.
 * The runs of conv2d_pool_bwd_weights.h are shorter than a vector there. Here output channels are in lanes: the patch is
 * a table in registers, and each lane looks up what its own maximum looked at: per weight a look-up and an FMA for as
 * many gradients as there are lanes.
 *
 *   sums as [kh*kw*ic][oc] and a row of bias, one set for each part of the batch, added in order at the end
 *     for image: its patches side by side
 *       for vector of channels, for block of weights: sums stay in registers while the windows pass
 *
 * A part of the batch belongs to one member, so its sums have one order whatever the team.
 */
#ifndef LW_VEC_CONV2D_POOL_PATCH_H
#define LW_VEC_CONV2D_POOL_PATCH_H

#include "kernels/vec/bias.h"
#include "kernels/vec/conv2d_pool.h"

#include <string.h>

enum {
    VEC_PATCH = 16,      /* floats of a table; also tap positions of a pool window */
    VEC_PATCH_TAPS = 9,  /* weights whose sums are in registers */
    VEC_PATCH_PARTS = 32 /* of a batch, at most */
};

typedef struct vec_patch {
    lw_conv2d_pool_bwd_weights_args args;
    vec_pool_geometry geometry;
    ptrdiff_t weights, windows; /* per output channel; of an image */
    int rows, width;            /* of a patch */
    float *tables;              /* of the image at hand, VEC_PATCH floats for each window */
    uint32_t of_tap[VEC_PATCH]; /* in the patch: where the window of a pool window's position begins ... */
    uint32_t of_weight[VEC_PATCH]; /* ... and from there to what a weight meets */
} vec_patch;

static inline int vec_patch_rows(const lw_conv2d_pool_shape *s)
{
    return (s->pool.kh - 1) * s->conv.sh + s->conv.kh;
}

static inline int vec_patch_width(const lw_conv2d_pool_shape *s)
{
    return ((s->pool.kw - 1) * s->conv.sw + s->conv.kw) * s->conv.ic;
}

/* Channels that fill a vector at all, or lanes would idle. */
static inline bool vec_patch_fits(const lw_conv2d_pool_shape *s)
{
    return (ptrdiff_t)vec_patch_rows(s) * vec_patch_width(s) <= VEC_PATCH && s->pool.kh * s->pool.kw <= VEC_PATCH &&
           s->conv.oc >= VF_LANES;
}

static inline ptrdiff_t vec_patch_parts(const lw_conv2d_pool_shape *s)
{
    return s->conv.mb < VEC_PATCH_PARTS ? s->conv.mb : VEC_PATCH_PARTS;
}

static inline ptrdiff_t vec_patch_sums(const lw_conv2d_pool_shape *s) /* of a part, and its bias gradient */
{
    return ((ptrdiff_t)s->conv.oc * (s->conv.kh * s->conv.kw * s->conv.ic + 1) + 15) / 16 * 16;
}

static inline ptrdiff_t vec_patch_tables(const lw_conv2d_pool_shape *s) /* floats of a member */
{
    return (ptrdiff_t)s->pool.oh * s->pool.ow * VEC_PATCH;
}

static inline size_t vec_patch_workspace(const lw_conv2d_pool_shape *s, int team_size)
{
    return (size_t)(vec_patch_parts(s) * vec_patch_sums(s) + team_size * vec_patch_tables(s)) * sizeof(float);
}

/* ---------------------------------------------------------------- an image */

/* Windows that the padding clips have no patch. */
static inline void vec_patch_fill(vec_patch *p, ptrdiff_t n)
{
    const lw_conv2d_pool_shape *s = &p->args.shape;
    const float *image = p->args.src + n * s->conv.ih * p->geometry.row;
    float *table = p->tables;
    for (int y = 0; y < s->pool.oh; y++)
        for (int x = 0; x < s->pool.ow; x++, table += VEC_PATCH) {
            if (!vec_pool_whole(s, y, x)) continue;
            const float *src = image + vec_pool_offset(s, &p->geometry, y, x);
            for (int r = 0; r < p->rows; r++)
                for (int i = 0; i < p->width; i++) table[r * p->width + i] = src[r * p->geometry.row + i];
        }
}

/* The gradients of n channels of a window, zero where the ReLU was off. */
VEC_INLINE vf vec_patch_gradient(const vec_patch *p, ptrdiff_t at, int n)
{
    const vf g = vf_load_n(p->args.diff_dst + at, n);
    return p->args.dst ? vf_clear(vf_le(vf_load_n(p->args.dst + at, n), vf_zero()), g) : g;
}

/* Weights [k, k + taps) and n channels from o on, over the whole windows of image `image`. */
VEC_INLINE void vec_patch_block(const vec_patch *p, ptrdiff_t image, ptrdiff_t o, ptrdiff_t k, float *sums, const int taps, int n)
{
    const lw_conv2d_pool_shape *s = &p->args.shape;
    const ptrdiff_t oc = s->conv.oc;
    const vt of_tap = vt_load((const float *)(const void *)p->of_tap);
    vf acc[VEC_PATCH_TAPS];
    VEC_UNROLL
    for (int i = 0; i < taps; i++) acc[i] = vf_load_n(sums + (k + i) * oc + o, n);
    ptrdiff_t at = image * p->windows * oc + o;
    const float *table = p->tables;
    for (int y = 0; y < s->pool.oh; y++)
        for (int x = 0; x < s->pool.ow; x++, at += oc, table += VEC_PATCH) {
            if (!vec_pool_whole(s, y, x)) continue;
            const vt patch = vt_load(table);
            const vf g = vec_patch_gradient(p, at, n);
            const vm alive = vf_not_zero(g); /* what meets no gradient may be NaN */
            const vi first = vf_bits(vt_at(of_tap, vi_load_u8_n(p->args.argmax + at, n)));
            VEC_UNROLL
            for (int i = 0; i < taps; i++)
                acc[i] = vf_fma(vf_keep(alive, vt_at(patch, vi_add(first, vi_set1(p->of_weight[k + i])))), g, acc[i]);
        }
    VEC_UNROLL
    for (int i = 0; i < taps; i++) vf_store_n(sums + (k + i) * oc + o, acc[i], n);
}

/* Windows that the padding clips, gradient by gradient. */
static inline void vec_patch_clipped(const vec_patch *p, ptrdiff_t image, float *sums)
{
    const lw_conv2d_pool_shape *s = &p->args.shape;
    const lw_conv2d_shape *c = &s->conv;
    for (int y = 0; y < s->pool.oh; y++)
        for (int x = 0; x < s->pool.ow; x++) {
            const ptrdiff_t at = ((image * s->pool.oh + y) * s->pool.ow + x) * c->oc;
            for (ptrdiff_t o = 0; o < c->oc && !vec_pool_whole(s, y, x); o++) {
                const float g = p->args.dst && p->args.dst[at + o] <= 0 ? 0 : p->args.diff_dst[at + o];
                const lw_conv2d_window w = lw_conv2d_pool_window(s, y, x, p->args.argmax[at + o]);
                for (int r = w.r_lo; r < w.r_hi && g != 0; r++)
                    for (ptrdiff_t i = (ptrdiff_t)w.s_lo * c->ic; i < (ptrdiff_t)w.s_hi * c->ic; i++)
                        sums[(r * p->geometry.run + i) * c->oc + o] +=
                            g * p->args.src[(image * c->ih + w.y + r) * p->geometry.row + (ptrdiff_t)w.x * c->ic + i];
            }
        }
}

static inline void vec_patch_bias(const vec_patch *p, ptrdiff_t image, float *bias)
{
    const ptrdiff_t oc = p->args.shape.conv.oc;
    for (ptrdiff_t o = 0; o < oc; o += VF_LANES) {
        const int n = vec_left(oc, o);
        vf sum = vf_load_n(bias + o, n);
        for (ptrdiff_t w = 0; w < p->windows; w++) sum = vf_add(sum, vec_patch_gradient(p, (image * p->windows + w) * oc + o, n));
        vf_store_n(bias + o, sum, n);
    }
}

VEC_INLINE void vec_patch_image(vec_patch *p, ptrdiff_t image, float *sums)
{
    const ptrdiff_t oc = p->args.shape.conv.oc;
    vec_patch_fill(p, image);
    for (ptrdiff_t o = 0; o < oc; o += VF_LANES) {
        const int n = vec_left(oc, o);
        ptrdiff_t k = 0;
        for (; k + VEC_PATCH_TAPS <= p->weights; k += VEC_PATCH_TAPS) vec_patch_block(p, image, o, k, sums, VEC_PATCH_TAPS, n);
        for (; k < p->weights; k++) vec_patch_block(p, image, o, k, sums, 1, n);
    }
    vec_patch_clipped(p, image, sums);
    vec_patch_bias(p, image, sums + p->weights * oc);
}

/* ---------------------------------------------------------------- a batch */

static inline vec_patch vec_patch_of(const lw_conv2d_pool_bwd_weights_args *args, float *tables)
{
    const lw_conv2d_pool_shape *s = &args->shape;
    vec_patch p = {.args = *args, .weights = (ptrdiff_t)s->conv.kh * s->conv.kw * s->conv.ic,
                   .windows = (ptrdiff_t)s->pool.oh * s->pool.ow, .rows = vec_patch_rows(s), .width = vec_patch_width(s),
                   .tables = tables};
    vec_pool_geometry_of(s, &p.geometry);
    for (int tap = 0; tap < s->pool.kh * s->pool.kw; tap++)
        p.of_tap[tap] = (uint32_t)(tap / s->pool.kw * s->conv.sh * p.width + tap % s->pool.kw * s->conv.sw * s->conv.ic);
    for (ptrdiff_t k = 0; k < p.weights; k++)
        p.of_weight[k] = (uint32_t)(k / p.geometry.run * p.width + k % p.geometry.run);
    return p;
}

VEC_INLINE void vec_conv2d_pool_patch(const lw_conv2d_pool_bwd_weights_args *args, void *ws, const lw_team *team)
{
    const lw_conv2d_pool_shape *s = &args->shape;
    const ptrdiff_t parts = vec_patch_parts(s), size = vec_patch_sums(s);
    float *sums = ws;
    lw_conv2d_pool_assert(s);
    vec_patch p = vec_patch_of(args, sums + parts * size + team->id * vec_patch_tables(s));
    memset(p.tables, 0, (size_t)vec_patch_tables(s) * sizeof(float));
    const vec_range share = vec_share(team, parts, 1);
    for (ptrdiff_t part = share.lo; part < share.hi; part++) {
        const lw_team nth = {.id = (int)part, .size = (int)parts};
        const vec_range images = vec_share(&nth, s->conv.mb, 1);
        memset(sums + part * size, 0, (size_t)size * sizeof(float));
        for (ptrdiff_t n = images.lo; n < images.hi; n++) vec_patch_image(&p, n, sums + part * size);
    }
    lw_team_sync(team);
    const ptrdiff_t weights = p.weights * s->conv.oc;
    const vec_range mine = vec_share(team, weights + s->conv.oc, 16);
    for (ptrdiff_t part = 1; part < parts; part++)
        vec_add_run(sums + mine.lo, sums + part * size + mine.lo, sums + mine.lo, mine.hi - mine.lo);
    for (ptrdiff_t i = mine.lo; i < mine.hi; i++) {
        if (i < weights)
            args->diff_wei[i] = sums[i];
        else if (args->diff_bias)
            args->diff_bias[i - weights] = sums[i];
    }
}

#endif
