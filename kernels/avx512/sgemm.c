/* SPDX-License-Identifier: BSD-3-Clause
 * sgemm.c: GEMM on the 8 x 32 and 8 x 48 tiles. */
#include "kernels/avx512/avx512.h"
#include "kernels/avx512/tile.h"

size_t lw_sgemm_workspace_avx512(const lw_sgemm_args *args, int team_size)
{
    return lw_sgemm_tiled_workspace(args, team_size, lw_tile_avx512(args->N));
}

void lw_sgemm_avx512(const lw_sgemm_args *args, void *ws, const lw_team *team)
{
    lw_sgemm_tiled(args, ws, team, lw_tile_avx512(args->N));
}
