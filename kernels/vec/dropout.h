/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dropout.h: inverted dropout over vec.h. A group of 32 elements is eight Philox blocks side by side in
 * lanes: word w of the blocks decides elements 8w .. 8w + 7. With eight lanes nothing is shuffled; with four a
 * group takes two turns; with sixteen the lanes hold two groups, whose halves of two words make a vector.
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

/* The words of VF_LANES blocks from `block` on, each vector in the order of the elements that it decides. */
VEC_INLINE void vec_dropout_words(const lw_dropout_args *args, uint64_t block, vi word[4])
{
    word[0] = vi_add(vi_set1((uint32_t)block), vi_iota()); /* a multiple of VF_LANES: no carry inside the lanes */
    word[1] = vi_set1((uint32_t)(block >> 32));
    word[2] = vi_set1((uint32_t)args->stream);
    word[3] = vi_set1((uint32_t)(args->stream >> 32));
    vec_philox(word, (uint32_t)args->seed, (uint32_t)(args->seed >> 32));
#if defined(LW_VEC_AVX512_H)
    const vi first[2] = {vi_low_halves(word[0], word[1]), vi_low_halves(word[2], word[3])};
    const vi second[2] = {vi_high_halves(word[0], word[1]), vi_high_halves(word[2], word[3])};
    word[0] = first[0], word[1] = first[1], word[2] = second[0], word[3] = second[1];
#endif
}

VEC_INLINE void vec_dropout(lw_dropout_args args, const lw_team *team)
{
    enum { BLOCKS = VF_LANES < 8 ? 8 : VF_LANES, GROUP = 4 * BLOCKS };
    _Static_assert(VF_LANES == 4 || VF_LANES == 8 || VF_LANES == 16, "the order of the words is known for these");
    _Static_assert(GROUP % LW_DROPOUT_GROUP == 0, "whole groups of the contract");
    const vi threshold = vi_set1(lw_dropout_threshold(args.rate));
    const vf factor = vf_set1(lw_dropout_factor(args.rate));
    const vec_range share = vec_share(team, args.n, GROUP);
    const ptrdiff_t hi = share.hi;
    for (ptrdiff_t i = share.lo; i < hi; i += GROUP)
        for (int first = 0; first < BLOCKS; first += VF_LANES) {
            vi word[4];
            vec_dropout_words(&args, (uint64_t)i / 4 + (uint64_t)first, word);
            VEC_UNROLL
            for (int w = 0; w < 4; w++) {
                const ptrdiff_t at = i + first + w * BLOCKS;
                if (at >= hi) break;
                const int n = vec_left(hi, at);
                const vf scaled = vf_mul(vf_load_n(args.src + at, n), factor);
                vf_store_n(args.dst + at, vf_keep(vi_ge_unsigned(word[w], threshold), scaled), n);
            }
        }
}

#endif
