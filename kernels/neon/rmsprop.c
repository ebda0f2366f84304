/* SPDX-License-Identifier: BSD-3-Clause
 * rmsprop.c: the RMSprop step of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/rmsprop.h"

void lw_rmsprop_neon(const lw_rmsprop_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_rmsprop(*args, team);
}
