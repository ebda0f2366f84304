/* SPDX-License-Identifier: BSD-3-Clause
 * sgemm.c: GEMM on the 8 x 12 tile. */
#include "kernels/neon/neon.h"
#include "kernels/neon/tile_8x12.h"
#include "kernels/vec/sgemm.h"

size_t lw_sgemm_workspace_neon(const lw_sgemm_args *args, int team_size)
{
    return vec_sgemm_workspace(args, team_size, &lw_tile_8x12_neon);
}

void lw_sgemm_neon(const lw_sgemm_args *args, void *ws, const lw_team *team)
{
    vec_sgemm(args, ws, team, &lw_tile_8x12_neon);
}
