/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_weights.c: the weight gradient as tiles of (taps x input channels) by output channels, with K running
 * over positions. A tile row is one weight row's place in the window; K steps it over the image.
 *
 *   for each part of the batch (see parts_of)
 *     for each rectangle of positions with the same taps (conv2d_span.h)
 *       for each chunk of its rows, about CHUNK positions
 *         for panel of nr output channels: diff_dst packed, or read in place where too few tiles reuse it
 *           for tiles of up to mr weight rows, TILES at a time
 *
 * A weight row and a panel belong to one member, for all rectangles and chunks, so every element of a part is
 * summed in one order whatever the team.
 */
#include "kernels/conv2d_span.h"
#include "kernels/tile.h"

#include <string.h>

enum {
    CHUNK = 256, /* positions: a packed panel of them, 16 KiB at nr 16, stays in L1 */
    TILES = 16,  /* per call of the tile */
    WORK = 64,   /* pieces of work wanted for a large team when the weights are few */
    REUSE = 4    /* tiles that must share a panel before packing it pays */
};

typedef struct weights {
    const lw_tile_kernel *tile;
    const lw_conv2d_shape *s;
    const float *src, *diff_dst;
    ptrdiff_t rows; /* kh * kw * ic */
    ptrdiff_t parts;
    lw_axis y, x;
} weights;

static weights weights_of(const lw_conv2d_bwd_weights_args *args, const lw_tile_kernel *tile)
{
    const lw_conv2d_shape *s = &args->shape;
    const ptrdiff_t rows = (ptrdiff_t)s->kh * s->kw * s->ic;
    const ptrdiff_t tiles = lw_ceil_div(rows, tile->mr) * lw_ceil_div(s->oc, tile->nr);
    return (weights){
        .tile = tile,
        .s = s,
        .src = args->src,
        .diff_dst = args->diff_dst,
        .rows = rows,
        /* Few weights are many positions' sums: the batch is cut into parts, summed apart and added in order.
         * How many depends on the problem alone, or the bits would depend on the team. */
        .parts = lw_min(s->mb, lw_max(1, WORK / tiles)),
        .y = {false, s->ih, s->oh, s->kh, s->sh, s->ph},
        .x = {false, s->iw, s->ow, s->kw, s->sw, s->pw},
    };
}

/* Workspace: the parts' sums, then per member a packed panel and a chunk's segments. */
static size_t sum_floats(const weights *w)
{
    return w->parts == 1 ? 0 : (size_t)(w->parts * w->rows * w->s->oc + 15) / 16 * 16;
}

static size_t panel_floats(const weights *w)
{
    return (size_t)(lw_ceil_div(lw_max(CHUNK, w->s->ow) * w->tile->nr, 16) * 16); /* what follows wants its alignment */
}

static size_t member_bytes(const weights *w)
{
    return panel_floats(w) * sizeof(float) + CHUNK * sizeof(lw_tile_segment);
}

size_t lw_conv2d_bwd_weights_tiled_workspace(const lw_conv2d_bwd_weights_args *args, int team_size,
                                             const lw_tile_kernel *tile)
{
    const weights w = weights_of(args, tile);
    return sum_floats(&w) * sizeof(float) + (size_t)team_size * member_bytes(&w);
}

/* What one call of `chunk` works on: rows [lo, hi) of a rectangle, a row being a line of positions; the
 * rectangle's lines are numbered over the images of the part. */
typedef struct chunk {
    int image; /* the part's first */
    const lw_span *y, *x;
    ptrdiff_t lo, hi, lines; /* lines: of the rectangle */
} chunk;

static ptrdiff_t line_of_src(const weights *w, const chunk *c, ptrdiff_t line)
{
    const ptrdiff_t row = (c->image + line / c->y->count) * w->s->ih + c->y->read + line % c->y->count * c->y->read_step;
    return (row * w->s->iw + c->x->read) * w->s->ic;
}

static ptrdiff_t line_of_dst(const weights *w, const chunk *c, ptrdiff_t line)
{
    const ptrdiff_t row = (c->image + line / c->y->count) * w->s->oh + c->y->first + line % c->y->count;
    return (row * w->s->ow + c->x->first) * w->s->oc;
}

/* How far a member is with its tiles of a chunk. */
typedef struct progress {
    ptrdiff_t done, all;
} progress;

/* What the next chunk reads, diff_dst and behind it src, evenly over the tiles of this one: the part of the next
 * `count`. */
static lw_tile_ahead ahead_of(const weights *w, const chunk *c, const progress *tiles, ptrdiff_t count)
{
    const lw_conv2d_shape *s = w->s;
    const ptrdiff_t lines = c->hi - c->lo;
    const ptrdiff_t dst = lines * s->ow * s->oc, src = lines * c->y->read_step * s->iw * s->ic;
    const ptrdiff_t at = (dst + src) * tiles->done / tiles->all, floats = lw_ceil_div((dst + src) * count, tiles->all);
    if (c->hi == c->lines) return (lw_tile_ahead){0};
    if (at < dst) return lw_tile_ahead_evenly(w->tile, w->diff_dst + line_of_dst(w, c, c->hi) + at, floats, count);
    return lw_tile_ahead_evenly(w->tile, w->src + line_of_src(w, c, c->hi) + at - dst, floats, count);
}

/* The tiles, of nearly equal heights, of weight rows [lo, hi). Those of one filter row are contiguous in src too. */
static void weight_rows(const weights *w, const chunk *c, lw_tile_pass *pass, ptrdiff_t lo, ptrdiff_t hi,
                        progress *of_chunk, float *diff_wei)
{
    const lw_conv2d_shape *s = w->s;
    const ptrdiff_t per_filter_row = (ptrdiff_t)s->kw * s->ic, line = (ptrdiff_t)s->iw * s->ic;
    const ptrdiff_t all = lw_ceil_div(hi - lo, w->tile->mr);
    ptrdiff_t in_row = lo % per_filter_row;
    ptrdiff_t at = line_of_src(w, c, c->lo) + (lo / per_filter_row - c->y->tap) * line - c->x->tap * s->ic + in_row;
    lw_tile_rows tiles[TILES];
    for (ptrdiff_t done = 0; done < all;) {
        int count = 0;
        for (; count < TILES && done < all; count++, done++) {
            tiles[count].rows = (int)lw_ceil_div(hi - lo, all - done);
            for (int i = 0; i < tiles[count].rows; i++, lo++) {
                tiles[count].a[i] = w->src + at++;
                tiles[count].c[i] = diff_wei + lo * s->oc;
                if (++in_row < per_filter_row) continue;
                in_row = 0;
                at += line - per_filter_row;
            }
        }
        pass->ahead = ahead_of(w, c, of_chunk, count);
        w->tile->run(pass, tiles, count);
        of_chunk->done += count;
    }
}

/* Adds a chunk's contribution to this member's rows and panels. */
static void accumulate(const weights *w, const chunk *c, const lw_tile_share *share, float *panel,
                       lw_tile_segment *segment, float *diff_wei)
{
    const lw_conv2d_shape *s = w->s;
    const int nr = w->tile->nr;
    const ptrdiff_t line = c->x->count, m_lo = share->m_lo * w->tile->mr, m_hi = lw_min(share->m_hi * w->tile->mr, w->rows);
    const bool reused = share->m_hi - share->m_lo >= REUSE;
    progress tiles = {0, (share->m_hi - share->m_lo) * (share->n_hi - share->n_lo)};
    lw_tile_pass pass = {
        .segment = segment,
        .segments = c->hi - c->lo,
        .len = line,
        .a_step = (ptrdiff_t)s->sw * s->ic,
        .alpha = 1.0f,
        .beta = 1.0f,
    };
    for (ptrdiff_t p = share->n_lo; p < share->n_hi; p++) {
        pass.column = p * nr;
        pass.cols = (int)lw_min(nr, s->oc - pass.column);
        const bool pack = reused || pass.cols < nr; /* in place, a partial panel would read past the end */
        pass.b = pack ? panel : w->diff_dst + pass.column;
        pass.b_step = pack ? nr : s->oc;
        for (ptrdiff_t l = c->lo; l < c->hi; l++) {
            lw_tile_segment *seg = &segment[l - c->lo];
            seg->a = line_of_src(w, c, l) - line_of_src(w, c, c->lo);
            seg->b = pack ? (l - c->lo) * line * nr : line_of_dst(w, c, l);
            if (pack)
                w->tile->pack_rows(panel + seg->b, w->diff_dst + line_of_dst(w, c, l) + pass.column, s->oc, line, pass.cols, nr);
        }
        /* Weight rows of the taps inside; those of whole filter rows are one stretch. */
        const bool whole = c->x->taps == s->kw;
        const ptrdiff_t stretch = (ptrdiff_t)c->x->taps * s->ic * (whole ? c->y->taps : 1);
        for (int r = 0; r < (whole ? 1 : c->y->taps); r++) {
            const ptrdiff_t first = ((ptrdiff_t)(c->y->tap + r) * s->kw + c->x->tap) * s->ic;
            weight_rows(w, c, &pass, lw_max(first, m_lo), lw_min(first + stretch, m_hi), &tiles, diff_wei);
        }
    }
}

/* The sums over images [n_lo, n_hi) for this member's rows and panels. */
static void part(const weights *w, int n_lo, int n_hi, const lw_tile_share *share, float *panel,
                 lw_tile_segment *segment, float *diff_wei)
{
    const ptrdiff_t j_lo = share->n_lo * w->tile->nr, j_hi = lw_min(share->n_hi * w->tile->nr, w->s->oc);
    const ptrdiff_t m_hi = lw_min(share->m_hi * w->tile->mr, w->rows);
    for (ptrdiff_t m = share->m_lo * w->tile->mr; m < m_hi; m++)
        if (j_lo < j_hi) memset(diff_wei + m * w->s->oc + j_lo, 0, (size_t)(j_hi - j_lo) * sizeof(float));

    for (lw_span y = lw_span_first(&w->y); y.count; y = lw_span_next(&w->y, y))
        for (lw_span x = lw_span_first(&w->x); x.count; x = lw_span_next(&w->x, x)) {
            const ptrdiff_t lines = (ptrdiff_t)(n_hi - n_lo) * y.count, step = lw_max(1, CHUNK / x.count);
            for (ptrdiff_t l = 0; l < lines; l += step) {
                const chunk c = {n_lo, &y, &x, l, lw_min(l + step, lines), lines};
                accumulate(w, &c, share, panel, segment, diff_wei);
            }
        }
}

/* diff_wei = the parts' sums, added in order. */
static void reduce(const weights *w, const float *sums, float *diff_wei, const lw_team *team)
{
    const ptrdiff_t n = w->rows * w->s->oc;
    ptrdiff_t lo, hi;
    lw_team_share(team, n, 16, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) {
        float sum = sums[i];
        for (ptrdiff_t p = 1; p < w->parts; p++) sum += sums[p * n + i];
        diff_wei[i] = sum;
    }
}

void lw_conv2d_bwd_weights_tiled(const lw_conv2d_bwd_weights_args *args, void *ws, const lw_team *team,
                                 const lw_tile_kernel *tile)
{
    const weights w = weights_of(args, tile);
    const int mb = args->shape.mb;
    float *sums = ws;
    char *own = (char *)(sums + sum_floats(&w)) + (size_t)team->id * member_bytes(&w);
    float *panel = (float *)own;
    lw_tile_segment *segment = (lw_tile_segment *)(panel + panel_floats(&w));
    const lw_tile_share share =
        lw_tile_divide(team, w.parts, lw_ceil_div(w.rows, tile->mr), lw_ceil_div(args->shape.oc, tile->nr));

    for (ptrdiff_t p = share.p_lo; p < share.p_hi; p++) {
        const lw_team nth = {.id = (int)p, .size = (int)w.parts};
        ptrdiff_t n_lo, n_hi;
        lw_team_share(&nth, mb, 1, &n_lo, &n_hi);
        part(&w, (int)n_lo, (int)n_hi, &share, panel, segment,
             w.parts == 1 ? args->diff_wei : sums + p * w.rows * args->shape.oc);
    }
    if (w.parts == 1) return;
    lw_team_sync(team);
    reduce(&w, sums, args->diff_wei, team);
}
