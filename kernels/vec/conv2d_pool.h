/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_pool.h: what the two gradients of a convolution under a max-pool share, over vec.h.
 * A gradient that is not zero meets one window of src: kh runs of kw x ic consecutive floats. Twelve vectors of such
 * a run are kept in registers while the gradients that meet it, or that it meets, pass by: per gradient one
 * broadcast and twelve FMAs with an operand in memory, as dense as a register tile and a quarter of the work.
 */
#ifndef LW_VEC_CONV2D_POOL_H
#define LW_VEC_CONV2D_POOL_H

#include "kernels/conv2d_pool.h"
#include "kernels/vec/vec.h"

enum {
    VEC_RUN = 12,          /* accumulators: more than cover the latency of an FMA on two ports */
    VEC_POOL_CHANNELS = 64 /* looked at together: as many as a mask has bits */
};

/* Offsets into src, in floats; a window's offset may be negative where it begins in the padding. */
typedef struct vec_pool_geometry {
    ptrdiff_t row, run;    /* a row of src; floats of a filter row */
    ptrdiff_t of_tap[256]; /* from the window of a pool window's first tap to that of another */
} vec_pool_geometry;

VEC_INLINE void vec_pool_geometry_of(const lw_conv2d_pool_shape *s, vec_pool_geometry *g)
{
    g->row = (ptrdiff_t)s->conv.iw * s->conv.ic;
    g->run = (ptrdiff_t)s->conv.kw * s->conv.ic;
    for (int tap = 0; tap < s->pool.kh * s->pool.kw; tap++)
        g->of_tap[tap] = tap / s->pool.kw * s->conv.sh * g->row + (ptrdiff_t)(tap % s->pool.kw) * s->conv.sw * s->conv.ic;
}

VEC_INLINE ptrdiff_t vec_pool_offset(const lw_conv2d_pool_shape *s, const vec_pool_geometry *g, int oy, int ox)
{
    const lw_conv2d_window w = lw_conv2d_pool_window(s, oy, ox, 0);
    return w.y * g->row + (ptrdiff_t)w.x * s->conv.ic;
}

/* Whether the windows of all taps of pool window (oy, ox) lie wholly inside src. */
VEC_INLINE bool vec_pool_whole(const lw_conv2d_pool_shape *s, int oy, int ox)
{
    const lw_conv2d_window first = lw_conv2d_pool_window(s, oy, ox, 0),
                           last = lw_conv2d_pool_window(s, oy, ox, s->pool.kh * s->pool.kw - 1);
    return first.y >= 0 && first.x >= 0 && last.y + s->conv.kh <= s->conv.ih && last.x + s->conv.kw <= s->conv.iw;
}

/* The gradients of up to VEC_POOL_CHANNELS channels of a window into g, zero where the ReLU was off. Returns a mask of
 * those that are not zero: half of them are, at random, so a branch for each would miss half the time. */
VEC_INLINE uint64_t vec_pool_gradients(const float *diff_dst, const float *dst, int channels, float *g)
{
    uint64_t alive = 0;
    for (int c = 0; c < channels; c += VF_LANES) {
        const int n = vec_left(channels, c);
        vf x = vf_load_n(diff_dst + c, n);
        if (dst) x = vf_clear(vf_le(vf_load_n(dst + c, n), vf_zero()), x);
        vf_store_n(g + c, x, n);
        alive |= vm_bits(vf_not_zero(x)) << c; /* lanes past n are zero */
    }
    return alive;
}

/* sum[0 .. count vectors) += g[e] * operand[offset[e] ..] over the entries, in order; the last vector n lanes wide. */
VEC_INLINE void vec_run_block(float *sum, const float *operand, const ptrdiff_t *offset, const float *g, ptrdiff_t entries,
                              const int count, int n)
{
    vf acc[VEC_RUN];
    VEC_UNROLL
    for (int u = 0; u < count; u++) acc[u] = vf_load_n(sum + u * VF_LANES, u == count - 1 ? n : VF_LANES);
    for (ptrdiff_t e = 0; e < entries; e++) {
        const vf factor = vf_set1(g[e]);
        const float *x = operand + offset[e];
        VEC_UNROLL
        for (int u = 0; u < count; u++)
            acc[u] = vf_fma(factor, vf_load_n(x + u * VF_LANES, u == count - 1 ? n : VF_LANES), acc[u]);
    }
    VEC_UNROLL
    for (int u = 0; u < count; u++) vf_store_n(sum + u * VF_LANES, acc[u], u == count - 1 ? n : VF_LANES);
}

/* A number of whole vectors, each its own straight loop. */
VEC_INLINE void vec_run_vectors(float *sum, const float *operand, const ptrdiff_t *offset, const float *g,
                                ptrdiff_t entries, ptrdiff_t vectors)
{
    switch (vectors) {
    case 12: vec_run_block(sum, operand, offset, g, entries, 12, VF_LANES); break;
    case 11: vec_run_block(sum, operand, offset, g, entries, 11, VF_LANES); break;
    case 10: vec_run_block(sum, operand, offset, g, entries, 10, VF_LANES); break;
    case 9: vec_run_block(sum, operand, offset, g, entries, 9, VF_LANES); break;
    case 8: vec_run_block(sum, operand, offset, g, entries, 8, VF_LANES); break;
    case 7: vec_run_block(sum, operand, offset, g, entries, 7, VF_LANES); break;
    case 6: vec_run_block(sum, operand, offset, g, entries, 6, VF_LANES); break;
    case 5: vec_run_block(sum, operand, offset, g, entries, 5, VF_LANES); break;
    case 4: vec_run_block(sum, operand, offset, g, entries, 4, VF_LANES); break;
    case 3: vec_run_block(sum, operand, offset, g, entries, 3, VF_LANES); break;
    case 2: vec_run_block(sum, operand, offset, g, entries, 2, VF_LANES); break;
    case 1: vec_run_block(sum, operand, offset, g, entries, 1, VF_LANES); break;
    default: break;
    }
}

/* sum[0 .. length) += g[e] * operand[offset[e] ..] over the entries, in order. Not inlined: its
 * callers are many. Unused where only the geometry is wanted. */
static __attribute__((noinline, unused)) void vec_run(float *sum, ptrdiff_t length, const float *operand,
                                                      const ptrdiff_t *offset, const float *g, ptrdiff_t entries)
{
    if (entries == 0) return;
    for (; length >= VEC_RUN * VF_LANES; length -= VEC_RUN * VF_LANES, sum += VEC_RUN * VF_LANES, operand += VEC_RUN * VF_LANES)
        vec_run_block(sum, operand, offset, g, entries, VEC_RUN, VF_LANES);
    const ptrdiff_t whole = length / VF_LANES * VF_LANES;
    vec_run_vectors(sum, operand, offset, g, entries, length / VF_LANES);
    if (length > whole) vec_run_block(sum + whole, operand + whole, offset, g, entries, 1, (int)(length - whole));
}

#endif
