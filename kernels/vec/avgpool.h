/* SPDX-License-Identifier: BSD-3-Clause
 *
 * avgpool.h: average pooling over vec.h, channels in lanes. A block of channels stays in registers, and memory is the
 * limit: forward reads each tap of a window. Backward goes two ways, by shape alone:
 *   owned     windows that do not overlap: src is divided among them, gaps included, and each writes its part whole;
 *   gathered  windows that overlap: each position of src adds up its share of those over it.
 * Multiplying by 1/n instead of dividing by n costs a rounding that the bound allows.
 */
#ifndef LW_VEC_AVGPOOL_H
#define LW_VEC_AVGPOOL_H

#include "kernels/vec/window.h"

#include <assert.h>

/* ---------------------------------------------------------------- forward */

/* `count` vectors of channels of one window, each n lanes wide; src is at its tap (0, 0), perhaps in the padding. */
VEC_INLINE void vec_avgpool_window(const lw_pool_shape *p, const vec_taps *taps, const float *src, ptrdiff_t origin,
                                   float scale, float *dst, const int count, int n)
{
    const ptrdiff_t row = (ptrdiff_t)p->iw * p->c, column = p->c;
    vf sum[VEC_BLOCK];
    VEC_UNROLL
    for (int u = 0; u < count; u++) sum[u] = vf_zero();
    for (int r = taps->r_lo; r < taps->r_hi; r++)
        for (int s = taps->s_lo; s < taps->s_hi; s++) {
            const float *at = src + (origin + r * row + s * column);
            VEC_UNROLL
            for (int u = 0; u < count; u++) sum[u] = vf_add(sum[u], vf_load_n(at + u * VF_LANES, n));
        }
    VEC_UNROLL
    for (int u = 0; u < count; u++) vf_store_n(dst + u * VF_LANES, vf_mul(sum[u], vf_set1(scale)), n);
}

VEC_INLINE void vec_avgpool_fwd(lw_avgpool_fwd_args args, const lw_team *team)
{
    const lw_pool_shape p = args.shape;
    const ptrdiff_t c = p.c;
    const vec_range share = vec_share(team, (ptrdiff_t)p.mb * p.oh, 1);
    for (ptrdiff_t line = share.lo; line < share.hi; line++) {
        const int h = (int)(line % p.oh) * p.sh - p.ph;
        vec_taps taps = {.r_lo = vec_clip(-h, 0, p.kh), .r_hi = vec_clip(p.ih - h, 0, p.kh)};
        const float *src = args.src + line / p.oh * p.ih * p.iw * c;
        for (int x = 0; x < p.ow; x++) {
            const int w = x * p.sw - p.pw;
            taps.s_lo = vec_clip(-w, 0, p.kw);
            taps.s_hi = vec_clip(p.iw - w, 0, p.kw);
            const float scale = 1.0f / (float)((taps.r_hi - taps.r_lo) * (taps.s_hi - taps.s_lo));
            const ptrdiff_t origin = ((ptrdiff_t)h * p.iw + w) * c;
            float *dst = args.dst + (line * p.ow + x) * c;
            ptrdiff_t i = 0;
            for (; i + VEC_BLOCK * VF_LANES <= c; i += VEC_BLOCK * VF_LANES)
                vec_avgpool_window(&p, &taps, src, origin + i, scale, dst + i, VEC_BLOCK, VF_LANES);
            for (; i < c; i += VF_LANES)
                vec_avgpool_window(&p, &taps, src, origin + i, scale, dst + i, 1, vec_left(c, i));
        }
    }
}

/* ---------------------------------------------------------------- owned */

/* `count` vectors of channels, each n lanes wide, of the part of src that window (y, x) owns. */
VEC_INLINE void vec_avgpool_own(const lw_pool_shape *p, vec_owned y, vec_owned x, const float *diff_dst, float scale,
                                float *diff_src, const int count, int n)
{
    vf share[VEC_BLOCK];
    VEC_UNROLL
    for (int u = 0; u < count; u++) share[u] = vf_mul(vf_load_n(diff_dst + u * VF_LANES, n), vf_set1(scale));
    for (int h = y.lo; h < y.hi; h++) {
        float *at = diff_src + ((ptrdiff_t)h * p->iw + x.lo) * p->c;
        for (int w = x.lo; w < x.hi; w++, at += p->c) {
            const bool covered = h - y.origin < p->kh && w - x.origin < p->kw;
            VEC_UNROLL
            for (int u = 0; u < count; u++) vf_store_n(at + u * VF_LANES, covered ? share[u] : vf_zero(), n);
        }
    }
}

VEC_INLINE void vec_avgpool_bwd_owned(const lw_avgpool_bwd_args *args, const lw_team *team)
{
    const lw_pool_shape p = args->shape;
    const ptrdiff_t c = p.c;
    const vec_range share = vec_share(team, (ptrdiff_t)p.mb * p.oh, 1);
    for (ptrdiff_t line = share.lo; line < share.hi; line++) {
        const vec_owned y = vec_owned_by((int)(line % p.oh), p.oh, p.sh, p.ph, p.ih);
        const int rows = vec_taps_inside(y.origin, p.kh, p.ih);
        float *diff_src = args->diff_src + line / p.oh * p.ih * p.iw * c;
        for (int i = 0; i < p.ow; i++) {
            const vec_owned x = vec_owned_by(i, p.ow, p.sw, p.pw, p.iw);
            const float scale = 1.0f / (float)(rows * vec_taps_inside(x.origin, p.kw, p.iw));
            const float *diff_dst = args->diff_dst + (line * p.ow + i) * c;
            ptrdiff_t j = 0;
            for (; j + VEC_BLOCK * VF_LANES <= c; j += VEC_BLOCK * VF_LANES)
                vec_avgpool_own(&p, y, x, diff_dst + j, scale, diff_src + j, VEC_BLOCK, VF_LANES);
            for (; j < c; j += VF_LANES)
                vec_avgpool_own(&p, y, x, diff_dst + j, scale, diff_src + j, 1, vec_left(c, j));
        }
    }
}

/* ---------------------------------------------------------------- gathered */

/* The windows that cover one position: their first channel in diff_dst, and the weight of the position in each. */
typedef struct vec_shares {
    int count;
    ptrdiff_t at[256];
    float scale[256];
} vec_shares;

VEC_INLINE void vec_avgpool_gather(const float *diff_dst, const vec_shares *from, float *diff_src, const int count,
                                   int n)
{
    vf sum[VEC_BLOCK];
    VEC_UNROLL
    for (int u = 0; u < count; u++) sum[u] = vf_zero();
    for (int i = 0; i < from->count; i++) {
        const float *at = diff_dst + from->at[i];
        const vf scale = vf_set1(from->scale[i]);
        VEC_UNROLL
        for (int u = 0; u < count; u++) sum[u] = vf_fma(vf_load_n(at + u * VF_LANES, n), scale, sum[u]);
    }
    VEC_UNROLL
    for (int u = 0; u < count; u++) vf_store_n(diff_src + u * VF_LANES, sum[u], n);
}

/* Windows (y, x) in the given ranges cover a position of that image. */
VEC_INLINE void vec_avgpool_shares(const lw_pool_shape *p, ptrdiff_t image, int y_lo, int y_hi, int x_lo, int x_hi,
                                   vec_shares *out)
{
    out->count = 0;
    for (int y = y_lo; y < y_hi; y++) {
        const int rows = vec_taps_inside(y * p->sh - p->ph, p->kh, p->ih);
        for (int x = x_lo; x < x_hi; x++) {
            const int cols = vec_taps_inside(x * p->sw - p->pw, p->kw, p->iw);
            out->at[out->count] = ((image * p->oh + y) * p->ow + x) * p->c;
            out->scale[out->count++] = 1.0f / (float)(rows * cols);
        }
    }
}

VEC_INLINE void vec_avgpool_bwd_gathered(const lw_avgpool_bwd_args *args, const lw_team *team)
{
    const lw_pool_shape p = args->shape;
    const ptrdiff_t c = p.c;
    const vec_range share = vec_share(team, (ptrdiff_t)p.mb * p.ih, 1);
    for (ptrdiff_t line = share.lo; line < share.hi; line++) {
        int y_lo = 0, y_hi = 0, x_lo = 0, x_hi = 0;
        vec_windows_covering((int)(line % p.ih), p.kh, p.sh, p.ph, p.oh, &y_lo, &y_hi);
        for (int w = 0; w < p.iw; w++) {
            vec_windows_covering(w, p.kw, p.sw, p.pw, p.ow, &x_lo, &x_hi);
            vec_shares from;
            vec_avgpool_shares(&p, line / p.ih, y_lo, y_hi, x_lo, x_hi, &from);
            float *diff_src = args->diff_src + (line * p.iw + w) * c;
            ptrdiff_t i = 0;
            for (; i + VEC_BLOCK * VF_LANES <= c; i += VEC_BLOCK * VF_LANES)
                vec_avgpool_gather(args->diff_dst + i, &from, diff_src + i, VEC_BLOCK, VF_LANES);
            for (; i < c; i += VF_LANES)
                vec_avgpool_gather(args->diff_dst + i, &from, diff_src + i, 1, vec_left(c, i));
        }
    }
}

/* ---------------------------------------------------------------- */

VEC_INLINE void vec_avgpool_bwd(lw_avgpool_bwd_args args, const lw_team *team)
{
    const lw_pool_shape *p = &args.shape;
    assert(p->kh * p->kw <= 256);
    if (p->sh >= p->kh && p->sw >= p->kw)
        vec_avgpool_bwd_owned(&args, team);
    else
        vec_avgpool_bwd_gathered(&args, team);
}

#endif
