/* SPDX-License-Identifier: BSD-3-Clause
 *
 * neon.h: the kernels of the AArch64 NEON set, one per op, and the workspaces of those that need one.
 */
#ifndef LW_NEON_H
#define LW_NEON_H

#include "kernels/conv2d_winograd.h"
#include "kernels/kernels.h"

#define X(ENUM, stem) lw_##stem##_fn lw_##stem##_neon;
LW_FOR_EACH_OP(X)
#undef X

lw_sgemm_ws_fn lw_sgemm_workspace_neon;
lw_conv2d_fwd_ws_fn lw_conv2d_fwd_workspace_neon;
lw_conv2d_bwd_data_ws_fn lw_conv2d_bwd_data_workspace_neon;
lw_conv2d_bwd_weights_ws_fn lw_conv2d_bwd_weights_workspace_neon;
lw_conv2d_pool_fwd_ws_fn lw_conv2d_pool_fwd_workspace_neon;
lw_conv2d_pool_bwd_data_ws_fn lw_conv2d_pool_bwd_data_workspace_neon;
lw_conv2d_pool_bwd_weights_ws_fn lw_conv2d_pool_bwd_weights_workspace_neon;
lw_bias_bwd_ws_fn lw_bias_bwd_workspace_neon;
lw_batchnorm_fwd_ws_fn lw_batchnorm_fwd_workspace_neon;
lw_batchnorm_bwd_ws_fn lw_batchnorm_bwd_workspace_neon;
lw_affine_warp_ws_fn lw_affine_warp_workspace_neon;

#define X(ENUM, stem, make, form, rounds)                 \
    lw_##stem##_fn lw_##stem##_winograd_##form##_neon; \
    lw_##stem##_ws_fn lw_##stem##_winograd_##form##_workspace_neon;
LW_FOR_EACH_WINOGRAD(X)
#undef X

#endif
