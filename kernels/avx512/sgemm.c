/* SPDX-License-Identifier: BSD-3-Clause
 * sgemm.c: GEMM on the 8 x 32 tile. */
#include "kernels/avx512/avx512.h"
#include "kernels/avx512/tile_8x32.h"
#include "kernels/vec/sgemm.h"

size_t lw_sgemm_workspace_avx512(const lw_sgemm_args *args, int team_size)
{
    return vec_sgemm_workspace(args, team_size, &lw_tile_8x32_avx512);
}

void lw_sgemm_avx512(const lw_sgemm_args *args, void *ws, const lw_team *team)
{
    vec_sgemm(args, ws, team, &lw_tile_8x32_avx512);
}
