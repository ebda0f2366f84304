/* SPDX-License-Identifier: BSD-3-Clause
 * sgemm_small.h: products whose operands fit L1, without blocks and meetings. */
#ifndef LW_SGEMM_SMALL_H
#define LW_SGEMM_SMALL_H

#include "kernels/tile.h"

/* Whether A and B fit L1 side by side; K > 0 and alpha != 0 are the caller's to see to. */
bool lw_sgemm_is_small(const lw_sgemm_args *args);

/* Whether such a product, or one of a single row or column (vec/gemv.h), is so short that a second member's way to the
 * operands takes longer: member 0 does it. */
lw_sgemm_serves_fn lw_sgemm_is_alone;

size_t lw_sgemm_small_workspace(const lw_sgemm_args *args, int team_size, const lw_tile_kernel *tile);
void lw_sgemm_small(const lw_sgemm_args *args, float *ws, const lw_team *team, const lw_tile_kernel *tile);

#endif
