/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_pool_bwd.c: the gradients of a convolution under a max-pool, of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/conv2d_pool_bwd_data.h"
#include "kernels/vec/conv2d_pool_bwd_weights.h"

size_t lw_conv2d_pool_bwd_data_workspace_neon(const lw_conv2d_pool_bwd_data_args *args, int team_size)
{
    return vec_conv2d_pool_bwd_data_workspace(&args->shape, team_size);
}

void lw_conv2d_pool_bwd_data_neon(const lw_conv2d_pool_bwd_data_args *args, void *ws, const lw_team *team)
{
    vec_conv2d_pool_bwd_data(*args, ws, team);
}

size_t lw_conv2d_pool_bwd_weights_workspace_neon(const lw_conv2d_pool_bwd_weights_args *args, int team_size)
{
    return vec_conv2d_pool_bwd_weights_workspace(&args->shape, team_size);
}

void lw_conv2d_pool_bwd_weights_neon(const lw_conv2d_pool_bwd_weights_args *args, void *ws, const lw_team *team)
{
    vec_conv2d_pool_bwd_weights(*args, ws, team);
}
