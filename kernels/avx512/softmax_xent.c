/* SPDX-License-Identifier: BSD-3-Clause
 * softmax_xent.c: softmax with cross-entropy of vec/ on AVX-512. */
#include "kernels/avx512/avx512.h"
#include "kernels/vec/softmax_xent.h"

void lw_softmax_xent_avx512(const lw_softmax_xent_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_softmax_xent(*args, team);
}
