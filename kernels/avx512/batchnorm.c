/* SPDX-License-Identifier: BSD-3-Clause
 * batchnorm.c: batch normalisation of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/batchnorm.h"

size_t lw_batchnorm_fwd_workspace_avx512(const lw_batchnorm_fwd_args *args, int team_size)
{
    (void)team_size;
    return vec_batchnorm_workspace(args->rows, args->cols);
}

void lw_batchnorm_fwd_avx512(const lw_batchnorm_fwd_args *args, void *ws, const lw_team *team)
{
    vec_batchnorm_fwd(*args, ws, team);
}

size_t lw_batchnorm_bwd_workspace_avx512(const lw_batchnorm_bwd_args *args, int team_size)
{
    (void)team_size;
    return vec_batchnorm_workspace(args->rows, args->cols);
}

void lw_batchnorm_bwd_avx512(const lw_batchnorm_bwd_args *args, void *ws, const lw_team *team)
{
    vec_batchnorm_bwd(*args, ws, team);
}
