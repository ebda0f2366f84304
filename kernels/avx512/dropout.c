/* SPDX-License-Identifier: BSD-3-Clause
 * dropout.c: dropout of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/dropout.h"

void lw_dropout_avx512(const lw_dropout_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_dropout(*args, team);
}
