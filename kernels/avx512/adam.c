/* SPDX-License-Identifier: BSD-3-Clause
 * adam.c: the Adam step of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/adam.h"

void lw_adam_avx512(const lw_adam_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_adam(*args, team);
}
