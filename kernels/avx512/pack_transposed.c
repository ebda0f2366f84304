/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pack_transposed.c: rows to k-major panels, eight rows by sixteen k at a time: 8 loads, 24 shuffles, 16 stores
 * of 8 floats. Eight rows and not sixteen because that is the height of a panel of A; a panel of B is several.
 */
#include "kernels/avx512/tile_8x32.h"

#include <assert.h>
#include <immintrin.h>

/* Eight rows of 16 k to v[j] = { k j | k 4 + j }, v[4 + j] = { k 8 + j | k 12 + j } of eight rows each. */
static inline void transpose_8x16(__m512 v[8])
{
    /* Inside 128-bit lanes: lane q of quads[4g + j] becomes k = 4q + j of rows 4g .. 4g + 3. */
    __m512 pairs[8], quads[8];
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm512_unpacklo_ps(v[i], v[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_ps(v[i], v[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        quads[i] = _mm512_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
        quads[i + 1] = _mm512_shuffle_ps(pairs[i], pairs[i + 2], 0xee);
        quads[i + 2] = _mm512_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
        quads[i + 3] = _mm512_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xee);
    }
    /* Lanes (0, 0) and (1, 1) of two, or (2, 2) and (3, 3). */
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), high = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    for (int j = 0; j < 4; j++) {
        const __m512d top = _mm512_castps_pd(quads[j]), bottom = _mm512_castps_pd(quads[4 + j]);
        v[j] = _mm512_castpd_ps(_mm512_permutex2var_pd(top, low, bottom));      /* k = j, 4 + j */
        v[4 + j] = _mm512_castpd_ps(_mm512_permutex2var_pd(top, high, bottom)); /* k = 8 + j, 12 + j */
    }
}

/* Columns [0, 8) of the panel from `rows` <= 8 rows of src. */
static void pack_columns(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    for (ptrdiff_t p = 0; p < k; p += 16) {
        const int left = k - p < 16 ? (int)(k - p) : 16;
        const __mmask16 mask = (__mmask16)(0xffffu >> (16 - left));
        __m512 v[8];
        for (int r = 0; r < 8; r++) v[r] = r < rows ? _mm512_maskz_loadu_ps(mask, src + r * ld + p) : _mm512_setzero_ps();
        transpose_8x16(v);
        for (int u = 0; u < left; u++) {
            const __m512 two = v[u / 8 * 4 + u % 4];
            _mm256_storeu_ps(dst + (p + u) * width,
                             u % 8 < 4 ? _mm512_castps512_ps256(two) : _mm512_extractf32x8_ps(two, 1));
        }
    }
}

void lw_pack_transposed_avx512(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width)
{
    assert(width % 8 == 0);
    for (int first = 0; first < width; first += 8) {
        const int inside = rows - first < 0 ? 0 : rows - first > 8 ? 8 : rows - first;
        pack_columns(dst + first, src + first * ld, ld, k, inside, width);
    }
}
