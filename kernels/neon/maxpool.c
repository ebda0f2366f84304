/* SPDX-License-Identifier: BSD-3-Clause
 * maxpool.c: max-pooling of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/maxpool.h"
#include "kernels/vec/maxpool_bwd.h"

void lw_maxpool_fwd_neon(const lw_maxpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_maxpool_fwd(*args, team);
}

void lw_maxpool_bwd_neon(const lw_maxpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_maxpool_bwd(*args, team);
}
