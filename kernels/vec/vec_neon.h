/* SPDX-License-Identifier: BSD-3-Clause
 * vec_neon.h: the vector of vec.h on AArch64 NEON: four floats. Tails go lane by lane: there are no masked loads. */
#ifndef LW_VEC_NEON_H
#define LW_VEC_NEON_H

#include <arm_neon.h>

enum { VF_LANES = 4 };

typedef float32x4_t vf;
typedef uint32x4_t vi;
typedef uint32x4_t vm; /* all ones or all zeros in each lane */

/* ---------------------------------------------------------------- masks */

VEC_INLINE vi vi_iota(void) /* lane j holds j */
{
    static const uint32_t lanes[VF_LANES] = {0, 1, 2, 3};
    return vld1q_u32(lanes);
}

VEC_INLINE vm vm_first(int n)
{
    return vcltq_u32(vi_iota(), vdupq_n_u32((uint32_t)n));
}

VEC_INLINE vm vm_and(vm a, vm b)
{
    return vandq_u32(a, b);
}

VEC_INLINE uint64_t vm_bits(vm m) /* bit j: lane j */
{
    static const uint32_t weight[VF_LANES] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(m, vld1q_u32(weight)));
}

/* ---------------------------------------------------------------- floats */

VEC_INLINE vf vf_zero(void)
{
    return vdupq_n_f32(0.0f);
}

VEC_INLINE vf vf_set1(float x)
{
    return vdupq_n_f32(x);
}

VEC_INLINE vf vf_load(const float *p)
{
    return vld1q_f32(p);
}

VEC_INLINE vf vf_load_n(const float *p, int n)
{
    if (n == VF_LANES) return vld1q_f32(p);
    vf a = vf_zero();
    if (n > 0) a = vld1q_lane_f32(p, a, 0);
    if (n > 1) a = vld1q_lane_f32(p + 1, a, 1);
    if (n > 2) a = vld1q_lane_f32(p + 2, a, 2);
    return a;
}

VEC_INLINE void vf_store(float *p, vf a)
{
    vst1q_f32(p, a);
}

VEC_INLINE void vf_store_n(float *p, vf a, int n)
{
    if (n == VF_LANES) {
        vst1q_f32(p, a);
        return;
    }
    if (n > 0) vst1q_lane_f32(p, a, 0);
    if (n > 1) vst1q_lane_f32(p + 1, a, 1);
    if (n > 2) vst1q_lane_f32(p + 2, a, 2);
}

VEC_INLINE vf vf_add(vf a, vf b)
{
    return vaddq_f32(a, b);
}

VEC_INLINE vf vf_sub(vf a, vf b)
{
    return vsubq_f32(a, b);
}

VEC_INLINE vf vf_mul(vf a, vf b)
{
    return vmulq_f32(a, b);
}

VEC_INLINE vf vf_div(vf a, vf b)
{
    return vdivq_f32(a, b);
}

VEC_INLINE vf vf_sqrt(vf a)
{
    return vsqrtq_f32(a);
}

VEC_INLINE vf vf_fma(vf a, vf b, vf c) /* a*b + c */
{
    return vfmaq_f32(c, a, b);
}

VEC_INLINE vf vf_fnma(vf a, vf b, vf c) /* c - a*b */
{
    return vfmsq_f32(c, a, b);
}

VEC_INLINE vf vf_max(vf a, vf b) /* not vmaxq_f32, which is NaN where either is */
{
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}

VEC_INLINE vf vf_min(vf a, vf b) /* a < b ? a : b */
{
    return vbslq_f32(vcltq_f32(a, b), a, b);
}

VEC_INLINE vm vf_le(vf a, vf b) /* false where either is NaN */
{
    return vcleq_f32(a, b);
}

VEC_INLINE vm vf_not_le(vf a, vf b) /* true where either is NaN */
{
    return vmvnq_u32(vcleq_f32(a, b));
}

VEC_INLINE vm vf_not_zero(vf a) /* true for NaN */
{
    return vmvnq_u32(vceqzq_f32(a));
}

VEC_INLINE vm vf_not_nan(vf a)
{
    return vceqq_f32(a, a);
}

VEC_INLINE vf vf_select(vm m, vf a, vf b) /* m ? a : b */
{
    return vbslq_f32(m, a, b);
}

VEC_INLINE vf vf_keep(vm m, vf a) /* m ? a : +0 */
{
    return vreinterpretq_f32_u32(vandq_u32(m, vreinterpretq_u32_f32(a)));
}

VEC_INLINE vf vf_clear(vm m, vf a) /* m ? +0 : a */
{
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(a), m));
}

VEC_INLINE float vf_sum(vf a)
{
    return vaddvq_f32(a);
}

VEC_INLINE void vf_sum_8(float dst[8], const vf v[8])
{
    vst1q_f32(dst, vpaddq_f32(vpaddq_f32(v[0], v[1]), vpaddq_f32(v[2], v[3])));
    vst1q_f32(dst + 4, vpaddq_f32(vpaddq_f32(v[4], v[5]), vpaddq_f32(v[6], v[7])));
}

VEC_INLINE float vf_maximum(vf a)
{
    const float x = vgetq_lane_f32(a, 0), y = vgetq_lane_f32(a, 1), z = vgetq_lane_f32(a, 2), w = vgetq_lane_f32(a, 3);
    const float m = x > z ? x : z, n = y > w ? y : w;
    return m > n ? m : n;
}

VEC_INLINE float vf_first(vf a) /* lane 0 */
{
    return vgetq_lane_f32(a, 0);
}

/* Lane j of row i goes to lane i of row j. */
VEC_INLINE void vf_transpose(vf row[VF_LANES])
{
    const float32x4x2_t a = vtrnq_f32(row[0], row[1]), b = vtrnq_f32(row[2], row[3]);
    row[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
    row[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
    row[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
    row[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
}

/* ---------------------------------------------------------------- 32-bit integers */

VEC_INLINE vi vi_set1(uint32_t x)
{
    return vdupq_n_u32(x);
}

VEC_INLINE void vi_store(uint32_t *p, vi a)
{
    vst1q_u32(p, a);
}

VEC_INLINE vi vi_add(vi a, vi b)
{
    return vaddq_u32(a, b);
}

VEC_INLINE vi vi_xor(vi a, vi b)
{
    return veorq_u32(a, b);
}

VEC_INLINE vm vi_eq(vi a, vi b)
{
    return vceqq_u32(a, b);
}

VEC_INLINE vm vi_ge_unsigned(vi a, vi b)
{
    return vcgeq_u32(a, b);
}

VEC_INLINE vi vi_select(vm m, vi a, vi b)
{
    return vbslq_u32(m, a, b);
}

VEC_INLINE vf vi_to_float(vi a)
{
    return vcvtq_f32_s32(vreinterpretq_s32_u32(a));
}

VEC_INLINE vi vi_truncate(vf a) /* towards zero; within int32_t */
{
    return vreinterpretq_u32_s32(vcvtq_s32_f32(a));
}

VEC_INLINE vi vi_gather_bytes(const uint8_t *p, vi offset) /* in lane j the four bytes from p + offset[j] on */
{
    uint32_t at[4], bytes[4];
    vst1q_u32(at, offset);
    for (int i = 0; i < 4; i++) __builtin_memcpy(&bytes[i], p + at[i], 4);
    return vld1q_u32(bytes);
}

VEC_INLINE vi vi_byte0(vi a) /* the first of four bytes, as a number */
{
    return vandq_u32(a, vdupq_n_u32(255));
}

VEC_INLINE vi vi_byte1(vi a)
{
    return vi_byte0(vshrq_n_u32(a, 8));
}

/* Both halves of the 64-bit products of each lane with m. */
VEC_INLINE void vi_multiply_wide(vi a, uint32_t m, vi *high, vi *low)
{
    const uint32x4_t front = vreinterpretq_u32_u64(vmull_n_u32(vget_low_u32(a), m));
    const uint32x4_t back = vreinterpretq_u32_u64(vmull_n_u32(vget_high_u32(a), m));
    *low = vuzp1q_u32(front, back);
    *high = vuzp2q_u32(front, back);
}

/* ---------------------------------------------------------------- bytes <-> 32-bit integers */

VEC_INLINE vi vi_load_u8_n(const uint8_t *p, int n)
{
    uint32_t bytes = 0;
    if (n == VF_LANES)
        __builtin_memcpy(&bytes, p, 4);
    else
        for (int i = 0; i < n; i++) bytes |= (uint32_t)p[i] << 8 * i;
    return vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(bytes))));
}

VEC_INLINE void vi_store_u8_n(uint8_t *p, vi a, int n)
{
    const uint16x4_t words = vmovn_u32(a);
    uint32_t bytes = vget_lane_u32(vreinterpret_u32_u8(vmovn_u16(vcombine_u16(words, words))), 0);
    if (n == VF_LANES)
        __builtin_memcpy(p, &bytes, 4);
    else
        for (int i = 0; i < n; i++, bytes >>= 8) p[i] = (uint8_t)bytes;
}

/* VEC_BLOCK vectors of bytes at once. */
VEC_INLINE void vi_store_u8_block(uint8_t *p, const vi a[VEC_BLOCK])
{
    const uint16x8_t low = vcombine_u16(vmovn_u32(a[0]), vmovn_u32(a[1])), high = vcombine_u16(vmovn_u32(a[2]), vmovn_u32(a[3]));
    vst1q_u8(p, vcombine_u8(vmovn_u16(low), vmovn_u16(high)));
}

#endif
