/* SPDX-License-Identifier: BSD-3-Clause
 * rng.c: streams of the counter-based generator, and the shuffle. */
#include "nn/rng.h"

#include "kernels/philox.h"

#include <assert.h>

uint64_t lw_rng_stream(lw_purpose purpose, uint64_t epoch, uint64_t index)
{
    assert(epoch < (UINT64_C(1) << 20) && index < (UINT64_C(1) << 36));
    return (uint64_t)purpose << 56 | epoch << 36 | index;
}

lw_rng lw_rng_at(uint64_t seed, lw_purpose purpose, uint64_t epoch, uint64_t index)
{
    return (lw_rng){.seed = seed, .stream = lw_rng_stream(purpose, epoch, index)};
}

uint32_t lw_rng_next(lw_rng *rng)
{
    if (rng->left == 0) {
        lw_philox_block counter = {{(uint32_t)rng->block, (uint32_t)(rng->block >> 32), (uint32_t)rng->stream,
                                    (uint32_t)(rng->stream >> 32)}};
        lw_philox_block b = lw_philox(counter, (uint32_t)rng->seed, (uint32_t)(rng->seed >> 32));
        for (int i = 0; i < 4; i++)
            rng->word[i] = b.word[i];
        rng->block++;
        rng->left = 4;
    }
    return rng->word[4 - rng->left--];
}

/* Lemire, Fast random integer generation in an interval (2019): the high half of a product, with the few
 * low halves that would favour small numbers drawn again. */
uint32_t lw_rng_below(lw_rng *rng, uint32_t n)
{
    assert(n >= 1);
    uint32_t threshold = -n % n;
    uint64_t product;
    do {
        product = (uint64_t)lw_rng_next(rng) * n;
    } while ((uint32_t)product < threshold);
    return (uint32_t)(product >> 32);
}

float lw_rng_unit(lw_rng *rng)
{
    return (float)(lw_rng_next(rng) >> 8) * 0x1p-24f;
}

void lw_shuffle(uint32_t *order, uint32_t n, uint64_t seed, uint64_t epoch)
{
    lw_rng rng = lw_rng_at(seed, LW_PURPOSE_SHUFFLE, epoch, 0);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = lw_rng_below(&rng, i), last = order[i - 1];
        order[i - 1] = order[j];
        order[j] = last;
    }
}
