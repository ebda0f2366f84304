/* SPDX-License-Identifier: BSD-3-Clause
 *
 * maxpool_bwd.h: the gradient of max-pooling over vec.h, channels in lanes. Three ways, by shape alone:
 *   owned     windows that do not overlap: src is divided among them, gaps included, and each writes its part
 *             whole, in one pass over memory that need not be cleared before;
 *   gathered  windows that overlap: each position of src asks those over it whether their argmax names it;
 *   scattered fewer channels than lanes: each gradient is added where its argmax points.
 */
#ifndef LW_VEC_MAXPOOL_BWD_H
#define LW_VEC_MAXPOOL_BWD_H

#include "kernels/vec/window.h"

#include <assert.h>
#include <string.h>

enum { VEC_NO_TAP = 256 }; /* equals no argmax */

/* ---------------------------------------------------------------- owned */

/* `count` vectors of channels, each n lanes wide, of the part of src that window (y, x) owns. */
VEC_INLINE void vec_maxpool_own(const lw_pool_shape *p, vec_owned y, vec_owned x, const float *diff_dst,
                                const uint8_t *argmax, float *diff_src, const int count, int n)
{
    vf diff[VEC_BLOCK];
    vi where[VEC_BLOCK];
    VEC_UNROLL
    for (int u = 0; u < count; u++) {
        diff[u] = vf_load_n(diff_dst + u * VF_LANES, n);
        where[u] = vi_load_u8_n(argmax + u * VF_LANES, n);
    }
    for (int h = y.lo; h < y.hi; h++) {
        float *at = diff_src + ((ptrdiff_t)h * p->iw + x.lo) * p->c;
        const int r = h - y.origin;
        for (int w = x.lo; w < x.hi; w++, at += p->c) {
            const int s = w - x.origin;
            const vi tap = vi_set1(r < p->kh && s < p->kw ? (uint32_t)(r * p->kw + s) : VEC_NO_TAP);
            VEC_UNROLL
            for (int u = 0; u < count; u++)
                vf_store_n(at + u * VF_LANES, vf_keep(vi_eq(where[u], tap), diff[u]), n);
        }
    }
}

VEC_INLINE void vec_maxpool_bwd_owned(const lw_maxpool_bwd_args *args, const lw_team *team)
{
    const lw_pool_shape p = args->shape;
    const ptrdiff_t c = p.c;
    const vec_range share = vec_share(team, (ptrdiff_t)p.mb * p.oh, 1);
    for (ptrdiff_t line = share.lo; line < share.hi; line++) {
        const vec_owned y = vec_owned_by((int)(line % p.oh), p.oh, p.sh, p.ph, p.ih);
        float *diff_src = args->diff_src + line / p.oh * p.ih * p.iw * c;
        for (int i = 0; i < p.ow; i++) {
            const vec_owned x = vec_owned_by(i, p.ow, p.sw, p.pw, p.iw);
            const float *diff_dst = args->diff_dst + (line * p.ow + i) * c;
            const uint8_t *argmax = args->argmax + (line * p.ow + i) * c;
            ptrdiff_t j = 0;
            for (; j + VEC_BLOCK * VF_LANES <= c; j += VEC_BLOCK * VF_LANES)
                vec_maxpool_own(&p, y, x, diff_dst + j, argmax + j, diff_src + j, VEC_BLOCK, VF_LANES);
            for (; j < c; j += VF_LANES)
                vec_maxpool_own(&p, y, x, diff_dst + j, argmax + j, diff_src + j, 1, vec_left(c, j));
        }
    }
}

/* ---------------------------------------------------------------- gathered */

/* The windows that cover one position: their first channel in diff_dst, and the tap that covers it. */
typedef struct vec_covering {
    int count;
    ptrdiff_t at[256];
    uint32_t tap[256];
} vec_covering;

VEC_INLINE void vec_maxpool_gather(const lw_maxpool_bwd_args *args, const vec_covering *from, float *diff_src,
                                   ptrdiff_t channel, const int count, int n)
{
    vf sum[VEC_BLOCK];
    VEC_UNROLL
    for (int u = 0; u < count; u++) sum[u] = vf_zero();
    for (int i = 0; i < from->count; i++) {
        const ptrdiff_t at = from->at[i] + channel;
        const vi tap = vi_set1(from->tap[i]);
        VEC_UNROLL
        for (int u = 0; u < count; u++) {
            const vm mine = vi_eq(vi_load_u8_n(args->argmax + at + u * VF_LANES, n), tap);
            sum[u] = vf_add(sum[u], vf_keep(mine, vf_load_n(args->diff_dst + at + u * VF_LANES, n)));
        }
    }
    VEC_UNROLL
    for (int u = 0; u < count; u++) vf_store_n(diff_src + channel + u * VF_LANES, sum[u], n);
}

VEC_INLINE void vec_maxpool_bwd_gathered(const lw_maxpool_bwd_args *args, const lw_team *team)
{
    const lw_pool_shape p = args->shape;
    const ptrdiff_t c = p.c;
    const vec_range share = vec_share(team, (ptrdiff_t)p.mb * p.ih, 1);
    for (ptrdiff_t line = share.lo; line < share.hi; line++) {
        const int h = (int)(line % p.ih);
        int y_lo = 0, y_hi = 0, x_lo = 0, x_hi = 0;
        vec_windows_covering(h, p.kh, p.sh, p.ph, p.oh, &y_lo, &y_hi);
        for (int w = 0; w < p.iw; w++) {
            vec_windows_covering(w, p.kw, p.sw, p.pw, p.ow, &x_lo, &x_hi);
            vec_covering from;
            from.count = 0;
            for (int y = y_lo; y < y_hi; y++)
                for (int x = x_lo; x < x_hi; x++) {
                    from.at[from.count] = ((line / p.ih * p.oh + y) * p.ow + x) * c;
                    from.tap[from.count++] = (uint32_t)((h + p.ph - y * p.sh) * p.kw + (w + p.pw - x * p.sw));
                }
            float *diff_src = args->diff_src + (line * p.iw + w) * c;
            ptrdiff_t j = 0;
            for (; j + VEC_BLOCK * VF_LANES <= c; j += VEC_BLOCK * VF_LANES)
                vec_maxpool_gather(args, &from, diff_src, j, VEC_BLOCK, VF_LANES);
            for (; j < c; j += VF_LANES) vec_maxpool_gather(args, &from, diff_src, j, 1, vec_left(c, j));
        }
    }
}

/* ---------------------------------------------------------------- scattered */

VEC_INLINE void vec_maxpool_bwd_scattered(const lw_maxpool_bwd_args *args, const lw_team *team)
{
    const lw_pool_shape p = args->shape;
    const ptrdiff_t c = p.c, image = (ptrdiff_t)p.ih * p.iw * c, windows = (ptrdiff_t)p.oh * p.ow;
    const vec_range share = vec_share(team, p.mb, 1);
    ptrdiff_t offset_of_tap[256]; /* from tap 0, and without a division per element */
    for (int tap = 0; tap < p.kh * p.kw; tap++)
        offset_of_tap[tap] = ((ptrdiff_t)(tap / p.kw) * p.iw + tap % p.kw) * c;
    for (ptrdiff_t n = share.lo; n < share.hi; n++) {
        float *diff_src = args->diff_src + n * image;
        const float *diff_dst = args->diff_dst + n * windows * c;
        const uint8_t *argmax = args->argmax + n * windows * c;
        memset(diff_src, 0, (size_t)image * sizeof *diff_src);
        for (ptrdiff_t y = 0; y < p.oh; y++)
            for (ptrdiff_t x = 0; x < p.ow; x++) {
                const ptrdiff_t origin = ((y * p.sh - p.ph) * p.iw + x * p.sw - p.pw) * c;
                for (ptrdiff_t j = 0; j < c; j++)
                    diff_src[origin + offset_of_tap[*argmax++] + j] += *diff_dst++;
            }
    }
}

/* ---------------------------------------------------------------- */

VEC_INLINE void vec_maxpool_bwd(lw_maxpool_bwd_args args, const lw_team *team)
{
    const lw_pool_shape *p = &args.shape;
    assert(p->kh * p->kw <= 256);
    if (p->c < VF_LANES)
        vec_maxpool_bwd_scattered(&args, team);
    else if (p->sh >= p->kh && p->sw >= p->kw)
        vec_maxpool_bwd_owned(&args, team);
    else
        vec_maxpool_bwd_gathered(&args, team);
}

#endif
