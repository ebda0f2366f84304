/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pack_transposed.c: rows to k-major panels, four steps of eight rows at a time. Rows four apart are joined as they are
 * loaded, by any port, which leaves 8 shuffles to 4 stores; by 8 x 8 in registers it would be 24 to 8.
 */
#include "kernels/avx2/tile_6x16.h"
#include "kernels/vec/vec.h"

#include <assert.h>

/* Four steps of 8 rows: v[i] has row i below and row i + 4 above; after it, step i of rows 0 to 7. */
VEC_INLINE void transpose_4(__m256 v[4])
{
    const __m256 a = _mm256_unpacklo_ps(v[0], v[1]), b = _mm256_unpackhi_ps(v[0], v[1]);
    const __m256 c = _mm256_unpacklo_ps(v[2], v[3]), d = _mm256_unpackhi_ps(v[2], v[3]);
    v[0] = _mm256_shuffle_ps(a, c, 0x44);
    v[1] = _mm256_shuffle_ps(a, c, 0xee);
    v[2] = _mm256_shuffle_ps(b, d, 0x44);
    v[3] = _mm256_shuffle_ps(b, d, 0xee);
}

/* Steps [0, left) of a row that may be past the last; left == 4 costs no mask. */
VEC_INLINE __m128 load_steps(const float *src, ptrdiff_t ld, int r, int rows, const int left)
{
    if (r >= rows) return _mm_setzero_ps();
    if (left == 4) return _mm_loadu_ps(src + r * ld);
    return _mm_maskload_ps(src + r * ld, _mm_cmpgt_epi32(_mm_set1_epi32(left), _mm_setr_epi32(0, 1, 2, 3)));
}

/* Steps [0, left), at most four, of `lanes` columns of the panel, from `rows` rows. */
VEC_INLINE void pack_block(float *dst, const float *src, ptrdiff_t ld, const int left, int rows, const int width, const int lanes)
{
    __m256 v[4];
    VEC_UNROLL
    for (int r = 0; r < 4; r++)
        v[r] = _mm256_insertf128_ps(_mm256_castps128_ps256(load_steps(src, ld, r, rows, left)),
                                    load_steps(src, ld, r + 4, rows, left), 1);
    transpose_4(v);
    VEC_UNROLL
    for (int u = 0; u < 4; u++)
        if (u < left) vf_store_n(dst + u * width, v[u], lanes);
}

/* `lanes` columns of the panel from `rows` <= 8 rows of src. */
VEC_INLINE void pack_columns(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, const int width, const int lanes)
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
