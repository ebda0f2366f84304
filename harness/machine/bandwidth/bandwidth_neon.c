/* SPDX-License-Identifier: BSD-3-Clause
 * bandwidth_neon.c: streams of 128-bit vectors. */
#include <arm_neon.h>

#define VECTOR float32x4_t
#define LANES 4
#define LOAD vld1q_f32
#define STORE vst1q_f32
#define SPLAT vdupq_n_f32
#define TRIAD(b, s, c) vfmaq_f32(b, s, c)
#define KEEP(v) __asm__ volatile("" ::"w"(v))
#include "harness/machine/bandwidth/stream.h"

void lw_read_loop_neon(const float *a, ptrdiff_t n, int64_t passes)
{
    read_stream(a, n, passes);
}

void lw_triad_loop_neon(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes)
{
    triad_stream(a, b, c, scale, n, passes);
}
