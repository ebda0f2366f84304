/* SPDX-License-Identifier: BSD-3-Clause
 * rmsprop.c: a step of RMSprop. */
#include "kernels/scalar/symbols.h"

#include <math.h>

void LW_SYM(rmsprop)(const lw_rmsprop_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    const float *restrict grad = args->grad;
    float *restrict w = args->w, *restrict v = args->v;
    const float lr = args->lr, rho = args->rho, epsilon = args->epsilon, decay = args->weight_decay;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->n, 64, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) {
        const float g = grad[i] + decay * w[i];
        v[i] = rho * v[i] + (1.0f - rho) * g * g;
        w[i] -= lr * g / sqrtf(v[i] + epsilon);
    }
}
