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

/* sum of c[i] * x[i]; c is constant where this is inlined, and its first coefficient that is not zero is 1. */
VEC_INLINE vf vec_winograd_row(const float *c, const vf *x, const int n)
{
    vf sum = x[0];
    bool begun = c[0] != 0;
    VEC_UNROLL
    for (int i = 1; i < n; i++) {
        if (c[i] == 0) continue;
        if (!begun)
            sum = x[i];
        else if (c[i] == 1)
            sum = vf_add(sum, x[i]);
        else if (c[i] == -1)
            sum = vf_sub(sum, x[i]);
        else
            sum = vf_fma(vf_set1(c[i]), x[i], sum);
        begun = true;
    }
    return sum;
}

/* Hides where a pointer comes from. Otherwise the compiler keeps an address of its own for each of n*n places, and
 * spills them. */
#define VEC_OPAQUE(p) __asm__("" : "+r"(p))

/* v[place] = BT d B of `lanes` channels at d, whose pixels are so far apart. */
VEC_INLINE void vec_winograd_input_lanes(const lw_winograd_form *f, const float *d, ptrdiff_t row, ptrdiff_t column,
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
        for (int r = 0; r < f->n; r++) half[r][c] = vec_winograd_row(f->bt[r], x, f->n);
    }
    VEC_UNROLL
    for (int r = 0; r < f->n; r++, v += f->n * v_place) {
        VEC_OPAQUE(v);
        VEC_UNROLL
        for (int c = 0; c < f->n; c++) vf_store(v + c * v_place, vec_winograd_row(f->bt[c], half[r], f->n));
    }
}

VEC_INLINE void vec_winograd_input(const lw_winograd_form *f, const float *d, ptrdiff_t row, ptrdiff_t column,
                                   ptrdiff_t channels, float *v, ptrdiff_t v_place)
{
    ptrdiff_t i = 0;
    for (; i + VF_LANES <= channels; i += VF_LANES)
        vec_winograd_input_lanes(f, d + i, row, column, v + i, v_place, VF_LANES);
    if (i < channels) vec_winograd_input_lanes(f, d + i, row, column, v + i, v_place, vec_left(channels, i));
}

/* y = AT m A of one vector. */
VEC_INLINE void vec_winograd_output(const lw_winograd_form *f, const float *m, ptrdiff_t m_place,
                                    vf y[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST])
{
    vf half[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST];
    VEC_UNROLL
    for (int c = 0; c < f->n; c++, m += m_place) {
        vf x[LW_WINOGRAD_MOST];
        VEC_OPAQUE(m);
        VEC_UNROLL
        for (int r = 0; r < f->n; r++) x[r] = vf_load(m + r * f->n * m_place);
        VEC_UNROLL
        for (int r = 0; r < f->m; r++) half[r][c] = vec_winograd_row(f->at[r], x, f->n);
    }
    VEC_UNROLL
    for (int r = 0; r < f->m; r++) {
        VEC_UNROLL
        for (int c = 0; c < f->m; c++) y[r][c] = vec_winograd_row(f->at[c], half[r], f->n);
    }
}

/* sum of c[i] * x[i * stride]; any coefficients. Those that are 0 are left out: all nine taps are alive at once, and
 * products with them would be the ones that spill. */
VEC_INLINE vf vec_winograd_taps(const float c[LW_WINOGRAD_TAPS], const vf *x, const int stride)
{
    vf sum = vf_zero();
    bool begun = false;
    VEC_UNROLL
    for (int i = 0; i < LW_WINOGRAD_TAPS; i++) {
        if (c[i] == 0) continue;
        if (begun)
            sum = vf_fma(vf_set1(c[i]), x[i * stride], sum);
        else
            sum = c[i] == 1 ? x[i * stride] : vf_mul(vf_set1(c[i]), x[i * stride]);
        begun = true;
    }
    return sum;
}

/* u[place] = G g GT of one vector; taps lie `tap` apart in g. */
VEC_INLINE void vec_winograd_weights_lanes(const lw_winograd_form *f, const float *g, ptrdiff_t tap, float *u,
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
        for (int c = 0; c < T; c++) half[c] = vec_winograd_taps(f->g[r], x + c, T);
        VEC_UNROLL
        for (int c = 0; c < f->n; c++) vf_store(u + c * u_place, vec_winograd_taps(f->g[c], half, 1));
    }
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
                                     float *u, float *packed, const lw_team *team)
{
    const ptrdiff_t nr = g->tile->nr, chunks = lw_ceil_div(g->read_c, VEC_WINOGRAD_CHUNK), u_place = g->read_c * nr;
    const vec_range jobs = vec_share(team, l->panels * chunks, 1);
    for (ptrdiff_t job = jobs.lo; job < jobs.hi; job++) {
        const ptrdiff_t panel = job / chunks, first = job % chunks * VEC_WINOGRAD_CHUNK;
        const ptrdiff_t floats = lw_min(VEC_WINOGRAD_CHUNK, g->read_c - first) * nr;
        float *to = u + panel * f->n * f->n * u_place + first * nr;
        vec_winograd_pack(g, panel, first, floats / nr, packed);
        for (ptrdiff_t i = 0; i < floats; i += VF_LANES)
            vec_winograd_weights_lanes(f, packed + i, floats, to + i, u_place);
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
    at.to = (g->argmax ? index : (at.image * g->write_h + at.y) * g->write_w + at.x) * g->write_c;
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
    const ptrdiff_t column = g->read_c, row = g->read_w * column;
    for (ptrdiff_t t = 0; t < tiles; t++, v += l->channels) {
        const int y = at[t].y - g->ph, x = at[t].x - g->pw;
        const float *image = g->read + at[t].image * g->read_h * row;
        if (y >= 0 && y + f->n <= g->read_h && x >= 0 && x + f->n <= g->read_w) {
            vec_winograd_input(f, image + y * row + x * column, row, column, g->read_c, v, l->v_place);
        } else {
            vec_winograd_patch(g, image, y, x, f->n, l->channels, patch);
            vec_winograd_input(f, patch, f->n * l->channels, l->channels, l->channels, v, l->v_place);
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
VEC_INLINE void vec_winograd_activate(vf y[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST], const int m, vf bias, vf floor)
{
    VEC_UNROLL
    for (int r = 0; r < m; r++) {
        VEC_UNROLL
        for (int c = 0; c < m; c++) y[r][c] = vf_max(floor, vf_add(y[r][c], bias));
    }
}

/* What of a tile's outputs the tensor has. */
VEC_INLINE void vec_winograd_store(const lw_winograd *g, vec_winograd_at at, ptrdiff_t channel,
                                   vf y[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST], const int m, const int lanes)
{
    float *to = g->write + at.to + channel;
    VEC_UNROLL
    for (int r = 0; r < m; r++) {
        VEC_UNROLL
        for (int c = 0; c < m; c++)
            if (at.y + r < g->write_h && at.x + c < g->write_w)
                vf_store_n(to + ((ptrdiff_t)r * g->write_w + c) * g->write_c, y[r][c], lanes);
    }
}

/* The first NaN, or the first of the largest, and its place in the window, which is the tile. */
VEC_INLINE void vec_winograd_pool(const lw_winograd *g, vec_winograd_at at, ptrdiff_t channel,
                                  vf y[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST], const int m, const int lanes)
{
    const ptrdiff_t to = at.to + channel;
    vf best = y[0][0];
    vi where = vi_set1(0);
    VEC_UNROLL
    for (int i = 1; i < m * m; i++) {
        const vf x = y[i / m][i % m];
        const vm beats = vm_and(vf_not_le(x, best), vf_not_nan(best));
        best = vf_select(beats, x, best);
        where = vi_select(beats, vi_set1((uint32_t)i), where);
    }
    vf_store_n(g->write + to, best, lanes);
    vi_store_u8_n(g->argmax + to, where, lanes);
}

/* One vector of written channels of all tiles; by value, as stores may alias what is behind a pointer. */
VEC_INLINE void vec_winograd_outputs_lanes(const lw_winograd g, const lw_winograd_layout l, const lw_winograd_form *f,
                                           const vec_winograd_at *at, ptrdiff_t tiles, ptrdiff_t channel,
                                           const float *m, const bool pool, const int lanes)
{
    const vf bias = g.bias ? vf_load_n(g.bias + channel, lanes) : vf_zero(), floor = vf_set1(g.relu ? 0.0f : -INFINITY);
    for (ptrdiff_t t = 0; t < tiles; t++, m += g.tile->nr) {
        vf y[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST];
        vec_winograd_output(f, m, l.m_place, y);
        vec_winograd_activate(y, f->m, bias, floor);
        if (pool)
            vec_winograd_pool(&g, at[t], channel, y, f->m, lanes);
        else
            vec_winograd_store(&g, at[t], channel, y, f->m, lanes);
    }
}

VEC_INLINE void vec_winograd_outputs(const lw_winograd *g, const lw_winograd_layout *l, const lw_winograd_form *f,
                                     const vec_winograd_at *at, ptrdiff_t tiles, ptrdiff_t panel, const float *m,
                                     const bool pool)
{
    const int nr = g->tile->nr;
    for (int j = 0; j < nr; j += VF_LANES) {
        const ptrdiff_t channel = panel * nr + j;
        if (channel + VF_LANES <= g->write_c)
            vec_winograd_outputs_lanes(*g, *l, f, at, tiles, channel, m + j, pool, VF_LANES);
        else if (channel < g->write_c)
            vec_winograd_outputs_lanes(*g, *l, f, at, tiles, channel, m + j, pool, vec_left(g->write_c, channel));
    }
}

/* ---------------------------------------------------------------- the convolution */

VEC_INLINE void vec_winograd_block(const lw_winograd *g, const lw_winograd_layout *l, const lw_winograd_form *f,
                                   ptrdiff_t first, ptrdiff_t tiles, const float *u, float *v)
{
    vec_winograd_at at[LW_WINOGRAD_TILES];
    lw_tile_rows rows[LW_WINOGRAD_TILES];
    float *m = v + l->v, *patch = m + l->m;
    const int places = f->n * f->n, count = vec_winograd_rows(g, l, tiles, v, m, rows);
    for (ptrdiff_t t = 0; t < tiles; t++) at[t] = vec_winograd_tile(g, l, first + t, f->m);
    vec_winograd_inputs(g, l, f, at, tiles, v, patch);
    for (ptrdiff_t panel = 0; panel < l->panels; panel++) {
        vec_winograd_products(g, l, rows, count, u + panel * places * g->read_c * g->tile->nr, places);
        if (g->argmax)
            vec_winograd_outputs(g, l, f, at, tiles, panel, m, true);
        else
            vec_winograd_outputs(g, l, f, at, tiles, panel, m, false);
    }
}

/* `f` is g->form, as a constant. */
VEC_INLINE void vec_conv2d_winograd(const lw_winograd *g, void *ws, const lw_team *team, const lw_winograd_form *f)
{
    const lw_winograd_layout l = lw_winograd_layout_of(g);
    float *u = ws, *v = u + l.u + team->id * (l.v + l.m + l.patch);
    if (!g->packed) {
        vec_winograd_weights(g, &l, f, u, v + l.v, team);
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

#endif
