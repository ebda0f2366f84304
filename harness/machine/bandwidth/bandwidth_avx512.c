/* SPDX-License-Identifier: BSD-3-Clause
 * bandwidth_avx512.c: streams of 512-bit vectors. */
#include <immintrin.h>

#define VECTOR __m512
#define LANES 16
#define LOAD _mm512_load_ps
#define STORE _mm512_store_ps
#define SPLAT _mm512_set1_ps
#define TRIAD(b, s, c) _mm512_fmadd_ps(s, c, b)
#define KEEP(v) __asm__ volatile("" ::"v"(v))
#include "harness/machine/bandwidth/stream.h"

void lw_read_loop_avx512(const float *a, ptrdiff_t n, int64_t passes)
{
    read_stream(a, n, passes);
}

void lw_triad_loop_avx512(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes)
{
    triad_stream(a, b, c, scale, n, passes);
}
