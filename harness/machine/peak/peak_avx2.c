/* SPDX-License-Identifier: BSD-3-Clause
 * peak_avx2.c: AVX2+FMA peak. Registers: 12 chains, a, b. */
#include "harness/machine/peak/loops.h"

#include <immintrin.h>

float lw_peak_loop_avx2(int64_t iterations, float a, float b)
{
    __m256 va = _mm256_set1_ps(a), vb = _mm256_set1_ps(b), x[LW_PEAK_CHAINS];
    /* Different starts, or the compiler may keep one chain for all. */
    for (int c = 0; c < LW_PEAK_CHAINS; c++)
        x[c] = _mm256_set1_ps(a + (float)c);
    for (int64_t i = 0; i < iterations; i++) {
        x[0] = _mm256_fmadd_ps(x[0], va, vb);
        x[1] = _mm256_fmadd_ps(x[1], va, vb);
        x[2] = _mm256_fmadd_ps(x[2], va, vb);
        x[3] = _mm256_fmadd_ps(x[3], va, vb);
        x[4] = _mm256_fmadd_ps(x[4], va, vb);
        x[5] = _mm256_fmadd_ps(x[5], va, vb);
        x[6] = _mm256_fmadd_ps(x[6], va, vb);
        x[7] = _mm256_fmadd_ps(x[7], va, vb);
        x[8] = _mm256_fmadd_ps(x[8], va, vb);
        x[9] = _mm256_fmadd_ps(x[9], va, vb);
        x[10] = _mm256_fmadd_ps(x[10], va, vb);
        x[11] = _mm256_fmadd_ps(x[11], va, vb);
    }
    __m256 sum = x[0];
    for (int c = 1; c < LW_PEAK_CHAINS; c++)
        sum = _mm256_add_ps(sum, x[c]);
    return _mm256_cvtss_f32(sum);
}
