/* SPDX-License-Identifier: BSD-3-Clause
 * bias.c: bias and its gradient of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/bias.h"

void lw_bias_fwd_neon(const lw_bias_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_bias_fwd(*args, team);
}

size_t lw_bias_bwd_workspace_neon(const lw_bias_bwd_args *args, int team_size)
{
    (void)team_size;
    return vec_bias_bwd_workspace(args);
}

void lw_bias_bwd_neon(const lw_bias_bwd_args *args, void *ws, const lw_team *team)
{
    vec_bias_bwd(*args, ws, team);
}
