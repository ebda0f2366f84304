/* SPDX-License-Identifier: BSD-3-Clause
 * tile_8x1.h: the tile for products of few columns. */
#ifndef LW_NEON_TILE_8X1_H
#define LW_NEON_TILE_8X1_H

#include "kernels/tile.h"

extern const lw_tile_kernel lw_tile_8x1_neon;

#endif
