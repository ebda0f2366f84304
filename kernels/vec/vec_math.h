/* SPDX-License-Identifier: BSD-3-Clause
 * vec_math.h: exp and log of a vector, within 1 ulp, from SLEEF. Apart from vec.h: few ops need them. */
#ifndef LW_VEC_MATH_H
#define LW_VEC_MATH_H

#include "kernels/vec/vec.h"

#include <sleef.h>

VEC_INLINE vf vf_exp(vf a)
{
#if defined(LW_VEC_AVX512_H)
    return Sleef_expf16_u10avx512f(a);
#elif defined(LW_VEC_AVX2_H)
    return Sleef_expf8_u10avx2(a);
#else
    return Sleef_expf4_u10advsimd(a);
#endif
}

VEC_INLINE vf vf_log(vf a)
{
#if defined(LW_VEC_AVX512_H)
    return Sleef_logf16_u10avx512f(a);
#elif defined(LW_VEC_AVX2_H)
    return Sleef_logf8_u10avx2(a);
#else
    return Sleef_logf4_u10advsimd(a);
#endif
}

#endif
