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
#include "kernels/vec/winograd_transforms.h"

#include <math.h>

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
        g->tile->run(&pass, rows, count);
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
