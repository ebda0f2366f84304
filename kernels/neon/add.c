/* SPDX-License-Identifier: BSD-3-Clause
 * add.c: element-wise sum of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/add.h"

void lw_add_neon(const lw_add_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_add(*args, team);
}
