/* SPDX-License-Identifier: BSD-3-Clause
 * avgpool.c: average pooling of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/avgpool.h"

void lw_avgpool_fwd_avx512(const lw_avgpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_avgpool_fwd(*args, team);
}

void lw_avgpool_bwd_avx512(const lw_avgpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_avgpool_bwd(*args, team);
}
