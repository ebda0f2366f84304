/* SPDX-License-Identifier: BSD-3-Clause
 * affine_warp.c: the affine warp of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/affine_warp.h"

size_t lw_affine_warp_workspace_avx2(const lw_affine_warp_args *args, int team_size)
{
    (void)team_size;
    return vec_affine_warp_bytes(args);
}

void lw_affine_warp_avx2(const lw_affine_warp_args *args, void *ws, const lw_team *team)
{
    vec_affine_warp(*args, ws, team);
}
