/* SPDX-License-Identifier: BSD-3-Clause
 *
 * winograd_transforms.h: the transforms of Winograd's tiles (kernels/winograd.h) over vec.h, one vector of channels at a
 * time: inputs, weights and outputs. A form is constant where these are inlined, and its factors become operands.
 */
#ifndef LW_VEC_WINOGRAD_TRANSFORMS_H
#define LW_VEC_WINOGRAD_TRANSFORMS_H

#include "kernels/vec/vec.h"
#include "kernels/winograd.h"

/* ---------------------------------------------------------------- sums */

/* sum + c * x, or c * x where nothing is summed yet; c is constant where this is inlined. */
VEC_INLINE vf vec_winograd_add(vf sum, const bool begun, const float c, vf x)
{
    if (!begun) return c == 1 ? x : vf_mul(vf_set1(c), x);
    if (c == 1) return vf_add(sum, x);
    if (c == -1) return vf_sub(sum, x);
    return vf_fma(vf_set1(c), x, sum);
}

/* sum of c[i] * x[i * stride]. What is 0 is left out: products with it would keep vectors alive, which spill. */
VEC_INLINE vf vec_winograd_sum(const float *c, const vf *x, const int n, const int stride)
{
    vf sum = vf_zero();
    bool begun = false;
    VEC_UNROLL
    for (int i = 0; i < n; i++) {
        if (c[i] == 0) continue;
        sum = vec_winograd_add(sum, begun, c[i], x[i * stride]);
        begun = true;
    }
    return sum;
}

/* Hides where a pointer comes from. Otherwise the compiler keeps an address of its own for each of n*n places, and
 * spills them. */
#define VEC_OPAQUE(p) __asm__("" : "+r"(p))

/* Whether both sides of a transform fit the registers. If not, one side is done after the other, through L1. */
VEC_INLINE bool vec_winograd_held(const lw_winograd_form *f)
{
    return f->n <= LW_WINOGRAD_HELD;
}

/* Rows of opposite points, q and -q: b is a with its coefficients negated that are odd (1) or even (0). */
VEC_INLINE bool vec_winograd_opposite(const float *a, const float *b, const int n, const int negated)
{
    bool opposite = true;
    VEC_UNROLL
    for (int i = 0; i < n; i++) opposite &= b[i] == (i % 2 == negated ? -a[i] : a[i]);
    return opposite;
}

VEC_INLINE bool vec_winograd_paired(const float (*a)[LW_WINOGRAD_MOST], const int r, const int rows, const int n)
{
    if (r < 0 || r + 1 >= rows) return false;
    return vec_winograd_opposite(a[r], a[r + 1], n, 1) || vec_winograd_opposite(a[r], a[r + 1], n, 0);
}

/* sum of c[i] * x[i] over every second i. */
VEC_INLINE vf vec_winograd_half(const float *c, const vf *x, const int n, const int first)
{
    float half[LW_WINOGRAD_MOST] = {0};
    VEC_UNROLL
    for (int i = first; i < n; i += 2) half[i] = c[i];
    return vec_winograd_sum(half, x, n, 1);
}

/* The same sum where 1 and 2, 3 and 4 are of opposite points, so that their factors differ in sign at most: their sums
 * and differences serve all rows, and the compiler computes them once. */
VEC_INLINE vf vec_winograd_sum_of_pairs(const float *c, const vf *x, const int n)
{
    vf sum = vf_zero();
    bool begun = false;
    VEC_UNROLL
    for (int i = 0; i < n; i++) {
        const bool first = i % 2 == 1 && i + 1 < n && (c[i + 1] == c[i] || c[i + 1] == -c[i]);
        const bool second = i > 1 && i % 2 == 0 && (c[i] == c[i - 1] || c[i] == -c[i - 1]);
        if (c[i] == 0 || second) continue;
        const vf term = !first ? x[i] : c[i + 1] == c[i] ? vf_add(x[i], x[i + 1]) : vf_sub(x[i], x[i + 1]);
        sum = vec_winograd_add(sum, begun, c[i], term);
        begun = true;
    }
    return sum;
}

/* sum over i of a[r][i] * x[i]. Two rows of opposite points are sum and difference of the same two halves, which the
 * compiler computes once. */
VEC_INLINE vf vec_winograd_row(const float (*a)[LW_WINOGRAD_MOST], const int r, const int rows, const int n, const vf *x)
{
    const bool second = vec_winograd_paired(a, r - 1, rows, n);
    const float *c = a[second ? r - 1 : r];
    if (!second && !vec_winograd_paired(a, r, rows, n)) return vec_winograd_sum_of_pairs(c, x, n);
    const vf even = vec_winograd_half(c, x, n, 0), odd = vec_winograd_half(c, x, n, 1);
    if (!second) return vf_add(even, odd);
    return vec_winograd_opposite(c, a[r], n, 1) ? vf_sub(even, odd) : vf_sub(odd, even);
}

/* ---------------------------------------------------------------- one side */

/* One side of a transform for `count` columns, each a step on from the one before: dst[r * r_step] = sum over i of
 * a[r][i] * src[i * i_step] in the first `lanes` lanes. */
typedef void vec_winograd_side_fn(const float *src, ptrdiff_t i_step, ptrdiff_t src_step, float *dst, ptrdiff_t r_step,
                                  ptrdiff_t dst_step, int count, int lanes);

VEC_INLINE void vec_winograd_side(const float (*a)[LW_WINOGRAD_MOST], const int rows, const int n, const float *src,
                                  ptrdiff_t i_step, ptrdiff_t src_step, float *dst, ptrdiff_t r_step,
                                  ptrdiff_t dst_step, int count, const int lanes)
{
    VEC_KEEP_LOOP
    for (int j = 0; j < count; j++, src += src_step, dst += dst_step) {
        vf x[LW_WINOGRAD_MOST];
        const float *from = src;
        VEC_UNROLL
        for (int i = 0; i < n; i++, from += i_step) {
            VEC_OPAQUE(from);
            x[i] = vf_load_n(from, lanes);
        }
        float *to = dst;
        VEC_UNROLL
        for (int r = 0; r < rows; r++, to += r_step) {
            VEC_OPAQUE(to);
            vf_store(to, vec_winograd_row(a, r, rows, n, x));
        }
    }
}

/* Functions of their own, as their factors and steps want most of the registers. */
#define VEC_WINOGRAD_SIDE(matrix, form, rows, n)                                                                       \
    static __attribute__((noinline)) void vec_winograd_##matrix##_##form(const float *src, ptrdiff_t i_step,           \
                                                                         ptrdiff_t src_step, float *dst,               \
                                                                         ptrdiff_t r_step, ptrdiff_t dst_step,         \
                                                                         int count, int lanes)                         \
    {                                                                                                                  \
        const lw_winograd_form *f = &lw_winograd_##form;                                                               \
        if (lanes == VF_LANES)                                                                                         \
            vec_winograd_side(f->matrix, rows, n, src, i_step, src_step, dst, r_step, dst_step, count, VF_LANES);      \
        else                                                                                                           \
            vec_winograd_side(f->matrix, rows, n, src, i_step, src_step, dst, r_step, dst_step, count, lanes);         \
    }
VEC_WINOGRAD_SIDE(bt, 3x3, 5, 5)
VEC_WINOGRAD_SIDE(g, 3x3, 5, 3)
VEC_WINOGRAD_SIDE(at, 3x3, 3, 5)
VEC_WINOGRAD_SIDE(bt, 4x4, 6, 6)
VEC_WINOGRAD_SIDE(g, 4x4, 6, 3)
VEC_WINOGRAD_SIDE(at, 4x4, 4, 6)

/* `f` is constant where these are inlined. */
VEC_INLINE vec_winograd_side_fn *vec_winograd_bt(const lw_winograd_form *f)
{
    return f->m == 3 ? vec_winograd_bt_3x3 : vec_winograd_bt_4x4;
}

VEC_INLINE vec_winograd_side_fn *vec_winograd_g(const lw_winograd_form *f)
{
    return f->m == 3 ? vec_winograd_g_3x3 : vec_winograd_g_4x4;
}

VEC_INLINE vec_winograd_side_fn *vec_winograd_at_of(const lw_winograd_form *f)
{
    return f->m == 3 ? vec_winograd_at_3x3 : vec_winograd_at_4x4;
}

/* ---------------------------------------------------------------- inputs, outputs, weights */

/* v[place] = BT d B of `lanes` channels at d, whose pixels are so far apart. */
VEC_INLINE void vec_winograd_input_held(const lw_winograd_form *f, const float *d, ptrdiff_t row, ptrdiff_t column,
                                        float *v, ptrdiff_t v_place, const int lanes)
{
    vf half[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST];
    VEC_UNROLL
    for (int c = 0; c < f->n; c++, d += column) {
        vf x[LW_WINOGRAD_MOST];
        VEC_OPAQUE(d);
        VEC_UNROLL
        for (int r = 0; r < f->n; r++) x[r] = vf_load_n(d + r * row, lanes);
        VEC_UNROLL
        for (int r = 0; r < f->n; r++) half[r][c] = vec_winograd_sum(f->bt[r], x, f->n, 1);
    }
    VEC_UNROLL
    for (int r = 0; r < f->n; r++, v += f->n * v_place) {
        VEC_OPAQUE(v);
        VEC_UNROLL
        for (int c = 0; c < f->n; c++) vf_store(v + c * v_place, vec_winograd_sum(f->bt[c], half[r], f->n, 1));
    }
}

VEC_INLINE void vec_winograd_input_lanes(const lw_winograd_form *f, const float *d, ptrdiff_t row, ptrdiff_t column,
                                         float *v, ptrdiff_t v_place, float *side, const int lanes)
{
    const ptrdiff_t line = (ptrdiff_t)f->n * VF_LANES;
    if (vec_winograd_held(f)) {
        vec_winograd_input_held(f, d, row, column, v, v_place, lanes);
        return;
    }
    vec_winograd_bt(f)(d, row, column, side, line, VF_LANES, f->n, lanes);
    vec_winograd_bt(f)(side, VF_LANES, line, v, v_place, f->n * v_place, f->n, VF_LANES);
}

VEC_INLINE void vec_winograd_input(const lw_winograd_form *f, const float *d, ptrdiff_t row, ptrdiff_t column,
                                   ptrdiff_t channels, float *v, ptrdiff_t v_place, float *side)
{
    ptrdiff_t i = 0;
    for (; i + VF_LANES <= channels; i += VF_LANES)
        vec_winograd_input_lanes(f, d + i, row, column, v + i, v_place, side, VF_LANES);
    if (i < channels)
        vec_winograd_input_lanes(f, d + i, row, column, v + i, v_place, side, vec_left(channels, i));
}

/* y = AT m A of one vector. */
VEC_INLINE void vec_winograd_output_held(const lw_winograd_form *f, const float *m, ptrdiff_t m_place, vf *y)
{
    vf half[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST];
    VEC_UNROLL
    for (int c = 0; c < f->n; c++, m += m_place) {
        vf x[LW_WINOGRAD_MOST];
        VEC_OPAQUE(m);
        VEC_UNROLL
        for (int r = 0; r < f->n; r++) x[r] = vf_load(m + r * f->n * m_place);
        VEC_UNROLL
        for (int r = 0; r < f->m; r++) half[r][c] = vec_winograd_sum(f->at[r], x, f->n, 1);
    }
    VEC_UNROLL
    for (int r = 0; r < f->m; r++) {
        VEC_UNROLL
        for (int c = 0; c < f->m; c++) y[r * f->m + c] = vec_winograd_sum(f->at[c], half[r], f->n, 1);
    }
}

/* The same into memory: m * m vectors, which are returned, in the second half of `side`. */
VEC_INLINE const float *vec_winograd_output_sides(const lw_winograd_form *f, const float *m, ptrdiff_t m_place,
                                                  float *side)
{
    const ptrdiff_t line = (ptrdiff_t)f->n * VF_LANES;
    float *y = side + f->n * line;
    vec_winograd_at_of(f)(m, f->n * m_place, m_place, side, line, VF_LANES, f->n, VF_LANES);
    vec_winograd_at_of(f)(side, VF_LANES, line, y, VF_LANES, f->m * VF_LANES, f->m, VF_LANES);
    return y;
}

/* u[place] = G g GT of one vector; taps lie `tap` apart in g. */
VEC_INLINE void vec_winograd_weights_held(const lw_winograd_form *f, const float *g, ptrdiff_t tap, float *u,
                                          ptrdiff_t u_place)
{
    enum { T = LW_WINOGRAD_TAPS };
    vf x[T * T];
    VEC_UNROLL
    for (int r = 0; r < T; r++, g += T * tap) {
        VEC_OPAQUE(g);
        VEC_UNROLL
        for (int c = 0; c < T; c++) x[r * T + c] = vf_load(g + c * tap);
    }
    VEC_UNROLL
    for (int r = 0; r < f->n; r++, u += f->n * u_place) {
        vf half[T];
        VEC_OPAQUE(u);
        VEC_UNROLL
        for (int c = 0; c < T; c++) half[c] = vec_winograd_sum(f->g[r], x + c, T, T);
        VEC_UNROLL
        for (int c = 0; c < f->n; c++) vf_store(u + c * u_place, vec_winograd_sum(f->g[c], half, T, 1));
    }
}

VEC_INLINE void vec_winograd_weights_lanes(const lw_winograd_form *f, const float *g, ptrdiff_t tap, float *u,
                                           ptrdiff_t u_place, float *side)
{
    enum { T = LW_WINOGRAD_TAPS, LINE = T * VF_LANES };
    if (vec_winograd_held(f)) {
        vec_winograd_weights_held(f, g, tap, u, u_place);
        return;
    }
    vec_winograd_g(f)(g, T * tap, tap, side, LINE, VF_LANES, T, VF_LANES);
    vec_winograd_g(f)(side, VF_LANES, LINE, u, u_place, f->n * u_place, f->n, VF_LANES);
}

#endif
