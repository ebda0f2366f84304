/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_gather.h: the parts of the gathering convolution that other loops are built from: weights are packed once,
 * then positions are computed in as many pieces as the caller likes. */
#ifndef LW_CONV2D_GATHER_H
#define LW_CONV2D_GATHER_H

#include "kernels/conv2d_span.h"
#include "kernels/tile.h"

typedef struct lw_gather {
    const lw_tile_kernel *tile;
    int mb;
    lw_axis y, x;
    int read_h, read_w, read_c;    /* the tensor gathered from */
    int write_h, write_w, write_c; /* the tensor written */
    const float *read, *wei;
    float *write;
    const float *bias;
    bool relu;
    bool packed; /* the workspace holds the weights already */
} lw_gather;

lw_gather lw_gather_of(const lw_conv2d_shape *s, bool backward, const lw_tile_kernel *tile); /* tensors are NULL */
size_t lw_gather_workspace(const lw_gather *g, int team_size);

/* Packs the weights into the first bytes of `ws`, which depend on the shape of a filter alone, unless they are there;
 * shared by the team, which is synchronised then. */
void lw_gather_pack(const lw_gather *g, void *ws, const lw_team *team);

/* Computes the positions of g, shared by `team`; `member` owns a part of the workspace. g may differ from the one
 * that packed in images, positions and tensors. */
void lw_gather_run(const lw_gather *g, void *ws, int member, const lw_team *team);

#endif
