/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pack_transposed.c: rows to k-major panels, four steps of eight rows at a time. Rows four apart are joined as they are
 * loaded, by any port, which leaves 8 shuffles to 4 stores; by 8 x 8 in registers it would be 24 to 8.
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

/* Four steps of 8 rows: v[i] has row i below and row i + 4 above; after it, step i of rows 0 to 7. */
INLINE void transpose_4(__m256 v[4])
{
    const __m256 a = _mm256_unpacklo_ps(v[0], v[1]), b = _mm256_unpackhi_ps(v[0], v[1]);
    const __m256 c = _mm256_unpacklo_ps(v[2], v[3]), d = _mm256_unpackhi_ps(v[2], v[3]);
    v[0] = _mm256_shuffle_ps(a, c, 0x44);
    v[1] = _mm256_shuffle_ps(a, c, 0xee);
    v[2] = _mm256_shuffle_ps(b, d, 0x44);
    v[3] = _mm256_shuffle_ps(b, d, 0xee);
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

/* Steps [0, left) of a row that may be past the last; left == 4 costs no mask. */
INLINE __m128 load_steps(const float *src, ptrdiff_t ld, int r, int rows, const int left)
{
    if (r >= rows) return _mm_setzero_ps();
    if (left == 4) return _mm_loadu_ps(src + r * ld);
    return _mm_maskload_ps(src + r * ld, _mm_cmpgt_epi32(_mm_set1_epi32(left), _mm_setr_epi32(0, 1, 2, 3)));
}

/* Steps [0, left), at most four, of `lanes` columns of the panel, from `rows` rows. */
INLINE void pack_block(float *dst, const float *src, ptrdiff_t ld, const int left, int rows, const int width, const int lanes)
{
    __m256 v[4];
    UNROLL
    for (int r = 0; r < 4; r++)
        v[r] = _mm256_insertf128_ps(_mm256_castps128_ps256(load_steps(src, ld, r, rows, left)),
                                    load_steps(src, ld, r + 4, rows, left), 1);
    transpose_4(v);
    UNROLL
    for (int u = 0; u < 4; u++)
        if (u < left) store_lanes(dst + u * width, v[u], lanes);
}

/* `lanes` columns of the panel from `rows` <= 8 rows of src. */
INLINE void pack_columns(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, const int width, const int lanes)
{
    ptrdiff_t p = 0;
    for (; p + 4 <= k; p += 4) pack_block(dst + p * width, src + p, ld, 4, rows, width, lanes);
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
