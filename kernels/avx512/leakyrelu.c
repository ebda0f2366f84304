/* SPDX-License-Identifier: BSD-3-Clause
 * leakyrelu.c: leaky ReLU of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/leakyrelu.h"

void lw_leakyrelu_fwd_avx512(const lw_leakyrelu_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_leakyrelu_fwd(*args, team);
}

void lw_leakyrelu_bwd_avx512(const lw_leakyrelu_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_leakyrelu_bwd(*args, team);
}
