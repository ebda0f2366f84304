/* SPDX-License-Identifier: BSD-3-Clause
 * rmsprop.c: the RMSprop step of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/rmsprop.h"

void lw_rmsprop_avx512(const lw_rmsprop_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_rmsprop(*args, team);
}
