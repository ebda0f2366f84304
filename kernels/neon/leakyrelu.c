/* SPDX-License-Identifier: BSD-3-Clause
 * leakyrelu.c: leaky ReLU of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/leakyrelu.h"

void lw_leakyrelu_fwd_neon(const lw_leakyrelu_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_leakyrelu_fwd(*args, team);
}

void lw_leakyrelu_bwd_neon(const lw_leakyrelu_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_leakyrelu_bwd(*args, team);
}
