/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gemv.h: sgemm with one row or one column, over vec.h. Each element of the matrix is used once, so the limit is
 * the bandwidth of wherever it lies; packing it for a register tile would only add to the traffic.
 *
 *   rows (axpy form)   y += x[k] * row k, several rows per pass: y is loaded and stored once for all of them
 *   narrow             the same with all of y in registers
 *   dots (dot form)    y[i] = row i . x, four rows side by side: eight chains cover the latency of an FMA
 *
 * x is gathered into contiguous workspace, and y where it is a column of its matrix.
 */
#ifndef LW_VEC_GEMV_H
#define LW_VEC_GEMV_H

#include "kernels/sgemm_small.h"
#include "kernels/vec/vec.h"

enum {
    VEC_GEMV_ROWS = 4,       /* of a pass, and ... */
    VEC_GEMV_FAR_ROWS = 8,   /* ... of one over a matrix that the prefetchers follow badly */
    VEC_GEMV_FAR = 2 << 20,  /* floats of a member's columns that come from far */
    VEC_GEMV_PART = 1 << 17, /* floats of those that do not lie in L2, where ... */
    VEC_GEMV_SHORT = 512,    /* ... so few of each row are a short part of it */
    VEC_GEMV_STRETCH = 2048, /* elements of y that stay in L1 while all rows pass */
    VEC_GEMV_NARROW = 2,     /* vectors of y in registers, at most, each in ... */
    VEC_GEMV_SUMS = 4,       /* ... so many sums, which cover the latency of an FMA */
    VEC_GEMV_DOTS = 4        /* rows side by side in the dot form */
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

/* y[0 .. n) += sum over `rows` rows of x[k] * a[k][..], k ascending, however many rows a pass has. */
VEC_INLINE void vec_gemv_add_rows(float *y, const float *x, const float *a, ptrdiff_t ld, ptrdiff_t n, const int rows)
{
    vf factor[VEC_GEMV_FAR_ROWS];
    VEC_UNROLL
    for (int r = 0; r < rows; r++) factor[r] = vf_set1(x[r]);
    ptrdiff_t j = 0;
    for (; j + VF_LANES <= n; j += VF_LANES) {
        vf sum = vf_load(y + j);
        VEC_UNROLL
        for (int r = 0; r < rows; r++) sum = vf_fma(factor[r], vf_load(a + r * ld + j), sum);
        vf_store(y + j, sum);
    }
    if (j == n) return;
    const int lanes = (int)(n - j);
    if (lanes >= VF_LANES) __builtin_unreachable(); /* or clang 14 keeps the choice of a full load in each turn */
    vf sum = vf_load_n(y + j, lanes);
    VEC_UNROLL
    for (int r = 0; r < rows; r++) sum = vf_fma(factor[r], vf_load_n(a + r * ld + j, lanes), sum);
    vf_store_n(y + j, sum, lanes);
}

/* More rows at once take more streams, which gain nothing where the prefetchers run along whole rows; but they begin
 * anew in each row of which a member has a short part, and miss the pages of what comes from far. Measured. */
static inline int vec_gemv_rows_per_pass(const vec_gemv_args *g, ptrdiff_t columns)
{
    const bool part = columns < g->ld && columns <= VEC_GEMV_SHORT && columns * g->k > VEC_GEMV_PART;
    return part || columns * g->k > VEC_GEMV_FAR ? VEC_GEMV_FAR_ROWS : VEC_GEMV_ROWS;
}

/* beta * y, or 0 without reading it, of n elements from `first` on: where they lie, or gathered. */
VEC_INLINE float *vec_gemv_take(const vec_gemv_args *g, ptrdiff_t first, ptrdiff_t n, float *stretch)
{
    float *y = g->y + first * g->y_step;
    if (g->y_step != 1 && g->beta != 0.0f)
        for (ptrdiff_t i = 0; i < n; i++) stretch[i] = y[i * g->y_step];
    if (g->y_step != 1) y = stretch;
    for (ptrdiff_t i = 0; i < n; i += VF_LANES) {
        const int lanes = vec_left(n, i);
        vf_store_n(y + i, g->beta == 0.0f ? vf_zero() : vf_mul(vf_set1(g->beta), vf_load_n(y + i, lanes)), lanes);
    }
    return y;
}

/* What take gave, to where y lies. */
VEC_INLINE void vec_gemv_put(const vec_gemv_args *g, ptrdiff_t first, ptrdiff_t n, const float *y)
{
    if (g->y_step == 1) return;
    for (ptrdiff_t i = 0; i < n; i++) g->y[(first + i) * g->y_step] = y[i];
}

/* Elements [lo, hi) of y. */
VEC_INLINE void vec_gemv_rows(const vec_gemv_args *g, const float *x, float *stretch, ptrdiff_t lo, ptrdiff_t hi)
{
    const int rows = vec_gemv_rows_per_pass(g, hi - lo);
    for (ptrdiff_t j = lo; j < hi; j += VEC_GEMV_STRETCH) {
        const ptrdiff_t n = lw_min(hi - j, VEC_GEMV_STRETCH);
        const float *a = g->a + j;
        float *y = vec_gemv_take(g, j, n, stretch);
        ptrdiff_t k = 0;
        if (rows == VEC_GEMV_FAR_ROWS)
            for (; k + VEC_GEMV_FAR_ROWS <= g->k; k += VEC_GEMV_FAR_ROWS)
                vec_gemv_add_rows(y, x + k, a + k * g->ld, g->ld, n, VEC_GEMV_FAR_ROWS);
        for (; k + VEC_GEMV_ROWS <= g->k; k += VEC_GEMV_ROWS)
            vec_gemv_add_rows(y, x + k, a + k * g->ld, g->ld, n, VEC_GEMV_ROWS);
        for (; k < g->k; k++) vec_gemv_add_rows(y, x + k, a + k * g->ld, g->ld, n, 1);
        vec_gemv_put(g, j, n, y);
    }
}

/* sum[v] += x * a[v] for the vectors of a row. */
VEC_INLINE void vec_gemv_add_row(vf sum[VEC_GEMV_NARROW], vf x, const float *a, const int vectors, const int last)
{
    VEC_UNROLL
    for (int v = 0; v < vectors; v++)
        sum[v] = vf_fma(x, vf_load_n(a + v * VF_LANES, v == vectors - 1 ? last : VF_LANES), sum[v]);
}

/* All of y: so many vectors, of which the last one has `last` lanes. */
VEC_INLINE void vec_gemv_narrow_of(const vec_gemv_args *g, const float *x, float *stretch, const int vectors,
                                   const int last)
{
    const ptrdiff_t ld = g->ld;
    const float *a = g->a;
    vf sum[VEC_GEMV_SUMS][VEC_GEMV_NARROW];
    VEC_UNROLL
    for (int s = 0; s < VEC_GEMV_SUMS; s++) sum[s][0] = sum[s][1] = vf_zero();
    ptrdiff_t k = 0;
    for (; k + VEC_GEMV_SUMS <= g->k; k += VEC_GEMV_SUMS) {
        VEC_UNROLL
        for (int s = 0; s < VEC_GEMV_SUMS; s++, a += ld) vec_gemv_add_row(sum[s], vf_set1(x[k + s]), a, vectors, last);
    }
    for (; k < g->k; k++, a += ld) vec_gemv_add_row(sum[0], vf_set1(x[k]), a, vectors, last);
    float *y = vec_gemv_take(g, 0, g->n, stretch);
    VEC_UNROLL
    for (int v = 0; v < vectors; v++) {
        const int lanes = v == vectors - 1 ? last : VF_LANES;
        const vf all = vf_add(vf_add(sum[0][v], sum[1][v]), vf_add(sum[2][v], sum[3][v]));
        vf_store_n(y + v * VF_LANES, vf_add(vf_load_n(y + v * VF_LANES, lanes), all), lanes);
    }
    vec_gemv_put(g, 0, g->n, y);
}

/* Each count of lanes in code of its own, in which no load asks whether it is a whole one. */
VEC_INLINE void vec_gemv_narrow(const vec_gemv_args *g, const float *x, float *stretch)
{
    if (g->n < VF_LANES)
        vec_gemv_narrow_of(g, x, stretch, 1, (int)g->n);
    else if (g->n == VF_LANES)
        vec_gemv_narrow_of(g, x, stretch, 1, VF_LANES);
    else if (g->n < 2 * VF_LANES)
        vec_gemv_narrow_of(g, x, stretch, 2, (int)g->n - VF_LANES);
    else
        vec_gemv_narrow_of(g, x, stretch, 2, VF_LANES);
}

/* Dot products of `rows` rows with x. Each row's sum has the same order, however many stand side by side. */
VEC_INLINE void vec_gemv_add_dots(const vec_gemv_args *g, const float *x, ptrdiff_t first, const int rows)
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

/* Elements [lo, hi) of y. */
VEC_INLINE void vec_gemv_dots(const vec_gemv_args *g, const float *x, ptrdiff_t lo, ptrdiff_t hi)
{
    ptrdiff_t i = lo;
    for (; i + VEC_GEMV_DOTS <= hi; i += VEC_GEMV_DOTS) vec_gemv_add_dots(g, x, i, VEC_GEMV_DOTS);
    for (; i < hi; i++) vec_gemv_add_dots(g, x, i, 1);
}

/* alpha * x, one after another. */
VEC_INLINE void vec_gemv_gather(const vec_gemv_args *g, float *x)
{
    if (g->x_step != 1)
        for (ptrdiff_t k = 0; k < g->k; k++) x[k] = g->alpha * g->x[k * g->x_step];
    else
        for (ptrdiff_t k = 0; k < g->k; k += VF_LANES) {
            const int lanes = vec_left(g->k, k);
            vf_store_n(x + k, vf_mul(vf_set1(g->alpha), vf_load_n(g->x + k, lanes)), lanes);
        }
}

VEC_INLINE void vec_gemv(lw_sgemm_args args, float *ws, const lw_team *team)
{
    const vec_gemv_args g = vec_gemv_of(&args);
    const lw_team *sharing = lw_sgemm_is_alone(&args) ? &lw_team_solo : team;
    if (team->id >= sharing->size) return;
    float *x = ws + vec_gemv_member_floats(&args) * (size_t)team->id;
    float *stretch = x + vec_gemv_member_floats(&args) - VEC_GEMV_STRETCH;
    const vec_range share = vec_share(sharing, g.n, 2 * VF_LANES);
    if (share.lo == share.hi) return;
    vec_gemv_gather(&g, x);
    if (g.dots)
        vec_gemv_dots(&g, x, share.lo, share.hi);
    else if (g.n <= VEC_GEMV_NARROW * VF_LANES)
        vec_gemv_narrow(&g, x, stretch);
    else
        vec_gemv_rows(&g, x, stretch, share.lo, share.hi);
}

#endif
