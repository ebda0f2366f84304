/* SPDX-License-Identifier: BSD-3-Clause
 * sgemm.c: the textbook triple loop, with j innermost so that rows of B and C are walked in order. */
#include "kernels/scalar/symbols.h"

static void row(const lw_sgemm_args *args, ptrdiff_t i)
{
    float *restrict c = args->C + i * args->ldc;
    for (ptrdiff_t j = 0; j < args->N; j++) c[j] = args->beta == 0.0f ? 0.0f : args->beta * c[j];
    if (args->alpha == 0.0f) return;
    for (ptrdiff_t p = 0; p < args->K; p++) {
        const float a = args->alpha * (args->trans_a ? args->A[p * args->lda + i] : args->A[i * args->lda + p]);
        if (args->trans_b) {
            const float *b = args->B + p;
            for (ptrdiff_t j = 0; j < args->N; j++) c[j] += a * b[j * args->ldb];
        } else {
            const float *restrict b = args->B + p * args->ldb;
            for (ptrdiff_t j = 0; j < args->N; j++) c[j] += a * b[j];
        }
    }
}

void LW_SYM(sgemm)(const lw_sgemm_args *args, void *ws, const lw_team *team)
{
    (void)ws;
    ptrdiff_t lo, hi;
    lw_team_share(team, args->M, 1, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) row(args, i);
}
