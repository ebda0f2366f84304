/* SPDX-License-Identifier: BSD-3-Clause
 * table.c: the rows of `neon`: AArch64. A new kernel is its source and its row here. */
#include "kernels/neon/neon.h"
#include "kernels/needs.h"
#include "kernels/sgemm_small.h"

#define ROW(ENUM) .op = LW_OP_##ENUM, .isa = LW_ISA_NEON, .needs = LW_NEEDS
#define HEAD(ENUM) ROW(ENUM), .priority = 1, .tolerance = 1
#define TILE .mr = 8, .nr = 12
#define WINOGRAD(ENUM, stem, make, form, inexact) /* by name only */                                       \
    {ROW(ENUM), TILE, .tolerance = 1, .mixes = true, .rounds = inexact, .name = #stem "_winograd_" #form,    \
     .fn.stem = lw_##stem##_winograd_##form##_neon,                                                      \
     .workspace.stem = lw_##stem##_winograd_##form##_workspace_neon,                                     \
     .serves.stem = lw_##stem##_winograd_serves, .flop.stem = lw_##stem##_winograd_##form##_flop},

static const lw_kernel rows[] = {
    {HEAD(SGEMM), TILE, .name = "sgemm_8x12",
     .fn.sgemm = lw_sgemm_neon, .workspace.sgemm = lw_sgemm_workspace_neon, .alone.sgemm = lw_sgemm_is_alone},
    {HEAD(CONV2D_FWD), TILE, .name = "conv2d_fwd_direct",
     .fn.conv2d_fwd = lw_conv2d_fwd_neon, .workspace.conv2d_fwd = lw_conv2d_fwd_workspace_neon},
    {HEAD(CONV2D_BWD_DATA), TILE, .name = "conv2d_bwd_data_direct",
     .fn.conv2d_bwd_data = lw_conv2d_bwd_data_neon,
     .workspace.conv2d_bwd_data = lw_conv2d_bwd_data_workspace_neon},
    {HEAD(CONV2D_BWD_WEIGHTS), TILE, .name = "conv2d_bwd_weights_direct",
     .fn.conv2d_bwd_weights = lw_conv2d_bwd_weights_neon,
     .workspace.conv2d_bwd_weights = lw_conv2d_bwd_weights_workspace_neon},
    {HEAD(CONV2D_POOL_FWD), TILE, .name = "conv2d_pool_fwd_strips",
     .fn.conv2d_pool_fwd = lw_conv2d_pool_fwd_neon,
     .workspace.conv2d_pool_fwd = lw_conv2d_pool_fwd_workspace_neon},
    {HEAD(CONV2D_POOL_BWD_DATA), .name = "conv2d_pool_bwd_data_sparse",
     .fn.conv2d_pool_bwd_data = lw_conv2d_pool_bwd_data_neon,
     .workspace.conv2d_pool_bwd_data = lw_conv2d_pool_bwd_data_workspace_neon},
    {HEAD(CONV2D_POOL_BWD_WEIGHTS), .name = "conv2d_pool_bwd_weights_sparse",
     .fn.conv2d_pool_bwd_weights = lw_conv2d_pool_bwd_weights_neon,
     .workspace.conv2d_pool_bwd_weights = lw_conv2d_pool_bwd_weights_workspace_neon},
    LW_FOR_EACH_WINOGRAD(WINOGRAD)
    {HEAD(MAXPOOL_FWD), .name = "maxpool_fwd_channels", .fn.maxpool_fwd = lw_maxpool_fwd_neon},
    {HEAD(MAXPOOL_BWD), .name = "maxpool_bwd_gather", .fn.maxpool_bwd = lw_maxpool_bwd_neon},
    {HEAD(AVGPOOL_FWD), .name = "avgpool_fwd_channels", .fn.avgpool_fwd = lw_avgpool_fwd_neon},
    {HEAD(AVGPOOL_BWD), .name = "avgpool_bwd_gather", .fn.avgpool_bwd = lw_avgpool_bwd_neon},
    {HEAD(GAVGPOOL_FWD), .name = "gavgpool_fwd_channels", .fn.gavgpool_fwd = lw_gavgpool_fwd_neon},
    {HEAD(GAVGPOOL_BWD), .name = "gavgpool_bwd_channels", .fn.gavgpool_bwd = lw_gavgpool_bwd_neon},
    {HEAD(RELU_FWD), .name = "relu_fwd_vec", .fn.relu_fwd = lw_relu_fwd_neon},
    {HEAD(RELU_BWD), .name = "relu_bwd_vec", .fn.relu_bwd = lw_relu_bwd_neon},
    {HEAD(LEAKYRELU_FWD), .name = "leakyrelu_fwd_vec", .fn.leakyrelu_fwd = lw_leakyrelu_fwd_neon},
    {HEAD(LEAKYRELU_BWD), .name = "leakyrelu_bwd_vec", .fn.leakyrelu_bwd = lw_leakyrelu_bwd_neon},
    {HEAD(BIAS_FWD), .name = "bias_fwd_vec", .fn.bias_fwd = lw_bias_fwd_neon},
    {HEAD(BIAS_BWD), .name = "bias_bwd_vec",
     .fn.bias_bwd = lw_bias_bwd_neon, .workspace.bias_bwd = lw_bias_bwd_workspace_neon},
    {HEAD(ADD), .name = "add_vec", .fn.add = lw_add_neon},
    {HEAD(BATCHNORM_FWD), .name = "batchnorm_fwd_vec",
     .fn.batchnorm_fwd = lw_batchnorm_fwd_neon, .workspace.batchnorm_fwd = lw_batchnorm_fwd_workspace_neon},
    {HEAD(BATCHNORM_BWD), .name = "batchnorm_bwd_vec",
     .fn.batchnorm_bwd = lw_batchnorm_bwd_neon, .workspace.batchnorm_bwd = lw_batchnorm_bwd_workspace_neon},
    {HEAD(SOFTMAX_XENT), .name = "softmax_xent_vec", .fn.softmax_xent = lw_softmax_xent_neon},
    {HEAD(DROPOUT), .name = "dropout_vec", .fn.dropout = lw_dropout_neon},
    {HEAD(NORMALIZE_U8), .name = "normalize_u8_vec", .fn.normalize_u8 = lw_normalize_u8_neon},
    {HEAD(AFFINE_WARP), .name = "affine_warp_gather",
     .fn.affine_warp = lw_affine_warp_neon, .workspace.affine_warp = lw_affine_warp_workspace_neon},
    {HEAD(SGD), .name = "sgd_vec", .fn.sgd = lw_sgd_neon},
    {HEAD(ADAM), .name = "adam_vec", .fn.adam = lw_adam_neon},
    {HEAD(RMSPROP), .name = "rmsprop_vec", .fn.rmsprop = lw_rmsprop_neon},
};

extern const lw_table lw_table_neon;
const lw_table lw_table_neon = {.isa = LW_ISA_NEON, .count = sizeof rows / sizeof rows[0], .rows = rows};
