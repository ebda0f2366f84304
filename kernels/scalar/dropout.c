/* SPDX-License-Identifier: BSD-3-Clause
 * dropout.c: inverted dropout, eight Philox blocks for every group of 32 elements. */
#include "kernels/dropout.h"
#include "kernels/philox.h"
#include "kernels/scalar/symbols.h"

/* The words of the group's elements, in their order. */
static void words_of_group(const lw_dropout_args *args, uint64_t group, uint32_t words[LW_DROPOUT_GROUP])
{
    for (int j = 0; j < 8; j++) {
        const uint64_t b = 8 * group + (uint64_t)j;
        const lw_philox_block counter = {
            {(uint32_t)b, (uint32_t)(b >> 32), (uint32_t)args->stream, (uint32_t)(args->stream >> 32)}};
        const lw_philox_block block = lw_philox(counter, (uint32_t)args->seed, (uint32_t)(args->seed >> 32));
        for (int w = 0; w < 4; w++) words[8 * w + j] = block.word[w];
    }
}

void LW_SYM(dropout)(const lw_dropout_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const uint32_t threshold = lw_dropout_threshold(args->rate);
    const float factor = lw_dropout_factor(args->rate);
    ptrdiff_t lo, hi;
    lw_team_share(team, args->n, LW_DROPOUT_GROUP, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i += LW_DROPOUT_GROUP) {
        uint32_t words[LW_DROPOUT_GROUP];
        words_of_group(args, (uint64_t)i / LW_DROPOUT_GROUP, words);
        const ptrdiff_t count = hi - i < LW_DROPOUT_GROUP ? hi - i : LW_DROPOUT_GROUP;
        for (ptrdiff_t j = 0; j < count; j++)
            args->dst[i + j] = words[j] >= threshold ? args->src[i + j] * factor : 0.0f;
    }
}
