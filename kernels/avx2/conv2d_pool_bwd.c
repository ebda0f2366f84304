/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_pool_bwd.c: the gradients of a convolution under a max-pool, of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/conv2d_pool_bwd_data.h"
#include "kernels/vec/conv2d_pool_bwd_weights.h"
#include "kernels/vec/conv2d_pool_patch.h"

size_t lw_conv2d_pool_bwd_data_workspace_avx2(const lw_conv2d_pool_bwd_data_args *args, int team_size)
{
    return vec_conv2d_pool_bwd_data_workspace(&args->shape, team_size);
}

void lw_conv2d_pool_bwd_data_avx2(const lw_conv2d_pool_bwd_data_args *args, void *ws, const lw_team *team)
{
    vec_conv2d_pool_bwd_data(*args, ws, team);
}

size_t lw_conv2d_pool_bwd_weights_workspace_avx2(const lw_conv2d_pool_bwd_weights_args *args, int team_size)
{
    return vec_patch_fits(&args->shape) ? vec_patch_workspace(&args->shape, team_size)
                                        : vec_conv2d_pool_bwd_weights_workspace(&args->shape, team_size);
}

void lw_conv2d_pool_bwd_weights_avx2(const lw_conv2d_pool_bwd_weights_args *args, void *ws, const lw_team *team)
{
    if (vec_patch_fits(&args->shape))
        vec_conv2d_pool_patch(args, ws, team);
    else
        vec_conv2d_pool_bwd_weights(*args, ws, team);
}
