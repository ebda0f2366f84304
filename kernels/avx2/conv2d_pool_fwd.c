/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_pool_fwd.c: convolution under a max-pool on the 6 x 16 tile and the max-pool of vec/; with few weights per
 * output channel, by vec/ alone. */
#include "kernels/avx2/avx2.h"
#include "kernels/avx2/tile_6x16.h"
#include "kernels/vec/conv2d_pool_narrow.h"

size_t lw_conv2d_pool_fwd_workspace_avx2(const lw_conv2d_pool_fwd_args *args, int team_size)
{
    return vec_conv2d_pool_narrow_fits(&args->shape.conv)
               ? vec_conv2d_pool_narrow_workspace(team_size)
               : lw_conv2d_pool_fwd_tiled_workspace(args, team_size, &lw_tile_6x16_avx2);
}

void lw_conv2d_pool_fwd_avx2(const lw_conv2d_pool_fwd_args *args, void *ws, const lw_team *team)
{
    if (vec_conv2d_pool_narrow_fits(&args->shape.conv))
        vec_conv2d_pool_narrow(args, ws, team);
    else
        lw_conv2d_pool_fwd_tiled(args, ws, team, &lw_tile_6x16_avx2, lw_maxpool_fwd_avx2);
}
