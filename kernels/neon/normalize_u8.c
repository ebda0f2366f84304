/* SPDX-License-Identifier: BSD-3-Clause
 * normalize_u8.c: pixel normalisation of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/normalize_u8.h"

void lw_normalize_u8_neon(const lw_normalize_u8_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_normalize_u8(*args, team);
}
