/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_winograd.c: the convolutions by Winograd's tiles of vec/, their products on the 8 x 12 tile. */
#include "kernels/neon/neon.h"
#include "kernels/neon/tile_8x12.h"
#include "kernels/vec/conv2d_winograd.h"

#define TILE &lw_tile_8x12_neon
#define X(ENUM, stem, make, form, rounds) VEC_WINOGRAD_ROW(stem, make, form, neon, TILE)
LW_FOR_EACH_WINOGRAD(X)
#undef X
