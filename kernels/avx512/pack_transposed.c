/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pack_transposed.c: rows to k-major panels, eight rows by sixteen k at a time: 8 loads, 24 shuffles, 16 stores
 * of 8 floats. Eight rows and not sixteen because that is the height of a panel of A; a panel of B is several.
 */
#include "kernels/avx512/tile_8x32.h"

#include <assert.h>
#include <immintrin.h>

/* Left rolled, the loops would keep v in memory. */
#ifdef __clang__
#    define UNROLL _Pragma("clang loop unroll(full)")
#else
#    define UNROLL _Pragma("GCC unroll 16")
#endif

#define INLINE static inline __attribute__((always_inline))

/* Eight rows of 16 k to v[j] = { k j | k 4 + j }, v[4 + j] = { k 8 + j | k 12 + j } of eight rows each. */
INLINE void transpose_8x16(__m512 v[8])
{
    /* Inside 128-bit lanes: lane q of quads[4g + j] becomes k = 4q + j of rows 4g .. 4g + 3. */
    __m512 pairs[8], quads[8];
    UNROLL
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm512_unpacklo_ps(v[i], v[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_ps(v[i], v[i + 1]);
    }
    UNROLL
    for (int i = 0; i < 8; i += 4) {
        quads[i] = _mm512_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
        quads[i + 1] = _mm512_shuffle_ps(pairs[i], pairs[i + 2], 0xee);
        quads[i + 2] = _mm512_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
        quads[i + 3] = _mm512_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xee);
    }
    /* Lanes (0, 0) and (1, 1) of two, or (2, 2) and (3, 3). */
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), high = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    UNROLL
    for (int j = 0; j < 4; j++) {
        const __m512d top = _mm512_castps_pd(quads[j]), bottom = _mm512_castps_pd(quads[4 + j]);
        v[j] = _mm512_castpd_ps(_mm512_permutex2var_pd(top, low, bottom));      /* k = j, 4 + j */
        v[4 + j] = _mm512_castpd_ps(_mm512_permutex2var_pd(top, high, bottom)); /* k = 8 + j, 12 + j */
    }
}

/* Steps [0, left) of eight columns of the panel, from `rows` rows. */
INLINE void pack_block(float *dst, const float *src, ptrdiff_t ld, const int left, int rows, int width)
{
    const __mmask16 mask = (__mmask16)(0xffffu >> (16 - left));
    __m512 v[8];
    UNROLL
    for (int r = 0; r < 8; r++) {
        v[r] = _mm512_setzero_ps();
        if (r < rows) v[r] = left == 16 ? _mm512_loadu_ps(src + r * ld) : _mm512_maskz_loadu_ps(mask, src + r * ld);
    }
    transpose_8x16(v);
    UNROLL
    for (int u = 0; u < 16; u++) {
        const __m512 two = v[u / 8 * 4 + u % 4];
        if (u < left)
            _mm256_storeu_ps(dst + u * width, u % 8 < 4 ? _mm512_castps512_ps256(two) : _mm512_extractf32x8_ps(two, 1));
    }
}

/* Eight columns of the panel from `rows` <= 8 rows of src. */
INLINE void pack_columns(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    ptrdiff_t p = 0;
    for (; p + 16 <= k; p += 16) pack_block(dst + p * width, src + p, ld, 16, rows, width);
    if (p < k) pack_block(dst + p * width, src + p, ld, (int)(k - p), rows, width);
}

void lw_pack_transposed_avx512(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    assert(width % 8 == 0);
    for (int first = 0; first < width; first += 8, rows -= 8) {
        if (rows >= 8) /* as a rule, and then a constant */
            pack_columns(dst + first, src + first * ld, ld, k, 8, width);
        else
            pack_columns(dst + first, src + first * ld, ld, k, rows, width);
    }
}
