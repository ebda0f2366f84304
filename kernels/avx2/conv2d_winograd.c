/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_winograd.c: the convolutions by Winograd's tiles of vec/, their products on the 6 x 16 tile. */
#include "kernels/avx2/avx2.h"
#include "kernels/avx2/tile_6x16.h"
#include "kernels/vec/conv2d_winograd.h"

#define TILE &lw_tile_6x16_avx2
#define X(ENUM, stem, make, form, rounds) VEC_WINOGRAD_ROW(stem, make, form, avx2, TILE)
LW_FOR_EACH_WINOGRAD(X)
#undef X
