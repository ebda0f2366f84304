/* SPDX-License-Identifier: BSD-3-Clause
 * vec_avx512.h: the vector of vec.h on AVX-512 F, BW, DQ and VL: sixteen floats in a zmm register, masks in
 * opmask registers. A masked lane is neither read nor written. */
#ifndef LW_VEC_AVX512_H
#define LW_VEC_AVX512_H

#include <immintrin.h>

enum { VF_LANES = 16 };

typedef __m512 vf;
typedef __m512i vi;
typedef __mmask16 vm;

/* ---------------------------------------------------------------- masks */

VEC_INLINE vm vm_first(int n)
{
    return (vm)((1u << n) - 1);
}

VEC_INLINE vm vm_and(vm a, vm b)
{
    return a & b;
}

VEC_INLINE uint64_t vm_bits(vm m) /* bit j: lane j */
{
    return m;
}

/* ---------------------------------------------------------------- floats */

VEC_INLINE vf vf_zero(void)
{
    return _mm512_setzero_ps();
}

VEC_INLINE vf vf_set1(float x)
{
    return _mm512_set1_ps(x);
}

VEC_INLINE vf vf_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

VEC_INLINE vf vf_load_n(const float *p, int n)
{
    return n == VF_LANES ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(vm_first(n), p);
}

VEC_INLINE void vf_store(float *p, vf a)
{
    _mm512_storeu_ps(p, a);
}

VEC_INLINE void vf_store_n(float *p, vf a, int n)
{
    if (n == VF_LANES)
        _mm512_storeu_ps(p, a);
    else
        _mm512_mask_storeu_ps(p, vm_first(n), a);
}

VEC_INLINE vf vf_add(vf a, vf b)
{
    return _mm512_add_ps(a, b);
}

VEC_INLINE vf vf_sub(vf a, vf b)
{
    return _mm512_sub_ps(a, b);
}

VEC_INLINE vf vf_mul(vf a, vf b)
{
    return _mm512_mul_ps(a, b);
}

VEC_INLINE vf vf_div(vf a, vf b)
{
    return _mm512_div_ps(a, b);
}

VEC_INLINE vf vf_sqrt(vf a)
{
    return _mm512_sqrt_ps(a);
}

VEC_INLINE vf vf_fma(vf a, vf b, vf c) /* a*b + c */
{
    return _mm512_fmadd_ps(a, b, c);
}

VEC_INLINE vf vf_fnma(vf a, vf b, vf c) /* c - a*b */
{
    return _mm512_fnmadd_ps(a, b, c);
}

VEC_INLINE vf vf_max(vf a, vf b)
{
    return _mm512_max_ps(a, b);
}

VEC_INLINE vf vf_min(vf a, vf b) /* a < b ? a : b */
{
    return _mm512_min_ps(a, b);
}

VEC_INLINE vm vf_le(vf a, vf b) /* false where either is NaN */
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ);
}

VEC_INLINE vm vf_not_le(vf a, vf b) /* true where either is NaN */
{
    return _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ);
}

VEC_INLINE vm vf_not_zero(vf a) /* true for NaN */
{
    return _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_NEQ_UQ);
}

VEC_INLINE vm vf_not_nan(vf a)
{
    return _mm512_cmp_ps_mask(a, a, _CMP_ORD_Q);
}

VEC_INLINE vf vf_select(vm m, vf a, vf b) /* m ? a : b */
{
    return _mm512_mask_mov_ps(b, m, a);
}

VEC_INLINE vf vf_keep(vm m, vf a) /* m ? a : +0 */
{
    return _mm512_maskz_mov_ps(m, a);
}

VEC_INLINE vf vf_clear(vm m, vf a) /* m ? +0 : a */
{
    return _mm512_maskz_mov_ps((vm)~m, a);
}

VEC_INLINE float vf_sum(vf a)
{
    const __m256 y = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}

VEC_INLINE void vf_sum_8(float dst[8], const vf v[8])
{
    __m256 half[8];
    VEC_UNROLL
    for (int i = 0; i < 8; i++) half[i] = _mm256_add_ps(_mm512_castps512_ps256(v[i]), _mm512_extractf32x8_ps(v[i], 1));
    const __m256 low = _mm256_hadd_ps(_mm256_hadd_ps(half[0], half[1]), _mm256_hadd_ps(half[2], half[3]));
    const __m256 high = _mm256_hadd_ps(_mm256_hadd_ps(half[4], half[5]), _mm256_hadd_ps(half[6], half[7]));
    _mm256_storeu_ps(dst, _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20),
                                        _mm256_permute2f128_ps(low, high, 0x31)));
}

VEC_INLINE float vf_maximum(vf a)
{
    const __m256 y = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}

VEC_INLINE float vf_first(vf a) /* lane 0 */
{
    return _mm512_cvtss_f32(a);
}

/* Lane j of row i goes to lane i of row j: 4 x 4 inside 128-bit lanes, then those lanes themselves. */
VEC_INLINE void vf_transpose(vf row[VF_LANES])
{
    vf pair[16], quad[16];
    VEC_UNROLL
    for (int i = 0; i < 16; i += 2) {
        pair[i] = _mm512_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm512_unpackhi_ps(row[i], row[i + 1]);
    }
    VEC_UNROLL
    for (int i = 0; i < 16; i += 4) {
        quad[i] = _mm512_shuffle_ps(pair[i], pair[i + 2], 0x44);
        quad[i + 1] = _mm512_shuffle_ps(pair[i], pair[i + 2], 0xee);
        quad[i + 2] = _mm512_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        quad[i + 3] = _mm512_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
    VEC_UNROLL
    for (int i = 0; i < 4; i++) {
        const vf even01 = _mm512_shuffle_f32x4(quad[i], quad[i + 4], 0x88), odd01 = _mm512_shuffle_f32x4(quad[i], quad[i + 4], 0xdd);
        const vf even23 = _mm512_shuffle_f32x4(quad[i + 8], quad[i + 12], 0x88), odd23 = _mm512_shuffle_f32x4(quad[i + 8], quad[i + 12], 0xdd);
        row[i] = _mm512_shuffle_f32x4(even01, even23, 0x88);
        row[i + 4] = _mm512_shuffle_f32x4(odd01, odd23, 0x88);
        row[i + 8] = _mm512_shuffle_f32x4(even01, even23, 0xdd);
        row[i + 12] = _mm512_shuffle_f32x4(odd01, odd23, 0xdd);
    }
}

/* ---------------------------------------------------------------- 32-bit integers */

VEC_INLINE vi vi_set1(uint32_t x)
{
    return _mm512_set1_epi32((int)x);
}

VEC_INLINE vi vi_iota(void) /* lane j holds j */
{
    return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

VEC_INLINE void vi_store(uint32_t *p, vi a)
{
    _mm512_storeu_si512(p, a);
}

VEC_INLINE vi vi_add(vi a, vi b)
{
    return _mm512_add_epi32(a, b);
}

VEC_INLINE vi vi_xor(vi a, vi b)
{
    return _mm512_xor_si512(a, b);
}

VEC_INLINE vm vi_eq(vi a, vi b)
{
    return _mm512_cmpeq_epi32_mask(a, b);
}

VEC_INLINE vm vi_ge_unsigned(vi a, vi b)
{
    return _mm512_cmpge_epu32_mask(a, b);
}

VEC_INLINE vi vi_select(vm m, vi a, vi b)
{
    return _mm512_mask_mov_epi32(b, m, a);
}

/* Lanes 0 - 7 of a, then of b; and lanes 8 - 15. */
VEC_INLINE vi vi_low_halves(vi a, vi b)
{
    return _mm512_shuffle_i64x2(a, b, 0x44);
}

VEC_INLINE vi vi_high_halves(vi a, vi b)
{
    return _mm512_shuffle_i64x2(a, b, 0xee);
}

VEC_INLINE vf vi_to_float(vi a)
{
    return _mm512_cvtepi32_ps(a);
}

VEC_INLINE vi vi_truncate(vf a) /* towards zero; within int32_t */
{
    return _mm512_cvttps_epi32(a);
}

VEC_INLINE vi vi_gather_bytes(const uint8_t *p, vi offset) /* in lane j the four bytes from p + offset[j] on */
{
    __asm__("" : "+x"(offset)); /* below register 16: Bochs 2.7 takes no other for an index */
    return _mm512_i32gather_epi32(offset, p, 1);
}

VEC_INLINE vi vi_byte0(vi a) /* the first of four bytes, as a number */
{
    return _mm512_and_si512(a, _mm512_set1_epi32(255));
}

VEC_INLINE vi vi_byte1(vi a)
{
    return vi_byte0(_mm512_srli_epi32(a, 8));
}

/* Both halves of the 64-bit products of each lane with m. */
VEC_INLINE void vi_multiply_wide(vi a, uint32_t m, vi *high, vi *low)
{
    const __m512i factor = _mm512_set1_epi64((long long)m);
    const __m512i even = _mm512_mul_epu32(a, factor), odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), factor);
    *low = _mm512_mask_mov_epi32(even, 0xaaaa, _mm512_slli_epi64(odd, 32));
    *high = _mm512_mask_mov_epi32(_mm512_srli_epi64(even, 32), 0xaaaa, odd);
}

VEC_INLINE vi vf_bits(vf a)
{
    return _mm512_castps_si512(a);
}

/* ---------------------------------------------------------------- tables of sixteen floats */

typedef __m512 vt;

VEC_INLINE vt vt_load(const float p[16])
{
    return _mm512_loadu_ps(p);
}

VEC_INLINE vf vt_at(vt table, vi index) /* each index below 16 */
{
    return _mm512_permutexvar_ps(index, table);
}

/* ---------------------------------------------------------------- bytes <-> 32-bit integers */

VEC_INLINE vi vi_load_u8(const uint8_t *p)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}

VEC_INLINE vi vi_load_u8_n(const uint8_t *p, int n)
{
    return n == VF_LANES ? vi_load_u8(p) : _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(vm_first(n), p));
}

VEC_INLINE void vi_store_u8_n(uint8_t *p, vi a, int n)
{
    _mm_mask_storeu_epi8(p, vm_first(n), _mm512_cvtepi32_epi8(a));
}

VEC_INLINE void vi_store_u8_block(uint8_t *p, const vi a[VEC_BLOCK])
{
    VEC_UNROLL
    for (int u = 0; u < VEC_BLOCK; u++)
        _mm_storeu_si128((__m128i *)(void *)(p + u * VF_LANES), _mm512_cvtepi32_epi8(a[u]));
}

#endif
