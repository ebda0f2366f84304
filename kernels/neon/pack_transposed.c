/* SPDX-License-Identifier: BSD-3-Clause
 * pack_transposed.c: rows to k-major panels by 4 x 4 transposes in registers. */
#include "kernels/neon/tile_8x12.h"

#include <arm_neon.h>
#include <assert.h>

/* Left rolled, the loops would keep v in memory. */
#ifdef __clang__
#    define UNROLL _Pragma("clang loop unroll(full)")
#else
#    define UNROLL _Pragma("GCC unroll 4")
#endif

#define INLINE static inline __attribute__((always_inline))

INLINE void transpose_4x4(float32x4_t v[4])
{
    const float32x4x2_t a = vtrnq_f32(v[0], v[1]), b = vtrnq_f32(v[2], v[3]);
    v[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
    v[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
    v[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
    v[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
}

/* Four columns of the panel from `rows` <= 4 rows of src. */
INLINE void pack_columns(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    ptrdiff_t p = 0;
    for (; p + 4 <= k; p += 4) {
        float32x4_t v[4];
        UNROLL
        for (int r = 0; r < 4; r++) v[r] = r < rows ? vld1q_f32(src + r * ld + p) : vdupq_n_f32(0.0f);
        transpose_4x4(v);
        UNROLL
        for (int u = 0; u < 4; u++) vst1q_f32(dst + (p + u) * width, v[u]);
    }
    for (; p < k; p++)
        for (int r = 0; r < 4; r++) dst[p * width + r] = r < rows ? src[r * ld + p] : 0.0f;
}

void lw_pack_transposed_neon(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    assert(width % 4 == 0);
    for (int first = 0; first < width; first += 4, rows -= 4) {
        if (rows >= 4) /* as a rule, and then a constant */
            pack_columns(dst + first, src + first * ld, ld, k, 4, width);
        else
            pack_columns(dst + first, src + first * ld, ld, k, rows, width);
    }
}
