/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pack_transposed.c: rows to k-major panels by 8 x 8 transposes in registers (8 loads, 24 shuffles, 8 stores),
 * instead of 64 scalar moves.
 */
#include "kernels/avx2/tile_6x16.h"

#include <assert.h>
#include <immintrin.h>

/* Left rolled, the loops would keep v in memory. */
#ifdef __clang__
#    define UNROLL _Pragma("clang loop unroll(full)")
#else
#    define UNROLL _Pragma("GCC unroll 8")
#endif

#define INLINE static inline __attribute__((always_inline))

INLINE void transpose_8x8(__m256 v[8])
{
    __m256 pairs[8], quads[8];
    UNROLL
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm256_unpacklo_ps(v[i], v[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(v[i], v[i + 1]);
    }
    UNROLL
    for (int i = 0; i < 8; i += 4) {
        quads[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
        quads[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xee);
        quads[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
        quads[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xee);
    }
    UNROLL
    for (int i = 0; i < 4; i++) {
        v[i] = _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x20);
        v[i + 4] = _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x31);
    }
}

/* lanes is 8 or 6. */
INLINE void store_lanes(float *dst, __m256 v, const int lanes)
{
    if (lanes == 8) {
        _mm256_storeu_ps(dst, v);
        return;
    }
    _mm_storeu_ps(dst, _mm256_castps256_ps128(v));
    _mm_storel_pi((__m64 *)(void *)(dst + 4), _mm256_extractf128_ps(v, 1));
}

/* Steps [0, left) of `lanes` columns of the panel, from `rows` rows; left == 8 costs no masks. */
INLINE void pack_block(float *dst, const float *src, ptrdiff_t ld, const int left, int rows, const int width, const int lanes)
{
    const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(left), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    __m256 v[8];
    UNROLL
    for (int r = 0; r < 8; r++) {
        v[r] = _mm256_setzero_ps();
        if (r < rows) v[r] = left == 8 ? _mm256_loadu_ps(src + r * ld) : _mm256_maskload_ps(src + r * ld, mask);
    }
    transpose_8x8(v);
    UNROLL
    for (int u = 0; u < 8; u++)
        if (u < left) store_lanes(dst + u * width, v[u], lanes);
}

/* `lanes` columns of the panel from `rows` <= 8 rows of src. */
INLINE void pack_columns(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, const int width, const int lanes)
{
    ptrdiff_t p = 0;
    for (; p + 8 <= k; p += 8) pack_block(dst + p * width, src + p, ld, 8, rows, width, lanes);
    if (p < k) pack_block(dst + p * width, src + p, ld, (int)(k - p), rows, width, lanes);
}

/* Whole panels, the usual ones, have a constant number of rows. */
static void pack_16(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows)
{
    for (int first = 0; first < 16; first += 8, rows -= 8) {
        if (rows >= 8)
            pack_columns(dst + first, src + first * ld, ld, k, 8, 16, 8);
        else
            pack_columns(dst + first, src + first * ld, ld, k, rows, 16, 8);
    }
}

static void pack_6(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows)
{
    if (rows == 6)
        pack_columns(dst, src, ld, k, 6, 6, 6);
    else
        pack_columns(dst, src, ld, k, rows, 6, 6);
}

void lw_pack_transposed_avx2(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    assert(width == 6 || width == 16);
    if (width == 16)
        pack_16(dst, src, ld, k, rows);
    else
        pack_6(dst, src, ld, k, rows);
}
