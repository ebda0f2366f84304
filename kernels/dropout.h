/* SPDX-License-Identifier: BSD-3-Clause
 * dropout.h: what every ISA's dropout derives from its arguments, so that all have the same bits. */
#ifndef LW_DROPOUT_H
#define LW_DROPOUT_H

#include "kernels/kernels.h"

#include <assert.h>
#include <math.h>

/* Elements that share eight Philox blocks: word w of block j is element 8w + j. */
enum { LW_DROPOUT_GROUP = 32 };

/* The least word that keeps its element. rate * 2^32 is exact in double and at most 2^32 - 2^8. */
static inline uint32_t lw_dropout_threshold(float rate)
{
    assert(rate >= 0.0f && rate < 1.0f);
    return (uint32_t)ceil((double)rate * 0x1p32);
}

static inline float lw_dropout_factor(float rate)
{
    return (float)(1.0 / (1.0 - (double)rate));
}

#endif
