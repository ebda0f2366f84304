/* SPDX-License-Identifier: BSD-3-Clause
 * loops.h: the peak loops, one per ISA. Each runs `iterations` rounds of independent chains of
 * multiply-add and returns a value that depends on all of them. */
#ifndef LW_PEAK_LOOPS_H
#define LW_PEAK_LOOPS_H

#include <stdint.h>

/* Latency 4 or 5 times two units needs 8 to 10 chains: 12, with a and b, fit 16 registers.
 * AArch64 has cores with four units, and 32 registers. */
enum { LW_PEAK_CHAINS = 12, LW_PEAK_CHAINS_NEON = 24 };

float lw_peak_loop_scalar(int64_t iterations, float a, float b); /* x = x * a + b, rounded twice */
float lw_peak_loop_avx2(int64_t iterations, float a, float b);   /* x = x * a + b */
float lw_peak_loop_avx512(int64_t iterations, float a, float b); /* x = x * a + b */
float lw_peak_loop_neon(int64_t iterations, float a);            /* x = x + x * a */

#endif
