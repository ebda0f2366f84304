/* SPDX-License-Identifier: BSD-3-Clause
 * tile.h: the AVX-512 register tiles that GEMM and the convolutions run on. */
#ifndef LW_AVX512_TILE_H
#define LW_AVX512_TILE_H

#include "kernels/tile.h"

extern const lw_tile_kernel lw_tile_8x32_avx512, lw_tile_8x48_avx512;

/* The tile for N columns. Both run a panel's last columns at the width they need, so they differ in what they
 * share a broadcast among and in what a panel takes of the cache. */
static inline const lw_tile_kernel *lw_tile_avx512(ptrdiff_t columns)
{
    (void)columns;
    return &lw_tile_8x32_avx512;
}

lw_pack_transposed_fn lw_pack_transposed_avx512; /* width a multiple of 8 */

#endif
