/* SPDX-License-Identifier: BSD-3-Clause
 * random.h: the small generator behind fills and sweeps; the same numbers on every machine. */
#ifndef LW_ORACLE_RANDOM_H
#define LW_ORACLE_RANDOM_H

#include <stdint.h>

/* SplitMix64 (Steele, Lea & Flood, 2014). */
static inline uint64_t lw_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline int lw_random_int(uint64_t *state, int lo, int hi)
{
    return lo + (int)(lw_random(state) % (uint64_t)(hi - lo + 1));
}

/* Uniform in [-1, 1), multiples of 2^-23. */
static inline float lw_random_signed(uint64_t *state)
{
    return (float)((int32_t)(lw_random(state) >> 40) - (1 << 23)) * 0x1p-23f;
}

#endif
