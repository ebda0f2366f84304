/* SPDX-License-Identifier: BSD-3-Clause
 * bandwidth_scalar.c: streams of single floats; built with the vectoriser off. */
#define VECTOR float
#define LANES 1
#define LOAD(p) (*(p))
#define STORE(p, v) (*(p) = (v))
#define SPLAT(x) (x)
#define TRIAD(b, s, c) ((b) + (s) * (c))
#if defined(__x86_64__)
#define KEEP(v) __asm__ volatile("" ::"x"(v))
#elif defined(__aarch64__)
#define KEEP(v) __asm__ volatile("" ::"w"(v))
#else
#define KEEP(v) __asm__ volatile("" ::"r"(v))
#endif
#include "harness/machine/bandwidth/stream.h"

void lw_read_loop_scalar(const float *a, ptrdiff_t n, int64_t passes)
{
    read_stream(a, n, passes);
}

void lw_triad_loop_scalar(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes)
{
    triad_stream(a, b, c, scale, n, passes);
}
