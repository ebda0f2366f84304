/* SPDX-License-Identifier: BSD-3-Clause
 * softmax_xent.c: softmax with cross-entropy of vec/ on AVX2. */
#include "kernels/avx2/avx2.h"
#include "kernels/vec/softmax_xent.h"

void lw_softmax_xent_avx2(const lw_softmax_xent_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_softmax_xent(*args, team);
}
