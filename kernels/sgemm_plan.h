/* SPDX-License-Identifier: BSD-3-Clause
 * sgemm_plan.h: how a product is cut into blocks, and which of its operands are packed. */
#ifndef LW_SGEMM_PLAN_H
#define LW_SGEMM_PLAN_H

#include "kernels/tile.h"

enum { LW_SGEMM_MC = 120 }; /* a block of A, MC x KC = 150 KiB, stays in L2 beside the panels streamed through it */

/* How panels of op(B) reach the tiles. */
typedef enum lw_sgemm_b {
    LW_B_IN_PLACE, /* as they lie; a partial one is packed by each member */
    LW_B_SHARED,   /* packed once, for all blocks of rows of all members that need them */
    LW_B_OWN       /* packed by the member right before its only use */
} lw_sgemm_b;

typedef struct lw_sgemm_plan {
    const lw_sgemm_args *args;
    const lw_tile_kernel *tile;
    ptrdiff_t kc, nc, mc; /* blocks; mc <= LW_SGEMM_MC, and kc depends on the problem alone */
    bool packs_a;
    lw_sgemm_b b;
} lw_sgemm_plan;

/* M, N and K > 0. */
lw_sgemm_plan lw_sgemm_plan_of(const lw_sgemm_args *args, const lw_tile_kernel *tile, int team_size);

/* What is packed, in floats: by the team, and by each member a block of A and a panel of B. */
size_t lw_sgemm_floats_of_b(const lw_sgemm_plan *plan);
size_t lw_sgemm_floats_of_panel(const lw_sgemm_plan *plan);
size_t lw_sgemm_floats_of_a(const lw_sgemm_plan *plan);

/* Floats of a team of this size or a smaller one. */
size_t lw_sgemm_plan_workspace(const lw_sgemm_plan *plan, int team_size);

#endif
