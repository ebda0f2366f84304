/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_pool_fwd.c: convolution under a max-pool on the 6 x 16 tile and the max-pool of vec/. */
#include "kernels/avx2/avx2.h"
#include "kernels/avx2/tile_6x16.h"

size_t lw_conv2d_pool_fwd_workspace_avx2(const lw_conv2d_pool_fwd_args *args, int team_size)
{
    return lw_conv2d_pool_fwd_tiled_workspace(args, team_size, &lw_tile_6x16_avx2);
}

void lw_conv2d_pool_fwd_avx2(const lw_conv2d_pool_fwd_args *args, void *ws, const lw_team *team)
{
    lw_conv2d_pool_fwd_tiled(args, ws, team, &lw_tile_6x16_avx2, lw_maxpool_fwd_avx2);
}
