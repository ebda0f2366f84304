/* SPDX-License-Identifier: BSD-3-Clause
 * vec_avx2.h: the vector of vec.h on AVX2 + FMA: eight floats in a ymm register. */
#ifndef LW_VEC_AVX2_H
#define LW_VEC_AVX2_H

#include <immintrin.h>
#include <string.h>

enum { VF_LANES = 8 };

typedef __m256 vf;
typedef __m256i vi;
typedef __m256i vm; /* all ones or all zeros in each lane */

/* ---------------------------------------------------------------- masks */

VEC_INLINE vm vm_first(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

VEC_INLINE vm vm_and(vm a, vm b)
{
    return _mm256_and_si256(a, b);
}

VEC_INLINE uint64_t vm_bits(vm m) /* bit j: lane j */
{
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(m));
}

/* ---------------------------------------------------------------- floats */

VEC_INLINE vf vf_zero(void)
{
    return _mm256_setzero_ps();
}

VEC_INLINE vf vf_set1(float x)
{
    return _mm256_set1_ps(x);
}

VEC_INLINE vf vf_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

VEC_INLINE vf vf_load_n(const float *p, int n)
{
    return n == VF_LANES ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, vm_first(n));
}

VEC_INLINE void vf_store(float *p, vf a)
{
    _mm256_storeu_ps(p, a);
}

/* In pieces, as masked stores are slow on some CPUs, which masked loads are not. */
VEC_INLINE void vf_store_n(float *p, vf a, int n)
{
    if (n == VF_LANES) {
        _mm256_storeu_ps(p, a);
        return;
    }
    __m128 rest = _mm256_castps256_ps128(a);
    if (n & 4) {
        _mm_storeu_ps(p, rest);
        rest = _mm256_extractf128_ps(a, 1);
    }
    p += n & 4;
    if (n & 2) {
        _mm_storel_pi((__m64 *)(void *)p, rest);
        rest = _mm_movehl_ps(rest, rest);
    }
    if (n & 1) _mm_store_ss(p + (n & 2), rest);
}

VEC_INLINE vf vf_add(vf a, vf b)
{
    return _mm256_add_ps(a, b);
}

VEC_INLINE vf vf_sub(vf a, vf b)
{
    return _mm256_sub_ps(a, b);
}

VEC_INLINE vf vf_mul(vf a, vf b)
{
    return _mm256_mul_ps(a, b);
}

VEC_INLINE vf vf_div(vf a, vf b)
{
    return _mm256_div_ps(a, b);
}

VEC_INLINE vf vf_sqrt(vf a)
{
    return _mm256_sqrt_ps(a);
}

VEC_INLINE vf vf_fma(vf a, vf b, vf c) /* a*b + c */
{
    return _mm256_fmadd_ps(a, b, c);
}

VEC_INLINE vf vf_fnma(vf a, vf b, vf c) /* c - a*b */
{
    return _mm256_fnmadd_ps(a, b, c);
}

VEC_INLINE vf vf_max(vf a, vf b)
{
    return _mm256_max_ps(a, b);
}

VEC_INLINE vf vf_min(vf a, vf b) /* a < b ? a : b */
{
    return _mm256_min_ps(a, b);
}

VEC_INLINE vm vf_le(vf a, vf b) /* false where either is NaN */
{
    return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_LE_OQ));
}

VEC_INLINE vm vf_not_le(vf a, vf b) /* true where either is NaN */
{
    return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_NLE_UQ));
}

VEC_INLINE vm vf_not_zero(vf a) /* true for NaN */
{
    return _mm256_castps_si256(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_NEQ_UQ));
}

VEC_INLINE vm vf_not_nan(vf a)
{
    return _mm256_castps_si256(_mm256_cmp_ps(a, a, _CMP_ORD_Q));
}

VEC_INLINE vf vf_select(vm m, vf a, vf b) /* m ? a : b */
{
    return _mm256_blendv_ps(b, a, _mm256_castsi256_ps(m));
}

VEC_INLINE vf vf_keep(vm m, vf a) /* m ? a : +0 */
{
    return _mm256_and_ps(_mm256_castsi256_ps(m), a);
}

VEC_INLINE vf vf_clear(vm m, vf a) /* m ? +0 : a */
{
    return _mm256_andnot_ps(_mm256_castsi256_ps(m), a);
}

VEC_INLINE float vf_sum(vf a)
{
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}

VEC_INLINE void vf_sum_8(float dst[8], const vf v[8])
{
    const __m256 low = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
    const __m256 high = _mm256_hadd_ps(_mm256_hadd_ps(v[4], v[5]), _mm256_hadd_ps(v[6], v[7]));
    _mm256_storeu_ps(dst, _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20),
                                        _mm256_permute2f128_ps(low, high, 0x31)));
}

VEC_INLINE float vf_maximum(vf a)
{
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}

VEC_INLINE float vf_first(vf a) /* lane 0 */
{
    return _mm256_cvtss_f32(a);
}

/* Lane j of row i goes to lane i of row j. */
VEC_INLINE void vf_transpose(vf row[VF_LANES])
{
    vf pair[8], quad[8];
    VEC_UNROLL
    for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
    }
    VEC_UNROLL
    for (int i = 0; i < 8; i += 4) {
        quad[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
        quad[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
        quad[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        quad[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
    VEC_UNROLL
    for (int i = 0; i < 4; i++) {
        row[i] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20);
        row[i + 4] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31);
    }
}

/* ---------------------------------------------------------------- 32-bit integers */

VEC_INLINE vi vi_set1(uint32_t x)
{
    return _mm256_set1_epi32((int)x);
}

VEC_INLINE vi vi_iota(void) /* lane j holds j */
{
    return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
}

VEC_INLINE void vi_store(uint32_t *p, vi a)
{
    _mm256_storeu_si256((__m256i *)(void *)p, a);
}

VEC_INLINE vi vi_add(vi a, vi b)
{
    return _mm256_add_epi32(a, b);
}

VEC_INLINE vi vi_xor(vi a, vi b)
{
    return _mm256_xor_si256(a, b);
}

VEC_INLINE vm vi_eq(vi a, vi b)
{
    return _mm256_cmpeq_epi32(a, b);
}

VEC_INLINE vm vi_ge_unsigned(vi a, vi b)
{
    return _mm256_cmpeq_epi32(_mm256_max_epu32(a, b), a);
}

VEC_INLINE vi vi_select(vm m, vi a, vi b)
{
    return _mm256_blendv_epi8(b, a, m);
}

VEC_INLINE vf vi_to_float(vi a)
{
    return _mm256_cvtepi32_ps(a);
}

VEC_INLINE vi vi_truncate(vf a) /* towards zero; within int32_t */
{
    return _mm256_cvttps_epi32(a);
}

VEC_INLINE vi vi_gather_bytes(const uint8_t *p, vi offset) /* in lane j the four bytes from p + offset[j] on */
{
    return _mm256_i32gather_epi32((const int *)(const void *)p, offset, 1);
}

VEC_INLINE vi vi_byte0(vi a) /* the first of four bytes, as a number */
{
    return _mm256_and_si256(a, _mm256_set1_epi32(255));
}

VEC_INLINE vi vi_byte1(vi a)
{
    return vi_byte0(_mm256_srli_epi32(a, 8));
}

/* Both halves of the 64-bit products of each lane with m. */
VEC_INLINE void vi_multiply_wide(vi a, uint32_t m, vi *high, vi *low)
{
    const __m256i factor = _mm256_set1_epi64x((long long)m);
    const __m256i even = _mm256_mul_epu32(a, factor),
                  odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), factor);
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
}

VEC_INLINE vi vf_bits(vf a)
{
    return _mm256_castps_si256(a);
}

/* ---------------------------------------------------------------- tables of sixteen floats */

typedef struct vt {
    __m256 low, high;
} vt;

VEC_INLINE vt vt_load(const float p[16])
{
    return (vt){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}

/* Each index below 16; its bit 3, moved to the sign, chooses the half. */
VEC_INLINE vf vt_at(vt table, vi index)
{
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(table.low, index), _mm256_permutevar8x32_ps(table.high, index),
                            _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
}

/* ---------------------------------------------------------------- bytes <-> 32-bit integers */

VEC_INLINE vi vi_load_u8(const uint8_t *p)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
}

VEC_INLINE vi vi_load_u8_n(const uint8_t *p, int n)
{
    if (n == VF_LANES) return vi_load_u8(p);
    uint64_t bytes = 0;
    for (int i = 0; i < n; i++) bytes |= (uint64_t)p[i] << 8 * i;
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)bytes));
}

VEC_INLINE void vi_store_u8_n(uint8_t *p, vi a, int n)
{
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    uint64_t bytes = (uint64_t)_mm_cvtsi128_si64(_mm_packus_epi16(words, words));
    if (n == VF_LANES)
        memcpy(p, &bytes, 8);
    else
        for (int i = 0; i < n; i++, bytes >>= 8) p[i] = (uint8_t)bytes;
}

/* VEC_BLOCK vectors of bytes at once: 4 shuffles instead of 12. */
VEC_INLINE void vi_store_u8_block(uint8_t *p, const vi a[VEC_BLOCK])
{
    const __m256i low = _mm256_packus_epi32(a[0], a[1]), high = _mm256_packus_epi32(a[2], a[3]);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7); /* packs work in 128-bit halves */
    const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order);
    _mm256_storeu_si256((__m256i *)(void *)p, bytes);
}

#endif
