/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gemv.h: sgemm with one row or one column, over vec.h. Each element of the matrix is used once, so the limit is
 * the bandwidth of wherever it lies; packing it for a register tile would only add to the traffic.
 *
 *   rows x (axpy form)   y += x[k] * row k, four rows per pass: y is loaded and stored once for four of them; more
 *                      streams at once gain no loads worth having and lose bandwidth beyond L2
 *   dots (dot form)      y[i] = row i . x, four rows side by side: eight chains cover the latency of an FMA
 *
 * The vectors are gathered into contiguous workspace, as either may be a column of its matrix.
 */
#ifndef LW_VEC_GEMV_H
#define LW_VEC_GEMV_H

#include "kernels/vec/vec.h"

enum {
    VEC_GEMV_ROWS = 4,       /* rows per pass of the axpy form */
    VEC_GEMV_DOTS = 4,       /* rows side by side in the dot form */
    VEC_GEMV_STRETCH = 2048, /* elements of y that stay in L1 while all rows pass */
};

static inline bool vec_gemv_fits(const lw_sgemm_args *args)
{
    return (args->M == 1 || args->N == 1) && args->M > 0 && args->N > 0 && args->K > 0 && args->alpha != 0.0f;
}

/* y[n] = beta * y + a^T x, with a as K rows of length n. */
typedef struct vec_gemv_args {
    ptrdiff_t n, k;
    const float *a;
    ptrdiff_t ld;
    bool dots; /* a is n rows of length k instead */
    const float *x;
    ptrdiff_t x_step;
    float *y;
    ptrdiff_t y_step;
    float alpha, beta;
} vec_gemv_args;

static inline vec_gemv_args vec_gemv_of(const lw_sgemm_args *s)
{
    if (s->M == 1)
        return (vec_gemv_args){.n = s->N, .k = s->K, .a = s->B, .ld = s->ldb, .dots = s->trans_b, .x = s->A,
                               .x_step = s->trans_a ? s->lda : 1, .y = s->C, .y_step = 1, .alpha = s->alpha, .beta = s->beta};
    return (vec_gemv_args){.n = s->M, .k = s->K, .a = s->A, .ld = s->lda, .dots = !s->trans_a, .x = s->B,
                           .x_step = s->trans_b ? 1 : s->ldb, .y = s->C, .y_step = s->ldc, .alpha = s->alpha, .beta = s->beta};
}

/* Per member: alpha * x, and in the axpy form a stretch of y. */
static inline size_t vec_gemv_member_floats(const lw_sgemm_args *s)
{
    return ((size_t)s->K + 15) / 16 * 16 + VEC_GEMV_STRETCH;
}

static inline size_t vec_gemv_workspace(const lw_sgemm_args *s, int team_size)
{
    return vec_gemv_member_floats(s) * (size_t)team_size * sizeof(float);
}

/* y[0 .. n) += sum over `rows` rows of x[k] * a[k][..] */
VEC_INLINE void vec_gemv_add_rows(float *y, const float *x, const float *a, ptrdiff_t ld, ptrdiff_t n, const int rows)
{
    vf factor[VEC_GEMV_ROWS];
    VEC_UNROLL
    for (int r = 0; r < rows; r++) factor[r] = vf_set1(x[r]);
    for (ptrdiff_t j = 0; j < n; j += VF_LANES) {
        const int lanes = vec_left(n, j);
        vf sum = vf_load_n(y + j, lanes);
        if (lanes == VF_LANES) {
            VEC_UNROLL
            for (int r = 0; r < rows; r++) sum = vf_fma(factor[r], vf_load(a + r * ld + j), sum);
        } else {
            VEC_UNROLL
            for (int r = 0; r < rows; r++) sum = vf_fma(factor[r], vf_load_n(a + r * ld + j, lanes), sum);
        }
        vf_store_n(y + j, sum, lanes);
    }
}

VEC_INLINE void vec_gemv_rows(const vec_gemv_args *g, const float *x, float *stretch, ptrdiff_t lo, ptrdiff_t hi)
{
    for (ptrdiff_t j = lo; j < hi; j += VEC_GEMV_STRETCH) {
        const ptrdiff_t n = hi - j < VEC_GEMV_STRETCH ? hi - j : VEC_GEMV_STRETCH;
        for (ptrdiff_t i = 0; i < n; i++) stretch[i] = g->beta == 0.0f ? 0.0f : g->beta * g->y[(j + i) * g->y_step];
        ptrdiff_t k = 0;
        for (; k + VEC_GEMV_ROWS <= g->k; k += VEC_GEMV_ROWS)
            vec_gemv_add_rows(stretch, x + k, g->a + k * g->ld + j, g->ld, n, VEC_GEMV_ROWS);
        for (; k < g->k; k++) vec_gemv_add_rows(stretch, x + k, g->a + k * g->ld + j, g->ld, n, 1);
        for (ptrdiff_t i = 0; i < n; i++) g->y[(j + i) * g->y_step] = stretch[i];
    }
}

/* Dot products of `rows` rows with x. Each row's sum has the same order, however many stand side by side. */
VEC_INLINE void vec_gemv_dots(const vec_gemv_args *g, const float *x, ptrdiff_t first, const int rows)
{
    vf even[VEC_GEMV_DOTS], odd[VEC_GEMV_DOTS];
    const float *a = g->a + first * g->ld;
    const ptrdiff_t k = g->k, ld = g->ld;
    VEC_UNROLL
    for (int r = 0; r < rows; r++) even[r] = odd[r] = vf_zero();
    ptrdiff_t p = 0;
    for (; p + 2 * VF_LANES <= k; p += 2 * VF_LANES) {
        const vf x0 = vf_load(x + p), x1 = vf_load(x + p + VF_LANES);
        VEC_UNROLL
        for (int r = 0; r < rows; r++) {
            even[r] = vf_fma(vf_load(a + r * ld + p), x0, even[r]);
            odd[r] = vf_fma(vf_load(a + r * ld + p + VF_LANES), x1, odd[r]);
        }
    }
    for (; p < k; p += VF_LANES) {
        const int lanes = vec_left(k, p);
        const vf rest = vf_load_n(x + p, lanes);
        VEC_UNROLL
        for (int r = 0; r < rows; r++) even[r] = vf_fma(vf_load_n(a + r * ld + p, lanes), rest, even[r]);
    }
    VEC_UNROLL
    for (int r = 0; r < rows; r++) {
        float *y = g->y + (first + r) * g->y_step;
        const float dot = vf_sum(vf_add(even[r], odd[r]));
        *y = g->beta == 0.0f ? dot : dot + g->beta * *y;
    }
}

VEC_INLINE void vec_gemv(lw_sgemm_args args, float *ws, const lw_team *team)
{
    const vec_gemv_args g = vec_gemv_of(&args);
    float *x = ws + vec_gemv_member_floats(&args) * (size_t)team->id;
    float *stretch = x + vec_gemv_member_floats(&args) - VEC_GEMV_STRETCH;
    const vec_range share = vec_share(team, g.n, 2 * VF_LANES);
    if (share.lo == share.hi) return;
    for (ptrdiff_t k = 0; k < g.k; k++) x[k] = g.alpha * g.x[k * g.x_step];
    if (!g.dots) {
        vec_gemv_rows(&g, x, stretch, share.lo, share.hi);
        return;
    }
    ptrdiff_t i = share.lo;
    for (; i + VEC_GEMV_DOTS <= share.hi; i += VEC_GEMV_DOTS) vec_gemv_dots(&g, x, i, VEC_GEMV_DOTS);
    for (; i < share.hi; i++) vec_gemv_dots(&g, x, i, 1);
}

#endif
