/* SPDX-License-Identifier: BSD-3-Clause
 * add.c: element-wise sum of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/add.h"

void lw_add_avx512(const lw_add_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_add(*args, team);
}
