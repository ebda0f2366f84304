/* SPDX-License-Identifier: BSD-3-Clause
 * dropout.c: dropout of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/dropout.h"

void lw_dropout_avx2(const lw_dropout_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_dropout(*args, team);
}
