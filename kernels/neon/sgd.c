/* SPDX-License-Identifier: BSD-3-Clause
 * sgd.c: the SGD step of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/sgd.h"

void lw_sgd_neon(const lw_sgd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_sgd(*args, team);
}
