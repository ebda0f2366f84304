/* SPDX-License-Identifier: BSD-3-Clause
 * tile_6x16.h: the AVX2 register tile that GEMM and the convolutions run on. */
#ifndef LW_AVX2_TILE_6X16_H
#define LW_AVX2_TILE_6X16_H

#include "kernels/tile.h"

extern const lw_tile_kernel lw_tile_6x16_avx2;

lw_pack_rows_fn lw_pack_rows_avx2;             /* width 6 or 16 */
lw_pack_transposed_fn lw_pack_transposed_avx2; /* width 6 or 16 */

#endif
