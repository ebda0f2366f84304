/* SPDX-License-Identifier: BSD-3-Clause
 * maxpool.c: max-pooling of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/maxpool.h"
#include "kernels/vec/maxpool_bwd.h"

void lw_maxpool_fwd_avx512(const lw_maxpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_maxpool_fwd(*args, team);
}

void lw_maxpool_bwd_avx512(const lw_maxpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_maxpool_bwd(*args, team);
}
