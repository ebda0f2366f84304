/* SPDX-License-Identifier: BSD-3-Clause
 * relu.c: ReLU of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/relu.h"

void lw_relu_fwd_neon(const lw_relu_fwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_relu_fwd(*args, team);
}

void lw_relu_bwd_neon(const lw_relu_bwd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_relu_bwd(*args, team);
}
