/* SPDX-License-Identifier: BSD-3-Clause
 * adam.c: the Adam step of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/adam.h"

void lw_adam_neon(const lw_adam_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_adam(*args, team);
}
