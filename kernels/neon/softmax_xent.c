/* SPDX-License-Identifier: BSD-3-Clause
 * softmax_xent.c: softmax with cross-entropy of vec/ on NEON. */
#include "kernels/neon/neon.h"
#include "kernels/vec/softmax_xent.h"

void lw_softmax_xent_neon(const lw_softmax_xent_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    vec_softmax_xent(*args, team);
}
