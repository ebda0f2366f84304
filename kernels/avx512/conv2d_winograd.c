/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_winograd.c: the convolutions by Winograd's tiles of vec/, their products on the 8 x 32 tile. */
#include "kernels/avx512/avx512.h"
#include "kernels/avx512/tile_8x32.h"
#include "kernels/vec/conv2d_winograd.h"

#define TILE &lw_tile_8x32_avx512
#define X(ENUM, stem, make, form, rounds) VEC_WINOGRAD_ROW(stem, make, form, avx512, TILE)
LW_FOR_EACH_WINOGRAD(X)
#undef X
