/* SPDX-License-Identifier: BSD-3-Clause
 * sgd.c: a step of stochastic gradient descent: momentum, Nesterov, weight decay. */
#include "kernels/scalar/symbols.h"

static void plain(const lw_sgd_args *args, ptrdiff_t lo, ptrdiff_t hi)
{
    const float *restrict grad = args->grad;
    float *restrict w = args->w;
    const float lr = args->lr, decay = args->weight_decay;
    for (ptrdiff_t i = lo; i < hi; i++) w[i] -= lr * (grad[i] + decay * w[i]);
}

static void with_momentum(const lw_sgd_args *args, ptrdiff_t lo, ptrdiff_t hi)
{
    const float *restrict grad = args->grad;
    float *restrict w = args->w, *restrict velocity = args->velocity;
    const float lr = args->lr, decay = args->weight_decay, momentum = args->momentum;
    const bool nesterov = args->nesterov;
    for (ptrdiff_t i = lo; i < hi; i++) {
        const float g = grad[i] + decay * w[i];
        const float v = momentum * velocity[i] + g;
        velocity[i] = v;
        w[i] -= lr * (nesterov ? g + momentum * v : v);
    }
}

void LW_SYM(sgd)(const lw_sgd_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->n, 64, &lo, &hi);
    if (args->momentum == 0.0f)
        plain(args, lo, hi);
    else
        with_momentum(args, lo, hi);
}
