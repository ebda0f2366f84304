/* SPDX-License-Identifier: BSD-3-Clause
 * rmsprop.c: the RMSprop step of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/rmsprop.h"

void lw_rmsprop_avx2(const lw_rmsprop_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_rmsprop(*args, team);
}
