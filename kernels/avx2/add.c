/* SPDX-License-Identifier: BSD-3-Clause
 * add.c: element-wise sum of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/add.h"

void lw_add_avx2(const lw_add_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_add(*args, team);
}
