/* SPDX-License-Identifier: BSD-3-Clause
 * bandwidth_avx2.c: streams of 256-bit vectors. */
#include <immintrin.h>

#define VECTOR __m256
#define LANES 8
#define LOAD _mm256_load_ps
#define STORE _mm256_store_ps
#define SPLAT _mm256_set1_ps
#define TRIAD(b, s, c) _mm256_fmadd_ps(s, c, b)
#define KEEP(v) __asm__ volatile("" ::"x"(v))
#include "harness/machine/bandwidth/stream.h"

void lw_read_loop_avx2(const float *a, ptrdiff_t n, int64_t passes)
{
    read_stream(a, n, passes);
}

void lw_triad_loop_avx2(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes)
{
    triad_stream(a, b, c, scale, n, passes);
}
