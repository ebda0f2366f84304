/* SPDX-License-Identifier: BSD-3-Clause
 * peak_neon.c: AArch64 FMA peak over the 128-bit registers: 24 chains, a. fmla adds onto its
 * accumulator, so that x + x * a is the chain that needs no move. */
#include "harness/machine/peak/loops.h"

#include <arm_neon.h>

float lw_peak_loop_neon(int64_t iterations, float a)
{
    float32x4_t va = vdupq_n_f32(a), x[LW_PEAK_CHAINS_NEON];
    /* Different starts, or the compiler may keep one chain for all. */
    for (int c = 0; c < LW_PEAK_CHAINS_NEON; c++)
        x[c] = vdupq_n_f32(1.0f + (float)c);
#define FOUR_CHAINS(c)                                                                                       \
    x[c] = vfmaq_f32(x[c], x[c], va);                                                                        \
    x[(c) + 1] = vfmaq_f32(x[(c) + 1], x[(c) + 1], va);                                                      \
    x[(c) + 2] = vfmaq_f32(x[(c) + 2], x[(c) + 2], va);                                                      \
    x[(c) + 3] = vfmaq_f32(x[(c) + 3], x[(c) + 3], va)
    for (int64_t i = 0; i < iterations; i++) {
        FOUR_CHAINS(0);
        FOUR_CHAINS(4);
        FOUR_CHAINS(8);
        FOUR_CHAINS(12);
        FOUR_CHAINS(16);
        FOUR_CHAINS(20);
    }
#undef FOUR_CHAINS
    float32x4_t sum = x[0];
    for (int c = 1; c < LW_PEAK_CHAINS_NEON; c++)
        sum = vaddq_f32(sum, x[c]);
    return vgetq_lane_f32(sum, 0);
}
