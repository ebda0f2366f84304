/* SPDX-License-Identifier: BSD-3-Clause
 *
 * vec.h: the small vector that element-wise code is written over. The headers of this folder named after ops
 * hold such code; an ISA's folder includes them and gets its kernels. The vector itself comes from the
 * vec_<isa>.h that the compile flags of the including file ask for; a new ISA writes that header and no op.
 *
 *   VF_LANES            floats per vector
 *   vf, vi, vm          floats, 32-bit integers, a mask of lanes
 *   *_n(p, n)           the first n lanes, 0 <= n <= VF_LANES; touches nothing past them, lanes past n are 0.
 *                       A constant n == VF_LANES costs nothing extra.
 *   vf_max(a, b)        a > b ? a : b, so b where either is NaN and where both are zero
 *   vf_min(a, b)        a < b ? a : b, likewise
 *   vf_sum, vf_maximum  over the lanes, in a fixed order
 *   vf_sum_8(dst, v)    dst[i] = the sum over the lanes of v[i], i < 8, in a fixed order: cheaper than vf_sum of each
 *
 * An op takes its arguments by value: vector stores may alias anything, and pointers behind a pointer would
 * be loaded again after each of them.
 */
#ifndef LW_VEC_H
#define LW_VEC_H

#include "kernels/kernels.h"

#define VEC_INLINE static inline __attribute__((always_inline))

/* Loops over a constant number of vectors must become straight code, or the vectors live in memory. Others must stay
 * loops, or the vectors of several turns want registers at once. */
#ifdef __clang__
#    define VEC_UNROLL _Pragma("clang loop unroll(full)")
#    define VEC_KEEP_LOOP _Pragma("clang loop unroll(disable)")
#else
#    define VEC_UNROLL _Pragma("GCC unroll 16")
#    define VEC_KEEP_LOOP _Pragma("GCC unroll 1")
#endif

enum { VEC_BLOCK = 4 }; /* vectors per turn of an element-wise loop; covers the latency of its arithmetic */

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#    include "kernels/vec/vec_avx512.h"
#elif defined(__AVX2__) && defined(__FMA__)
#    include "kernels/vec/vec_avx2.h"
#elif defined(__ARM_NEON) && defined(__aarch64__)
#    include "kernels/vec/vec_neon.h"
#else
#    error "no vec_<isa>.h for these compile flags"
#endif

/* lw_team_share by value: a bound whose address has been given away would be stored and loaded again around
 * every vector store, and that breaks up the runs of stores to one line that the store buffer merges. */
typedef struct vec_range {
    ptrdiff_t lo, hi;
} vec_range;

VEC_INLINE vec_range vec_share(const lw_team *team, ptrdiff_t n, ptrdiff_t grain)
{
    vec_range range;
    lw_team_share(team, n, grain, &range.lo, &range.hi);
    return (vec_range){range.lo, range.hi};
}

/* Streams that do not fit a core's L2 come from L3 or memory. The prefetchers of the hardware follow several streams
 * into L2 but too late for full bandwidth; asking for the lines a KiB ahead gains a fifth there (relu_bwd on 6 MB),
 * and costs a twentieth where they are in L2 already. */
enum { VEC_L2 = 1 << 20 /* bytes */, VEC_AHEAD = 256 /* floats */ };

/* Whether a share of so many arrays of floats is such a stream. */
VEC_INLINE bool vec_is_far(vec_range share, int arrays)
{
    return arrays * (share.hi - share.lo) * (ptrdiff_t)sizeof(float) > VEC_L2;
}

/* The block at p, later. */
VEC_INLINE void vec_prefetch_block(const float *p)
{
    enum { LINE = 16 };
    VEC_UNROLL
    for (int i = 0; i < VEC_BLOCK * VF_LANES; i += LINE) __builtin_prefetch(p + VEC_AHEAD + i);
}

/* Loads of a block go before all of its stores: a load that comes soon after a store to the same offset of
 * some other page waits for it. */
VEC_INLINE void vf_store_block(float *p, const vf a[VEC_BLOCK])
{
    VEC_UNROLL
    for (int u = 0; u < VEC_BLOCK; u++) vf_store(p + u * VF_LANES, a[u]);
}

/* Lanes of a vector at i that lie before `end`. */
VEC_INLINE int vec_left(ptrdiff_t end, ptrdiff_t i)
{
    return end - i < VF_LANES ? (int)(end - i) : VF_LANES;
}

#endif
