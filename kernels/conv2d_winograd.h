/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_winograd.h: the convolutions that Winograd's tiles can do, as one: positions gather 3 x 3 windows of the
 * tensor that is read, times weights; backward-data, of the gradient, with the filter flipped and channels exchanged. */
#ifndef LW_CONV2D_WINOGRAD_H
#define LW_CONV2D_WINOGRAD_H

#include "kernels/tile.h"
#include "kernels/winograd.h"

typedef struct lw_winograd {
    const lw_winograd_form *form;
    const lw_tile_kernel *tile;
    bool backward;
    int mb, read_h, read_w, read_c;
    int write_h, write_w, write_c; /* positions that are computed */
    int ph, pw;                    /* position 0's window begins so far before the tensor */
    const float *read, *wei, *bias;
    bool relu, packed;
    float *write;
    uint8_t *argmax; /* not NULL: tiles consist of a pool's windows, and `write` and this get their maxima */
} lw_winograd;

lw_winograd lw_winograd_fwd(const lw_conv2d_fwd_args *args, const lw_winograd_form *form, const lw_tile_kernel *tile);
lw_winograd lw_winograd_bwd_data(const lw_conv2d_bwd_data_args *args, const lw_winograd_form *form,
                                 const lw_tile_kernel *tile);
lw_winograd lw_winograd_pool_fwd(const lw_conv2d_pool_fwd_args *args, const lw_winograd_form *form,
                                 const lw_tile_kernel *tile);

/* The workspace in floats: the team's transformed weights u, then a part for each member: inputs v and products m of a
 * block of tiles, one patch, and the two sides of a transform that does not fit the registers.
 *   u [panel][place][read_c][nr]   v [place][tile][channels]   m [place][tile][nr]   patch [n][n][channels]
 *   side [2][n][n][a vector]
 * Places lie a line further apart than their tiles need: powers of two would share few sets of a cache. */
enum { LW_WINOGRAD_TILES = 16 }; /* of a block: v and m stay in L2, what one product needs of them in L1 */

typedef struct lw_winograd_layout {
    ptrdiff_t rows, cols, panels; /* tiles down and across an image; panels of nr written channels */
    ptrdiff_t channels;           /* read_c in whole lines */
    ptrdiff_t v_place, m_place, u, v, m, patch, side;
} lw_winograd_layout;

lw_winograd_layout lw_winograd_layout_of(const lw_winograd *g);
size_t lw_winograd_workspace(const lw_winograd *g, int team_size);

/* 3 x 3, stride 1; under a pool, windows of 2 x 2 side by side, each whole and without padding. */
lw_conv2d_fwd_serves_fn lw_conv2d_fwd_winograd_serves;
lw_conv2d_bwd_data_serves_fn lw_conv2d_bwd_data_winograd_serves;
lw_conv2d_pool_fwd_serves_fn lw_conv2d_pool_fwd_winograd_serves;

/* The rows that an ISA has: op, its stem, what makes it a lw_winograd, form, and whether that form rounds small integers.
 * A 3 x 3 tile holds no windows of 2 x 2. */
#define LW_FOR_EACH_WINOGRAD(X)                                                                                        \
    X(CONV2D_FWD, conv2d_fwd, fwd, 2x2, false)                                                                         \
    X(CONV2D_FWD, conv2d_fwd, fwd, 3x3, true)                                                                          \
    X(CONV2D_FWD, conv2d_fwd, fwd, 4x4, true)                                                                          \
    X(CONV2D_BWD_DATA, conv2d_bwd_data, bwd_data, 2x2, false)                                                          \
    X(CONV2D_BWD_DATA, conv2d_bwd_data, bwd_data, 3x3, true)                                                           \
    X(CONV2D_BWD_DATA, conv2d_bwd_data, bwd_data, 4x4, true)                                                           \
    X(CONV2D_POOL_FWD, conv2d_pool_fwd, pool_fwd, 2x2, false)                                                          \
    X(CONV2D_POOL_FWD, conv2d_pool_fwd, pool_fwd, 4x4, true)

/* Executed FLOP: the products, and the transforms of inputs, outputs and weights. */
#define X(ENUM, stem, make, form, rounds) lw_##stem##_flop_fn lw_##stem##_winograd_##form##_flop;
LW_FOR_EACH_WINOGRAD(X)
#undef X

#endif
