/* SPDX-License-Identifier: BSD-3-Clause
 * vec_math.h: exp and log of a vector, within 1 ulp, from SLEEF. Apart from vec.h: few ops need them. */
#ifndef LW_VEC_MATH_H
#define LW_VEC_MATH_H

#include "kernels/vec/vec.h"

#include <sleef.h>

#if defined(__AVX2__) && defined(__FMA__)

VEC_INLINE vf vf_exp(vf a)
{
    return Sleef_expf8_u10avx2(a);
}

VEC_INLINE vf vf_log(vf a)
{
    return Sleef_logf8_u10avx2(a);
}

#endif

#endif
