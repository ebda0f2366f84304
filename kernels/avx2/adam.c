/* SPDX-License-Identifier: BSD-3-Clause
 * adam.c: the Adam step of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/adam.h"

void lw_adam_avx2(const lw_adam_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_adam(*args, team);
}
