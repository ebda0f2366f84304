/* SPDX-License-Identifier: BSD-3-Clause
 * tile_8x32.h: the AVX-512 register tile that GEMM and the convolutions run on. */
#ifndef LW_AVX512_TILE_8X32_H
#define LW_AVX512_TILE_8X32_H

#include "kernels/tile.h"

extern const lw_tile_kernel lw_tile_8x32_avx512;

lw_pack_rows_fn lw_pack_rows_avx512;             /* width 8 or 32 */
lw_pack_transposed_fn lw_pack_transposed_avx512; /* width a multiple of 8 */

#endif
