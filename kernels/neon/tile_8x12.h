/* SPDX-License-Identifier: BSD-3-Clause
 * tile_8x12.h: the NEON register tile that GEMM and the convolutions run on. */
#ifndef LW_NEON_TILE_8X12_H
#define LW_NEON_TILE_8X12_H

#include "kernels/tile.h"

extern const lw_tile_kernel lw_tile_8x12_neon;

lw_pack_rows_fn lw_pack_rows_neon;             /* width 8 or 12 */
lw_pack_transposed_fn lw_pack_transposed_neon; /* width a multiple of 4 */

#endif
