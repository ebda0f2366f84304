/* SPDX-License-Identifier: BSD-3-Clause
 *
 * philox.h: the counter-based generator Philox4x32-10, one block of four words per counter and key.
 * Source: Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3 (2011), and the known
 * answers of its library Random123, which tests/test_vec.c repeats.
 */
#ifndef LW_PHILOX_H
#define LW_PHILOX_H

#include <stdint.h>

enum { LW_PHILOX_ROUNDS = 10 };

#define LW_PHILOX_M0 0xD2511F53u
#define LW_PHILOX_M1 0xCD9E8D57u
#define LW_PHILOX_W0 0x9E3779B9u /* golden ratio */
#define LW_PHILOX_W1 0xBB67AE85u /* sqrt(3) - 1 */

typedef struct lw_philox_block {
    uint32_t word[4];
} lw_philox_block;

static inline lw_philox_block lw_philox(lw_philox_block counter, uint32_t key0, uint32_t key1)
{
    for (int round = 0; round < LW_PHILOX_ROUNDS; round++) {
        const uint64_t p0 = (uint64_t)LW_PHILOX_M0 * counter.word[0];
        const uint64_t p1 = (uint64_t)LW_PHILOX_M1 * counter.word[2];
        counter = (lw_philox_block){{
            (uint32_t)(p1 >> 32) ^ counter.word[1] ^ key0,
            (uint32_t)p1,
            (uint32_t)(p0 >> 32) ^ counter.word[3] ^ key1,
            (uint32_t)p0,
        }};
        key0 += LW_PHILOX_W0;
        key1 += LW_PHILOX_W1;
    }
    return counter;
}

#endif
