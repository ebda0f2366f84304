/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_gather.c: forward and backward-data, which are one computation: each written position gathers a
 * window of the tensor that is read, times weights. Backward, the window is that of the flipped filter.
 *
 *   weights packed by the team into panels of nr written channels: [panel][phase][tap][read channel][nr]
 *   for each rectangle of positions with the same taps (conv2d_span.h)
 *     for blocks of tiles of this member's positions, for panel, for tile
 *
 * In NHWC a window's row is one contiguous stretch of taps x channels, so a tile row is a pointer into the
 * image and K runs over at most kh stretches. Tiles cross rows and images: only the last is partial.
 */
#include "kernels/conv2d_gather.h"

enum {
    TILES = 24,      /* per block: a panel is read from L1 for all, a block's windows for all panels */
    ROUND = 96 << 10 /* floats of the images whose phases follow each other: 384 KiB, of L2 */
};

lw_gather lw_gather_of(const lw_conv2d_shape *s, bool backward, const lw_tile_kernel *tile)
{
    return (lw_gather){
        .tile = tile,
        .mb = s->mb,
        .y = {backward, s->ih, s->oh, s->kh, s->sh, s->ph},
        .x = {backward, s->iw, s->ow, s->kw, s->sw, s->pw},
        .read_h = backward ? s->oh : s->ih,
        .read_w = backward ? s->ow : s->iw,
        .read_c = backward ? s->oc : s->ic,
        .write_h = backward ? s->ih : s->oh,
        .write_w = backward ? s->iw : s->ow,
        .write_c = backward ? s->ic : s->oc,
    };
}

static ptrdiff_t panels_of(const lw_gather *g)
{
    return lw_ceil_div(g->write_c, g->tile->nr);
}

/* Floats of a tap, and of all taps, in a panel. */
static ptrdiff_t tap_floats(const lw_gather *g)
{
    return (ptrdiff_t)g->read_c * g->tile->nr;
}

static ptrdiff_t panel_floats(const lw_gather *g)
{
    return tap_floats(g) * g->y.taps * g->x.taps;
}

/* Floats of all panels, in whole lines: a tile of one column may leave an odd number, and the segments after them want
 * their alignment. */
static ptrdiff_t packed_floats(const lw_gather *g)
{
    return lw_ceil_div(panels_of(g) * panel_floats(g), 16) * 16;
}

size_t lw_gather_workspace(const lw_gather *g, int team_size)
{
    return (size_t)packed_floats(g) * sizeof(float) +
           (size_t)team_size * (size_t)g->y.taps * sizeof(lw_tile_segment);
}

/* Taps of a panel that lie before phase (py, px). */
static ptrdiff_t taps_before(const lw_gather *g, int py, int px)
{
    ptrdiff_t taps = 0;
    for (int p = 0; p < py; p++) taps += (ptrdiff_t)lw_phase_taps(&g->y, p) * g->x.taps;
    for (int p = 0; p < px; p++) taps += (ptrdiff_t)lw_phase_taps(&g->y, py) * lw_phase_taps(&g->x, p);
    return taps;
}

/* One tap of one panel. */
static void pack_tap(const lw_gather *g, ptrdiff_t panel, int r, int c, float *dst)
{
    const int nr = g->tile->nr, first = (int)panel * nr, cols = (int)lw_min(nr, g->write_c - first);
    const float *tap = g->wei + ((ptrdiff_t)r * g->x.taps + c) * g->read_c * g->write_c;
    if (g->y.backward)
        g->tile->pack_transposed(dst, tap + (ptrdiff_t)first * g->read_c, g->read_c, g->read_c, cols, nr);
    else
        g->tile->pack_rows(dst, tap + first, g->write_c, g->read_c, cols, nr);
}

static void pack_share(const lw_gather *g, float *packed, const lw_team *team)
{
    ptrdiff_t lo, hi, job = 0;
    lw_team_share(team, panels_of(g) * g->y.taps * g->x.taps, 1, &lo, &hi);
    for (ptrdiff_t panel = 0; panel < panels_of(g); panel++)
        for (int py = 0; py < lw_phases(&g->y); py++)
            for (int px = 0; px < lw_phases(&g->x); px++)
                for (int r = 0; r < lw_phase_taps(&g->y, py); r++)
                    for (int c = 0; c < lw_phase_taps(&g->x, px); c++, job++)
                        if (lo <= job && job < hi)
                            pack_tap(g, panel, lw_phase_tap(&g->y, py, r), lw_phase_tap(&g->x, px, c),
                                     packed + job * tap_floats(g));
}

void lw_gather_pack(const lw_gather *g, void *ws, const lw_team *team)
{
    if (g->packed) return;
    pack_share(g, ws, team);
    lw_team_sync(team);
}

/* A position of a rectangle, in the order image, row, column. */
typedef struct cursor {
    int n, y, x;
} cursor;

static cursor cursor_at(ptrdiff_t index, const lw_span *y, const lw_span *x)
{
    const ptrdiff_t row = index / x->count;
    return (cursor){(int)(row / y->count), (int)(row % y->count), (int)(index % x->count)};
}

static void advance(cursor *at, const lw_span *y, const lw_span *x)
{
    if (++at->x < x->count) return;
    at->x = 0;
    if (++at->y < y->count) return;
    at->y = 0;
    at->n++;
}

/* The next tile of up to `left` positions. */
static void next_tile(const lw_gather *g, const lw_span *y, const lw_span *x, cursor *at, ptrdiff_t left,
                      lw_tile_rows *tile)
{
    tile->rows = (int)lw_min(g->tile->mr, left);
    for (int i = 0; i < tile->rows; i++, advance(at, y, x)) {
        const ptrdiff_t read_row = (ptrdiff_t)at->n * g->read_h + y->read + at->y * y->read_step;
        const ptrdiff_t write_row = (ptrdiff_t)at->n * g->write_h + y->first + at->y * y->step;
        tile->a[i] = g->read + (read_row * g->read_w + x->read + at->x * x->read_step) * g->read_c;
        tile->c[i] = g->write + (write_row * g->write_w + x->first + at->x * x->step) * g->write_c;
    }
}

/* Some images. */
typedef struct images {
    int first, count;
} images;

/* Floats that were not asked for yet. */
typedef struct stretch {
    const float *from;
    ptrdiff_t left;
} stretch;

/* Memory that a member will write and read soon, asked for bit by bit until then. */
typedef struct upcoming {
    stretch written, read;
    ptrdiff_t tile; /* floats per tile */
} upcoming;

/* What is left is asked for by so many tiles of each panel. */
static upcoming spread(const lw_gather *g, upcoming next, ptrdiff_t tiles)
{
    next.tile = lw_ceil_div(next.written.left + next.read.left, tiles * panels_of(g));
    return next;
}

static ptrdiff_t floats_read(const lw_gather *g)
{
    return (ptrdiff_t)g->read_h * g->read_w * g->read_c;
}

static ptrdiff_t floats_written(const lw_gather *g)
{
    return (ptrdiff_t)g->write_h * g->write_w * g->write_c;
}

/* The next round, during one of so many images: with a stride, each phase writes lines of its own all over an image,
 * which no CPU foresees. */
static upcoming next_round(const lw_gather *g, images of, int during, const lw_team *team)
{
    if (of.count <= 0) return (upcoming){0};
    ptrdiff_t w_lo, w_hi, r_lo, r_hi, lo, hi;
    lw_team_share(team, of.count * floats_written(g), LW_TILE_LINE, &w_lo, &w_hi);
    lw_team_share(team, of.count * floats_read(g), LW_TILE_LINE, &r_lo, &r_hi);
    lw_team_share(team, (ptrdiff_t)during * g->write_h * g->write_w, g->tile->mr, &lo, &hi);
    const upcoming all = {.written = {g->write + of.first * floats_written(g) + w_lo, w_hi - w_lo},
                          .read = {g->read + of.first * floats_read(g) + r_lo, r_hi - r_lo}};
    return spread(g, all, lw_ceil_div(lw_max(1, hi - lo), g->tile->mr));
}

/* The windows of the next block of up to `left` positions from `at` on, of which the upper rows are in cache as the
 * lower ones of this block's. What it writes is one stretch, which a CPU foresees. */
static upcoming next_block(const lw_gather *g, const lw_span *y, const lw_span *x, const cursor *at, ptrdiff_t left,
                           int tiles)
{
    const ptrdiff_t row = (ptrdiff_t)at->n * g->read_h + y->read + at->y * y->read_step + y->taps - 1;
    const upcoming windows = {.read = {g->read + (row * g->read_w + x->read + at->x * x->read_step) * g->read_c,
                                       lw_min(left, tiles * g->tile->mr) * x->read_step * g->read_c}};
    return spread(g, windows, tiles);
}

/* The part that a pass of so many tiles asks for. */
static lw_tile_ahead ask(const lw_gather *g, upcoming *next, int tiles)
{
    stretch *s = next->written.left > 0 ? &next->written : &next->read;
    if (s->left <= 0) return (lw_tile_ahead){0};
    const lw_tile_ahead ahead = {s->from, g->tile->nr, next->tile};
    s->from += tiles * next->tile;
    s->left -= tiles * next->tile;
    return ahead;
}

/* This member's positions of one rectangle, while `round` is asked for, or NULL: block after block. */
static void rectangle(const lw_gather *g, images of, const lw_span *y, const lw_span *x, const float *packed,
                      lw_tile_segment *segment, upcoming *round, const lw_team *team)
{
    const int mr = g->tile->mr, nr = g->tile->nr;
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)of.count * y->count * x->count, mr, &lo, &hi);
    if (lo == hi) return;

    const ptrdiff_t row_taps = lw_phase_taps(&g->x, x->phase);
    for (int r = 0; r < y->taps; r++)
        segment[r] = (lw_tile_segment){.a = (ptrdiff_t)r * g->read_w * g->read_c, .b = r * row_taps * tap_floats(g)};
    lw_tile_pass pass = {
        .segment = segment,
        .segments = x->taps > 0 ? y->taps : 0,
        .len = (ptrdiff_t)x->taps * g->read_c,
        .a_step = 1,
        .b_step = nr,
        .alpha = 1.0f,
        .relu = g->relu,
    };
    const float *b = packed + (taps_before(g, y->phase, x->phase) + y->tap * row_taps + x->tap) * tap_floats(g);

    cursor at = cursor_at(lo, y, x);
    at.n += of.first;
    while (lo < hi) {
        lw_tile_rows tiles[TILES];
        int count = 0;
        for (; count < TILES && lo < hi; lo += tiles[count++].rows) next_tile(g, y, x, &at, hi - lo, &tiles[count]);
        upcoming block = round ? (upcoming){0} : next_block(g, y, x, &at, hi - lo, count);
        for (ptrdiff_t panel = 0; panel < panels_of(g); panel++) {
            pass.b = b + panel * panel_floats(g);
            pass.column = panel * nr;
            pass.cols = (int)lw_min(nr, g->write_c - pass.column);
            pass.bias = g->bias ? g->bias + pass.column : NULL;
            pass.ahead = ask(g, round ? round : &block, count);
            g->tile->run(&pass, tiles, count);
        }
    }
}

static lw_tile_segment *segments_of(const lw_gather *g, void *ws, int id)
{
    return (lw_tile_segment *)((float *)ws + packed_floats(g)) + id * g->y.taps;
}

/* Images per round over the rectangles: with a stride, each phase reads the same positions again. */
static int images_per_round(const lw_gather *g)
{
    if (lw_phases(&g->y) * lw_phases(&g->x) == 1) return g->mb;
    return (int)lw_max(1, lw_min(g->mb, ROUND / lw_max(1, floats_read(g) + floats_written(g))));
}

void lw_gather_run(const lw_gather *g, void *ws, int member, const lw_team *team)
{
    lw_tile_segment *segment = segments_of(g, ws, member);
    const int round = images_per_round(g);
    for (int n = 0; n < g->mb; n += round) {
        const images of = {n, (int)lw_min(round, g->mb - n)};
        upcoming next = next_round(g, (images){n + round, (int)lw_min(round, g->mb - n - round)}, of.count, team);
        for (lw_span y = lw_span_first(&g->y); y.count; y = lw_span_next(&g->y, y))
            for (lw_span x = lw_span_first(&g->x); x.count; x = lw_span_next(&g->x, x))
                rectangle(g, of, &y, &x, ws, segment, round < g->mb ? &next : NULL, team);
    }
}

static void run(const lw_gather *g, void *ws, const lw_team *team)
{
    lw_gather_pack(g, ws, team);
    lw_gather_run(g, ws, team->id, team);
}

size_t lw_conv2d_fwd_tiled_workspace(const lw_conv2d_fwd_args *args, int team_size, const lw_tile_kernel *tile)
{
    const lw_gather g = lw_gather_of(&args->shape, false, tile);
    return lw_gather_workspace(&g, team_size);
}

void lw_conv2d_fwd_tiled(const lw_conv2d_fwd_args *args, void *ws, const lw_team *team, const lw_tile_kernel *tile)
{
    lw_gather g = lw_gather_of(&args->shape, false, tile);
    g.read = args->src;
    g.wei = args->wei;
    g.write = args->dst;
    g.bias = args->bias;
    g.relu = args->relu;
    g.packed = args->packed;
    run(&g, ws, team);
}

size_t lw_conv2d_bwd_data_tiled_workspace(const lw_conv2d_bwd_data_args *args, int team_size,
                                          const lw_tile_kernel *tile)
{
    const lw_gather g = lw_gather_of(&args->shape, true, tile);
    return lw_gather_workspace(&g, team_size);
}

void lw_conv2d_bwd_data_tiled(const lw_conv2d_bwd_data_args *args, void *ws, const lw_team *team,
                              const lw_tile_kernel *tile)
{
    lw_gather g = lw_gather_of(&args->shape, true, tile);
    g.read = args->diff_dst;
    g.wei = args->wei;
    g.write = args->diff_src;
    run(&g, ws, team);
}
