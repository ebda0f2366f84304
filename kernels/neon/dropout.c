/* SPDX-License-Identifier: BSD-3-Clause
 * dropout.c: dropout of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/dropout.h"

void lw_dropout_neon(const lw_dropout_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_dropout(*args, team);
}
