/* SPDX-License-Identifier: BSD-3-Clause
 * sgd.c: the SGD step of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/sgd.h"

void lw_sgd_avx512(const lw_sgd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_sgd(*args, team);
}
