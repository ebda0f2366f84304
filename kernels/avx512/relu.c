/* SPDX-License-Identifier: BSD-3-Clause
 * relu.c: ReLU of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/relu.h"

void lw_relu_fwd_avx512(const lw_relu_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_relu_fwd(*args, team);
}

void lw_relu_bwd_avx512(const lw_relu_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_relu_bwd(*args, team);
}
