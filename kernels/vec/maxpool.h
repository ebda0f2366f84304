/* SPDX-License-Identifier: BSD-3-Clause
 *
 * maxpool.h: max-pooling over vec.h, channels in lanes.
 * Forward: maximum and argmax of a block of channels stay in registers over the whole window. Backward is in
 * maxpool_bwd.h.
 */
#ifndef LW_VEC_MAXPOOL_H
#define LW_VEC_MAXPOOL_H

#include "kernels/vec/window.h"

#include <assert.h>

/* `count` vectors of channels of one window, each n lanes wide; tap (0, 0) is at src[origin], which may lie
 * in the padding. */
VEC_INLINE void vec_maxpool_window(const lw_pool_shape *p, const vec_taps *taps, const float *src,
                                   ptrdiff_t origin, float *dst, uint8_t *argmax, const int count, int n)
{
    const ptrdiff_t row = (ptrdiff_t)p->iw * p->c, column = p->c;
    const float *first = src + (origin + taps->r_lo * row + taps->s_lo * column);
    vf best[VEC_BLOCK];
    vi where[VEC_BLOCK];
    VEC_UNROLL
    for (int u = 0; u < count; u++) {
        best[u] = vf_load_n(first + u * VF_LANES, n);
        where[u] = vi_set1((uint32_t)(taps->r_lo * p->kw + taps->s_lo));
    }
    int s = taps->s_lo + 1;
    for (int r = taps->r_lo; r < taps->r_hi; r++, s = taps->s_lo)
        for (; s < taps->s_hi; s++) {
            const float *at = src + (origin + r * row + s * column);
            const vi tap = vi_set1((uint32_t)(r * p->kw + s));
            VEC_UNROLL
            for (int u = 0; u < count; u++) {
                const vf x = vf_load_n(at + u * VF_LANES, n);
                /* x > best, or x is the first NaN */
                const vm beats = vm_and(vf_not_le(x, best[u]), vf_not_nan(best[u]));
                best[u] = vf_select(beats, x, best[u]);
                where[u] = vi_select(beats, tap, where[u]);
            }
        }
    VEC_UNROLL
    for (int u = 0; u < count; u++) vf_store_n(dst + u * VF_LANES, best[u], n);
    if (count == VEC_BLOCK)
        vi_store_u8_block(argmax, where);
    else
        vi_store_u8_n(argmax, where[0], n);
}

VEC_INLINE void vec_maxpool_fwd(lw_maxpool_fwd_args args, const lw_team *team)
{
    const lw_pool_shape p = args.shape;
    assert(p.kh * p.kw <= 256);
    const ptrdiff_t c = p.c;
    const vec_range share = vec_share(team, (ptrdiff_t)p.mb * p.oh, 1);
    for (ptrdiff_t line = share.lo; line < share.hi; line++) {
        const ptrdiff_t image = line / p.oh;
        const int h = (int)(line % p.oh) * p.sh - p.ph;
        vec_taps taps = {.r_lo = vec_clip(-h, 0, p.kh), .r_hi = vec_clip(p.ih - h, 0, p.kh)};
        for (int x = 0; x < p.ow; x++) {
            const int w = x * p.sw - p.pw;
            taps.s_lo = vec_clip(-w, 0, p.kw);
            taps.s_hi = vec_clip(p.iw - w, 0, p.kw);
            const float *src = args.src + image * p.ih * p.iw * c;
            const ptrdiff_t origin = ((ptrdiff_t)h * p.iw + w) * c;
            float *dst = args.dst + (line * p.ow + x) * c;
            uint8_t *argmax = args.argmax + (line * p.ow + x) * c;
            ptrdiff_t i = 0;
            for (; i + VEC_BLOCK * VF_LANES <= c; i += VEC_BLOCK * VF_LANES)
                vec_maxpool_window(&p, &taps, src, origin + i, dst + i, argmax + i, VEC_BLOCK, VF_LANES);
            for (; i < c; i += VF_LANES)
                vec_maxpool_window(&p, &taps, src, origin + i, dst + i, argmax + i, 1, vec_left(c, i));
        }
    }
}

#endif
