/* SPDX-License-Identifier: BSD-3-Clause
 * gavgpool.c: global average pooling of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/gavgpool.h"

void lw_gavgpool_fwd_neon(const lw_gavgpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_gavgpool_fwd(*args, team);
}

void lw_gavgpool_bwd_neon(const lw_gavgpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_gavgpool_bwd(*args, team);
}
