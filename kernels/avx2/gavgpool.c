/* SPDX-License-Identifier: BSD-3-Clause
 * gavgpool.c: global average pooling of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/gavgpool.h"

void lw_gavgpool_fwd_avx2(const lw_gavgpool_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_gavgpool_fwd(*args, team);
}

void lw_gavgpool_bwd_avx2(const lw_gavgpool_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_gavgpool_bwd(*args, team);
}
