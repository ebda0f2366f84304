/* SPDX-License-Identifier: BSD-3-Clause
 * avgpool.c: average pooling of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/avgpool.h"

void lw_avgpool_fwd_avx2(const lw_avgpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_avgpool_fwd(*args, team);
}

void lw_avgpool_bwd_avx2(const lw_avgpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_avgpool_bwd(*args, team);
}
