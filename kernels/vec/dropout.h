/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dropout.h: inverted dropout over vec.h. A group of 32 elements is eight Philox blocks side by side in
 * lanes: word w of the blocks decides elements 8w .. 8w + 7, so nothing is shuffled.
 */
#ifndef LW_VEC_DROPOUT_H
#define LW_VEC_DROPOUT_H

#include "kernels/dropout.h"
#include "kernels/philox.h"
#include "kernels/vec/vec.h"

/* One block per lane, in place. */
VEC_INLINE void vec_philox(vi word[4], uint32_t key0, uint32_t key1)
{
    vi k0 = vi_set1(key0), k1 = vi_set1(key1);
    const vi step0 = vi_set1(LW_PHILOX_W0), step1 = vi_set1(LW_PHILOX_W1);
    VEC_UNROLL
    for (int round = 0; round < LW_PHILOX_ROUNDS; round++) {
        vi high0, low0, high1, low1;
        vi_multiply_wide(word[0], LW_PHILOX_M0, &high0, &low0);
        vi_multiply_wide(word[2], LW_PHILOX_M1, &high1, &low1);
        word[0] = vi_xor(vi_xor(high1, word[1]), k0);
        word[2] = vi_xor(vi_xor(high0, word[3]), k1);
        word[1] = low1;
        word[3] = low0;
        k0 = vi_add(k0, step0);
        k1 = vi_add(k1, step1);
    }
}

VEC_INLINE void vec_dropout(lw_dropout_args args, const lw_team *team)
{
    _Static_assert(VF_LANES == 8, "a group is eight blocks side by side");
    const vi threshold = vi_set1(lw_dropout_threshold(args.rate));
    const vf factor = vf_set1(lw_dropout_factor(args.rate));
    const vec_range share = vec_share(team, args.n, LW_DROPOUT_GROUP);
    const ptrdiff_t hi = share.hi;
    ptrdiff_t i = share.lo;
    for (; i < hi; i += LW_DROPOUT_GROUP) {
        const uint64_t block = (uint64_t)i / 4; /* a multiple of 8: no carry inside the lanes */
        vi word[4] = {vi_add(vi_set1((uint32_t)block), vi_iota()), vi_set1((uint32_t)(block >> 32)),
                      vi_set1((uint32_t)args.stream), vi_set1((uint32_t)(args.stream >> 32))};
        vec_philox(word, (uint32_t)args.seed, (uint32_t)(args.seed >> 32));
        VEC_UNROLL
        for (int w = 0; w < 4; w++) {
            const ptrdiff_t at = i + w * VF_LANES;
            if (at >= hi) break;
            const int n = vec_left(hi, at);
            const vf scaled = vf_mul(vf_load_n(args.src + at, n), factor);
            vf_store_n(args.dst + at, vf_keep(vi_ge_unsigned(word[w], threshold), scaled), n);
        }
    }
}

#endif
