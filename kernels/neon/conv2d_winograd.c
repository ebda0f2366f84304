/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_winograd.c: the convolutions by Winograd's tiles of vec/, their products on the 8 x 12 tile. */
#include "kernels/neon/neon.h"
#include "kernels/neon/tile_8x12.h"
#include "kernels/vec/conv2d_winograd.h"

static void run_2x2(const lw_winograd *g, void *ws, const lw_team *team)
{
    vec_conv2d_winograd(g, ws, team, &lw_winograd_2x2);
}

size_t lw_conv2d_fwd_winograd_2x2_workspace_neon(const lw_conv2d_fwd_args *args, int team_size)
{
    const lw_winograd g = lw_winograd_fwd(args, &lw_winograd_2x2, &lw_tile_8x12_neon);
    return lw_winograd_workspace(&g, team_size);
}

void lw_conv2d_fwd_winograd_2x2_neon(const lw_conv2d_fwd_args *args, void *ws, const lw_team *team)
{
    const lw_winograd g = lw_winograd_fwd(args, &lw_winograd_2x2, &lw_tile_8x12_neon);
    run_2x2(&g, ws, team);
}

size_t lw_conv2d_bwd_data_winograd_2x2_workspace_neon(const lw_conv2d_bwd_data_args *args, int team_size)
{
    const lw_winograd g = lw_winograd_bwd_data(args, &lw_winograd_2x2, &lw_tile_8x12_neon);
    return lw_winograd_workspace(&g, team_size);
}

void lw_conv2d_bwd_data_winograd_2x2_neon(const lw_conv2d_bwd_data_args *args, void *ws, const lw_team *team)
{
    const lw_winograd g = lw_winograd_bwd_data(args, &lw_winograd_2x2, &lw_tile_8x12_neon);
    run_2x2(&g, ws, team);
}

size_t lw_conv2d_pool_fwd_winograd_2x2_workspace_neon(const lw_conv2d_pool_fwd_args *args, int team_size)
{
    const lw_winograd g = lw_winograd_pool_fwd(args, &lw_winograd_2x2, &lw_tile_8x12_neon);
    return lw_winograd_workspace(&g, team_size);
}

void lw_conv2d_pool_fwd_winograd_2x2_neon(const lw_conv2d_pool_fwd_args *args, void *ws, const lw_team *team)
{
    const lw_winograd g = lw_winograd_pool_fwd(args, &lw_winograd_2x2, &lw_tile_8x12_neon);
    run_2x2(&g, ws, team);
}
