/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_winograd.h: convolution by Winograd's tiles (kernels/winograd.h) over vec.h, channels in lanes.
 *
 *   weights transformed by the team into u
 *   for blocks of this member's tiles
 *     inputs transformed into v
 *     for panel of nr written channels
 *       for each of the n*n places: m = v * u on the register tile
 *       m transformed into outputs: with bias and ReLU stored, or one max-pool's window of them
 *
 * Cost      n*n/(9*m*m) of the direct multiply-adds, on the tile of GEMM with K = read_c; beside them, for each tile
 *           and vector of channels, n*n stores into v, and n*n loads from m: what few channels do not pay for.
 * Limit     v, u and m of a block come from L2; the sums of K = 32 steps pay for their tile's beginning and end.
 */
#ifndef LW_VEC_CONV2D_WINOGRAD_H
#define LW_VEC_CONV2D_WINOGRAD_H

#include "kernels/conv2d_winograd.h"
#include "kernels/vec/vec.h"

#include <math.h>

/* ---------------------------------------------------------------- transforms */

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
    if (i < channels) vec_winograd_input_lanes(f, d + i, row, column, v + i, v_place, side,
                                 vec_left(channels, i));
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

/* ---------------------------------------------------------------- weights */

enum { VEC_WINOGRAD_CHUNK = 16 }; /* read channels of a job: its packed taps fit where m will be */

/* Nine taps of `count` read channels from `first` on and of one panel: [tap][read channel][nr]. */
VEC_INLINE void vec_winograd_pack(const lw_winograd *g, ptrdiff_t panel, ptrdiff_t first, ptrdiff_t count,
                                  float *packed)
{
    enum { TAPS = LW_WINOGRAD_TAPS * LW_WINOGRAD_TAPS };
    const int nr = g->tile->nr, written = (int)panel * nr, cols = (int)lw_min(nr, g->write_c - written);
    for (int t = 0; t < TAPS; t++) {
        const float *tap = g->wei + (ptrdiff_t)(g->backward ? TAPS - 1 - t : t) * g->read_c * g->write_c;
        float *dst = packed + t * count * nr;
        if (g->backward)
            g->tile->pack_transposed(dst, tap + (ptrdiff_t)written * g->read_c + first, g->read_c, count, cols, nr);
        else
            g->tile->pack_rows(dst, tap + first * g->write_c + written, g->write_c, count, cols, nr);
    }
}

VEC_INLINE void vec_winograd_weights(const lw_winograd *g, const lw_winograd_layout *l, const lw_winograd_form *f,
                                     float *u, float *packed, float *side, const lw_team *team)
{
    const ptrdiff_t nr = g->tile->nr, chunks = lw_ceil_div(g->read_c, VEC_WINOGRAD_CHUNK), u_place = g->read_c * nr;
    const vec_range jobs = vec_share(team, l->panels * chunks, 1);
    for (ptrdiff_t job = jobs.lo; job < jobs.hi; job++) {
        const ptrdiff_t panel = job / chunks, first = job % chunks * VEC_WINOGRAD_CHUNK;
        const ptrdiff_t floats = lw_min(VEC_WINOGRAD_CHUNK, g->read_c - first) * nr;
        float *to = u + panel * f->n * f->n * u_place + first * nr;
        vec_winograd_pack(g, panel, first, floats / nr, packed);
        for (ptrdiff_t i = 0; i < floats; i += VF_LANES)
            vec_winograd_weights_lanes(f, packed + i, floats, to + i, u_place, side);
    }
}

/* ---------------------------------------------------------------- inputs */

/* A tile: its image, the first of its positions, and where in `write` its outputs begin. */
typedef struct vec_winograd_at {
    ptrdiff_t image, to;
    int y, x;
} vec_winograd_at;

VEC_INLINE vec_winograd_at vec_winograd_tile(const lw_winograd *g, const lw_winograd_layout *l, ptrdiff_t index,
                                             const int m)
{
    const ptrdiff_t line = index / l->cols;
    vec_winograd_at at = {.image = line / l->rows, .y = (int)(line % l->rows) * m, .x = (int)(index % l->cols) * m};
    const int window = g->argmax ? 2 : 1;
    at.to = ((at.image * (g->write_h / window) + at.y / window) * (g->write_w / window) + at.x / window) * g->write_c;
    return at;
}

/* n x n pixels from (y, x) of an image, where it has them, else zeros. */
static inline void vec_winograd_patch(const lw_winograd *g, const float *image, int y, int x, const int n,
                                      ptrdiff_t channels, float *patch)
{
    for (int r = 0; r < n; r++)
        for (int c = 0; c < n; c++, patch += channels) {
            const int h = y + r, w = x + c;
            const bool inside = h >= 0 && h < g->read_h && w >= 0 && w < g->read_w;
            const float *pixel = image + (inside ? ((ptrdiff_t)h * g->read_w + w) * g->read_c : 0);
            for (ptrdiff_t i = 0; i < channels; i += VF_LANES) {
                const int lanes = inside && i < g->read_c ? vec_left(g->read_c, i) : 0;
                vf_store(patch + i, vf_load_n(pixel + i, lanes));
            }
        }
}

VEC_INLINE void vec_winograd_inputs(const lw_winograd *g, const lw_winograd_layout *l, const lw_winograd_form *f,
                                    const vec_winograd_at *at, ptrdiff_t tiles, float *v, float *patch)
{
    float *side = patch + l->patch;
    const ptrdiff_t column = g->read_c, row = g->read_w * column;
    for (ptrdiff_t t = 0; t < tiles; t++, v += l->channels) {
        const int y = at[t].y - g->ph, x = at[t].x - g->pw;
        const float *image = g->read + at[t].image * g->read_h * row;
        if (y >= 0 && y + f->n <= g->read_h && x >= 0 && x + f->n <= g->read_w) {
            vec_winograd_input(f, image + y * row + x * column, row, column, g->read_c, v, l->v_place, side);
        } else {
            vec_winograd_patch(g, image, y, x, f->n, l->channels, patch);
            vec_winograd_input(f, patch, f->n * l->channels, l->channels, l->channels, v, l->v_place,
                               side);
        }
    }
}

/* ---------------------------------------------------------------- products */

/* Rows of a register tile are offsets from v and m at place 0. The tiles of a block are divided evenly among as few
 * register tiles as they need: one row alone would not hide the latency of its sums. Returns how many. */
VEC_INLINE int vec_winograd_rows(const lw_winograd *g, const lw_winograd_layout *l, ptrdiff_t tiles, const float *v,
                                 float *m, lw_tile_rows *rows)
{
    const int count = (int)lw_ceil_div(tiles, g->tile->mr);
    ptrdiff_t t = 0;
    for (int i = 0; i < count; i++) {
        rows[i].rows = (int)lw_ceil_div(tiles - t, count - i);
        for (int r = 0; r < rows[i].rows; r++, t++) {
            rows[i].a[r] = v + t * l->channels;
            rows[i].c[r] = m + t * g->tile->nr;
        }
    }
    return count;
}

/* m = v * u at all places. */
VEC_INLINE void vec_winograd_products(const lw_winograd *g, const lw_winograd_layout *l, const lw_tile_rows *rows,
                                      int count, const float *u, const int places)
{
    const int nr = g->tile->nr;
    for (int place = 0; place < places; place++) {
        const lw_tile_segment segment = {.a = place * l->v_place};
        const lw_tile_pass pass = {.segment = &segment,
                                   .segments = 1,
                                   .len = g->read_c,
                                   .a_step = 1,
                                   .b_step = nr,
                                   .b = u + (ptrdiff_t)place * g->read_c * nr,
                                   .column = place * l->m_place,
                                   .cols = nr,
                                   .alpha = 1.0f};
        for (int i = 0; i < count; i++) g->tile->run(&pass, &rows[i]);
    }
}

/* ---------------------------------------------------------------- outputs */

/* y + bias, and what ReLU makes of it: floor is 0, or -infinity without ReLU; NaN stays. */
VEC_INLINE vf vec_winograd_activate(vf y, vf bias, vf floor)
{
    return vf_max(floor, vf_add(y, bias));
}

/* What of a tile's outputs in row r and column c the tensor has. */
VEC_INLINE void vec_winograd_store(const lw_winograd *g, vec_winograd_at at, int r, int c, ptrdiff_t channel, vf y,
                                   const int lanes)
{
    if (at.y + r < g->write_h && at.x + c < g->write_w)
        vf_store_n(g->write + at.to + ((ptrdiff_t)r * g->write_w + c) * g->write_c + channel, y, lanes);
}

/* A window of 2 x 2 that begins in row r and column c of the tile: the first NaN, or the first of the largest, and its
 * place in the window. */
VEC_INLINE void vec_winograd_pool(const lw_winograd *g, vec_winograd_at at, int r, int c, ptrdiff_t channel,
                                  const vf y[4], const int lanes)
{
    const ptrdiff_t to = at.to + ((ptrdiff_t)(r / 2) * (g->write_w / 2) + c / 2) * g->write_c + channel;
    vf best = y[0];
    vi where = vi_set1(0);
    if (at.y + r >= g->write_h || at.x + c >= g->write_w) return;
    VEC_UNROLL
    for (int i = 1; i < 4; i++) {
        const vf x = y[i];
        const vm beats = vm_and(vf_not_le(x, best), vf_not_nan(best));
        best = vf_select(beats, x, best);
        where = vi_select(beats, vi_set1((uint32_t)i), where);
    }
    vf_store_n(g->write + to, best, lanes);
    vi_store_u8_n(g->argmax + to, where, lanes);
}

/* A tile that is one window, or is stored as it is. */
VEC_INLINE void vec_winograd_finish_held(const lw_winograd *g, const lw_winograd_layout *l, const lw_winograd_form *f,
                                         vec_winograd_at at, ptrdiff_t channel, const float *m, vf bias, vf floor,
                                         const bool pool, const int lanes)
{
    vf y[LW_WINOGRAD_MOST * LW_WINOGRAD_MOST];
    vec_winograd_output_held(f, m, l->m_place, y);
    VEC_UNROLL
    for (int i = 0; i < f->m * f->m; i++) y[i] = vec_winograd_activate(y[i], bias, floor);
    if (pool) {
        vec_winograd_pool(g, at, 0, 0, channel, y, lanes);
        return;
    }
    VEC_UNROLL
    for (int i = 0; i < f->m * f->m; i++) vec_winograd_store(g, at, i / f->m, i % f->m, channel, y[i], lanes);
}

/* A larger tile, from memory: window by window, or output by output. */
VEC_INLINE void vec_winograd_finish_sides(const lw_winograd *g, const lw_winograd_layout *l, const lw_winograd_form *f,
                                          vec_winograd_at at, ptrdiff_t channel, const float *m, float *side, vf bias,
                                          vf floor, const bool pool, const int lanes)
{
    const float *from = vec_winograd_output_sides(f, m, l->m_place, side);
    const int size = pool ? 2 : 1;
    for (int r = 0; r + size <= f->m; r += size)
        for (int c = 0; c + size <= f->m; c += size) {
            vf y[4];
            VEC_UNROLL
            for (int i = 0; i < size * size; i++)
                y[i] = vec_winograd_activate(vf_load(from + ((r + i / 2) * f->m + c + i % 2) * VF_LANES), bias, floor);
            if (pool)
                vec_winograd_pool(g, at, r, c, channel, y, lanes);
            else
                vec_winograd_store(g, at, r, c, channel, y[0], lanes);
        }
}

/* One vector of written channels of all tiles; by value, as stores may alias what is behind a pointer. */
VEC_INLINE void vec_winograd_outputs_lanes(const lw_winograd g, const lw_winograd_layout l, const lw_winograd_form *f,
                                           const vec_winograd_at *at, ptrdiff_t tiles, ptrdiff_t channel,
                                           const float *m, float *side, const bool pool, const int lanes)
{
    const vf bias = g.bias ? vf_load_n(g.bias + channel, lanes) : vf_zero(), floor = vf_set1(g.relu ? 0.0f : -INFINITY);
    for (ptrdiff_t t = 0; t < tiles; t++, m += g.tile->nr) {
        if (vec_winograd_held(f))
            vec_winograd_finish_held(&g, &l, f, at[t], channel, m, bias, floor, pool, lanes);
        else
            vec_winograd_finish_sides(&g, &l, f, at[t], channel, m, side, bias, floor, pool, lanes);
    }
}

VEC_INLINE void vec_winograd_outputs(const lw_winograd *g, const lw_winograd_layout *l, const lw_winograd_form *f,
                                     const vec_winograd_at *at, ptrdiff_t tiles, ptrdiff_t panel, const float *m,
                                     float *side, const bool pool)
{
    const int nr = g->tile->nr;
    for (int j = 0; j < nr; j += VF_LANES) {
        const ptrdiff_t channel = panel * nr + j;
        if (channel + VF_LANES <= g->write_c)
            vec_winograd_outputs_lanes(*g, *l, f, at, tiles, channel, m + j, side, pool, VF_LANES);
        else if (channel < g->write_c)
            vec_winograd_outputs_lanes(*g, *l, f, at, tiles, channel, m + j, side, pool,
                                       vec_left(g->write_c, channel));
    }
}

/* ---------------------------------------------------------------- the convolution */

VEC_INLINE void vec_winograd_block(const lw_winograd *g, const lw_winograd_layout *l, const lw_winograd_form *f,
                                   ptrdiff_t first, ptrdiff_t tiles, const float *u, float *v)
{
    vec_winograd_at at[LW_WINOGRAD_TILES];
    lw_tile_rows rows[LW_WINOGRAD_TILES];
    float *m = v + l->v, *patch = m + l->m, *side = patch + l->patch;
    const int places = f->n * f->n, count = vec_winograd_rows(g, l, tiles, v, m, rows);
    for (ptrdiff_t t = 0; t < tiles; t++) at[t] = vec_winograd_tile(g, l, first + t, f->m);
    vec_winograd_inputs(g, l, f, at, tiles, v, patch);
    for (ptrdiff_t panel = 0; panel < l->panels; panel++) {
        vec_winograd_products(g, l, rows, count, u + panel * places * g->read_c * g->tile->nr, places);
        if (f->m % 2 == 0 && g->argmax)
            vec_winograd_outputs(g, l, f, at, tiles, panel, m, side, true);
        else
            vec_winograd_outputs(g, l, f, at, tiles, panel, m, side, false);
    }
}

/* `f` is g->form, as a constant. */
VEC_INLINE void vec_conv2d_winograd(const lw_winograd *g, void *ws, const lw_team *team, const lw_winograd_form *f)
{
    const lw_winograd_layout l = lw_winograd_layout_of(g);
    float *u = ws, *v = u + l.u + team->id * (l.v + l.m + l.patch + l.side);
    if (!g->packed) {
        vec_winograd_weights(g, &l, f, u, v + l.v, v + l.v + l.m + l.patch, team);
        lw_team_sync(team);
    }
    const vec_range share = vec_share(team, g->mb * l.rows * l.cols, g->tile->mr);
    const ptrdiff_t blocks = lw_ceil_div(share.hi - share.lo, LW_WINOGRAD_TILES);
    for (ptrdiff_t b = 0, t = share.lo; b < blocks; b++) {
        const ptrdiff_t tiles = lw_ceil_div(share.hi - t, blocks - b);
        vec_winograd_block(g, &l, f, t, tiles, u, v);
        t += tiles;
    }
}

/* Once for each form, whatever it is called for. */
#define VEC_WINOGRAD_FORM(form)                                                                               \
    static __attribute__((noinline)) void vec_conv2d_winograd_##form(const lw_winograd *g, void *ws, const lw_team *team) \
    {                                                                                                         \
        vec_conv2d_winograd(g, ws, team, &lw_winograd_##form);                                                \
    }
VEC_WINOGRAD_FORM(2x2)
VEC_WINOGRAD_FORM(3x3)
VEC_WINOGRAD_FORM(4x4)

/* The entry points of a form on one ISA's register tile: VEC_WINOGRAD_ROW(conv2d_fwd, fwd, 2x2, avx2, &tile). */
#define VEC_WINOGRAD_ROW(stem, make, form, isa, tile)                                                         \
    size_t lw_##stem##_winograd_##form##_workspace_##isa(const lw_##stem##_args *args, int team_size)         \
    {                                                                                                         \
        const lw_winograd g = lw_winograd_##make(args, &lw_winograd_##form, tile);                            \
        return lw_winograd_workspace(&g, team_size);                                                          \
    }                                                                                                         \
    void lw_##stem##_winograd_##form##_##isa(const lw_##stem##_args *args, void *ws, const lw_team *team)     \
    {                                                                                                         \
        const lw_winograd g = lw_winograd_##make(args, &lw_winograd_##form, tile);                            \
        vec_conv2d_winograd_##form(&g, ws, team);                                                             \
    }

#endif
