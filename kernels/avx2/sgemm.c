/* SPDX-License-Identifier: BSD-3-Clause
 * sgemm.c: GEMM on the 6 x 16 tile. */
#include "kernels/avx2/avx2.h"
#include "kernels/avx2/tile_6x16.h"
#include "kernels/vec/sgemm.h"

size_t lw_sgemm_workspace_avx2(const lw_sgemm_args *args, int team_size)
{
    return vec_sgemm_workspace(args, team_size, &lw_tile_6x16_avx2);
}

void lw_sgemm_avx2(const lw_sgemm_args *args, void *ws, const lw_team *team)
{
    vec_sgemm(args, ws, team, &lw_tile_6x16_avx2);
}
