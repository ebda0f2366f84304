/* SPDX-License-Identifier: BSD-3-Clause
 * avgpool.c: average pooling of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/avgpool.h"

void lw_avgpool_fwd_neon(const lw_avgpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_avgpool_fwd(*args, team);
}

void lw_avgpool_bwd_neon(const lw_avgpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_avgpool_bwd(*args, team);
}
