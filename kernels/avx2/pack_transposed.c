/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pack_transposed.c: rows to k-major panels by 8 x 8 transposes in registers (8 loads, 24 shuffles, 8 stores),
 * instead of 64 scalar moves.
 */
#include "kernels/avx2/tile_6x16.h"

#include <assert.h>
#include <immintrin.h>

static inline void transpose_8x8(__m256 v[8])
{
    __m256 pairs[8], quads[8];
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm256_unpacklo_ps(v[i], v[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(v[i], v[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        quads[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
        quads[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xee);
        quads[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
        quads[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        v[i] = _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x20);
        v[i + 4] = _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x31);
    }
}

/* lanes is 8 or 6. */
static inline void store_lanes(float *dst, __m256 v, int lanes)
{
    if (lanes == 8) {
        _mm256_storeu_ps(dst, v);
        return;
    }
    _mm_storeu_ps(dst, _mm256_castps256_ps128(v));
    _mm_storel_pi((__m64 *)(void *)(dst + 4), _mm256_extractf128_ps(v, 1));
}

/* Columns [0, lanes) of the panel from `rows` <= 8 rows of src. */
static void pack_columns(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width, int lanes)
{
    const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (ptrdiff_t p = 0; p < k; p += 8) {
        const int left = k - p < 8 ? (int)(k - p) : 8;
        const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(left), index);
        __m256 v[8];
        for (int r = 0; r < 8; r++) {
            v[r] = _mm256_setzero_ps();
            if (r < rows) v[r] = left == 8 ? _mm256_loadu_ps(src + r * ld + p) : _mm256_maskload_ps(src + r * ld + p, mask);
        }
        transpose_8x8(v);
        for (int u = 0; u < left; u++) store_lanes(dst + (p + u) * width, v[u], lanes);
    }
}

void lw_pack_transposed_avx2(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    assert(width == 6 || width == 16);
    for (int first = 0; first < width; first += 8) {
        const int inside = rows - first < 0 ? 0 : rows - first > 8 ? 8 : rows - first;
        pack_columns(dst + first, src + first * ld, ld, k, inside, width, width == 6 ? 6 : 8);
    }
}
