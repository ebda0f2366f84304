/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rng.h: random numbers as a pure function of (seed, purpose, epoch, index, position): Philox4x32-10 with
 * the seed as key and the rest as counter. Neither threads nor the order of calls can change what a sample
 * gets. Integer arithmetic only, so every machine draws the same.
 */
#ifndef LW_RNG_H
#define LW_RNG_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for. Values are part of the reproducible state: add, never renumber. */
typedef enum lw_purpose {
    LW_PURPOSE_INIT = 1,     /* index = number of the parameter tensor */
    LW_PURPOSE_SHUFFLE = 2,  /* index = 0 */
    LW_PURPOSE_DROPOUT = 3,  /* index = (pass of the step << 18 + step) * 256 + layer */
    LW_PURPOSE_SYNTHETIC = 4, /* index = number of the sample */
    LW_PURPOSE_AUGMENT = 5,   /* index = number of the image: its map, what is erased */
    LW_PURPOSE_ELASTIC = 6,   /* index = number of the image: its displacements */
    LW_PURPOSE_FLIP = 7       /* index = number of the image: whether it is mirrored */
} lw_purpose;

/* Stream number: purpose in bits 56-63, epoch in 36-55, index in 0-35. */
uint64_t lw_rng_stream(lw_purpose purpose, uint64_t epoch, uint64_t index);

typedef struct lw_rng {
    uint64_t seed, stream, block; /* block: number of the next Philox block */
    uint32_t word[4];
    int left; /* words not yet handed out */
} lw_rng;

lw_rng lw_rng_at(uint64_t seed, lw_purpose purpose, uint64_t epoch, uint64_t index);
uint32_t lw_rng_next(lw_rng *rng);
uint32_t lw_rng_below(lw_rng *rng, uint32_t n); /* 0 .. n-1, n >= 1, without bias */
float lw_rng_unit(lw_rng *rng);                 /* [0, 1), a multiple of 2^-24 */

/* order[0 .. n) = a permutation of 0 .. n-1, a function of (seed, epoch) alone.
 * Source: Fisher & Yates in Durstenfeld's form (1964). */
void lw_shuffle(uint32_t *order, uint32_t n, uint64_t seed, uint64_t epoch);

#endif
