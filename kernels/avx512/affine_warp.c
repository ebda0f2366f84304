/* SPDX-License-Identifier: BSD-3-Clause
 * affine_warp.c: the affine warp of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/affine_warp.h"

size_t lw_affine_warp_workspace_avx512(const lw_affine_warp_args *args, int team_size)
{
    (void)team_size;
    return vec_affine_warp_bytes(args);
}

void lw_affine_warp_avx512(const lw_affine_warp_args *args, void *ws, const lw_team *team)
{
    vec_affine_warp(*args, ws, team);
}
