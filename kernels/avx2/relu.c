/* SPDX-License-Identifier: BSD-3-Clause
 * relu.c: ReLU of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/relu.h"

void lw_relu_fwd_avx2(const lw_relu_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_relu_fwd(*args, team);
}

void lw_relu_bwd_avx2(const lw_relu_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_relu_bwd(*args, team);
}
