/* SPDX-License-Identifier: BSD-3-Clause
 * tile_8x1.c: dot products of vec/, eight side by side. */
#include "kernels/avx2/tile_8x1.h"

#include "kernels/vec/tile_dot.h"

const lw_tile_kernel lw_tile_8x1_avx2 = {.mr = VEC_DOT_ROWS, .nr = 1, .lanes = 1, .run = vec_tile_dot_run,
                                       .pack_rows = vec_tile_dot_pack_rows,
                                       .pack_transposed = vec_tile_dot_pack_transposed};
