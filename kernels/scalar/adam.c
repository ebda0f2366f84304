/* SPDX-License-Identifier: BSD-3-Clause
 * adam.c: a step of Adam, or with `decoupled` of AdamW. */
#include "kernels/scalar/symbols.h"

#include <assert.h>
#include <math.h>

void LW_SYM(adam)(const lw_adam_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    assert(args->step >= 1);
    const float *restrict grad = args->grad;
    float *restrict w = args->w, *restrict m = args->m, *restrict v = args->v;
    const float beta1 = args->beta1, beta2 = args->beta2, lr = args->lr, epsilon = args->epsilon;
    const float decay = args->weight_decay;
    const bool decoupled = args->decoupled;
    /* In double: 1 - beta^step cancels in the first steps. The root is taken of v and of its correction
     * apart, so that a large v cannot overflow. */
    const float correction1 = (float)(1.0 - pow((double)beta1, (double)args->step));
    const float root2 = (float)sqrt(1.0 - pow((double)beta2, (double)args->step));

    ptrdiff_t lo, hi;
    lw_team_share(team, args->n, 64, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) {
        const float g = decoupled ? grad[i] : grad[i] + decay * w[i];
        m[i] = beta1 * m[i] + (1.0f - beta1) * g;
        v[i] = beta2 * v[i] + (1.0f - beta2) * g * g;
        const float step = lr * (m[i] / correction1) / (sqrtf(v[i]) / root2 + epsilon);
        w[i] -= decoupled ? lr * decay * w[i] + step : step;
    }
}
