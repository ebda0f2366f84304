/* SPDX-License-Identifier: BSD-3-Clause
 * sgd.c: the SGD step of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/sgd.h"

void lw_sgd_avx2(const lw_sgd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_sgd(*args, team);
}
