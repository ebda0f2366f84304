/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sgemm_small.c: products whose operands fit L1. There is nothing to block for, and A is broadcast from where it lies,
 * however it is transposed. What is left is what surrounds the tiles: a product of 16 x 16 x 16 is 256 cycles of FMA
 * with AVX2, as many as the set-up of sgemm.c.
 *
 *   for block of TILES of this member's rows  tiles of nearly equal heights: two rows alone are too few chains
 *     for panel of nr columns                 in place; or packed, if it ends within a vector or B is transposed
 *       for tile
 *   for column past whole panels              one or two: dot products, if A's rows lie along K
 *     for tile
 *
 * Each member packs for itself, which is cheaper than meeting. One member computes an element of C, in an order that
 * depends on the problem alone, so its bits do not depend on the team.
 */
#include "kernels/sgemm_small.h"

enum {
    FLOATS = 8192,    /* of A and B: 32 KiB, the least L1 that is met */
    ALONE = 32 << 10, /* multiply-adds */
    TILES = 16,       /* per block: their rows' addresses are set up once for all panels */
    DOTS = 2,         /* columns past whole panels that are cheaper as dot products than as a vector of a tile */
    DOT_STEPS = 16    /* for each of them, as a dot product ends in a sum over lanes */
};

/* Columns [0, in_place) are read in place, [in_place, tiled) packed, [tiled, N) are dots. */
typedef struct columns {
    ptrdiff_t in_place, tiled;
    ptrdiff_t packed; /* floats of the packed panels that are kept; behind them is a column of dots, which in a
                         transposed B lies in place */
} columns;

typedef struct small {
    const lw_sgemm_args *args;
    const lw_tile_kernel *tile;
    columns at;
    lw_tile_pass pass;
} small;

bool lw_sgemm_is_small(const lw_sgemm_args *args)
{
    return lw_max(args->K, lw_max(args->M, args->N)) <= FLOATS && args->K * (args->M + args->N) <= FLOATS;
}

bool lw_sgemm_is_alone(const lw_sgemm_args *args)
{
    const bool vector = args->M == 1 || args->N == 1; /* vec/gemv.h */
    return (vector || lw_sgemm_is_small(args)) && args->M > 0 && args->N > 0 && args->K > 0 && args->alpha != 0.0f &&
           args->M * args->N * args->K <= ALONE;
}

/* Apart from the rest of a `small`: to clear and copy that takes as long as a tile. */
static columns columns_of(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    const int nr = tile->nr, past = (int)args->N % nr; /* columns past whole panels */
    const int dots = !args->trans_a && past <= DOTS && args->K >= DOT_STEPS * past ? past : 0, rest = past - dots;
    const ptrdiff_t tiled = args->N - dots, whole = tiled - rest;
    const ptrdiff_t in_place = args->trans_b ? 0 : rest == tile->lanes ? tiled : whole;
    const ptrdiff_t panels = in_place == tiled ? 0 : whole + (rest > 0 ? nr : 0) - in_place;
    const ptrdiff_t kept = args->M > TILES * tile->mr ? panels : lw_min(panels, nr); /* one over the other */
    return (columns){in_place, tiled, kept * args->K};
}

static size_t floats_of_member(const columns *at, ptrdiff_t k)
{
    return (size_t)(at->packed + k + 15) / 16 * 16;
}

size_t lw_sgemm_small_workspace(const lw_sgemm_args *args, int team_size, const lw_tile_kernel *tile)
{
    const columns at = columns_of(args, tile);
    return floats_of_member(&at, args->K) * (size_t)team_size * sizeof(float);
}

static void pack_panel(const small *s, ptrdiff_t j, float *dst)
{
    const lw_sgemm_args *args = s->args;
    const lw_tile_kernel *tile = s->tile;
    const int cols = (int)lw_min(tile->nr, s->at.tiled - j);
    if (args->trans_b)
        tile->pack_transposed(dst, args->B + j * args->ldb, args->ldb, args->K, cols, tile->nr);
    else
        tile->pack_rows(dst, args->B + j, args->ldb, args->K, cols, tile->nr);
}

static void rows_from(const lw_sgemm_args *args, ptrdiff_t first, ptrdiff_t count, lw_tile_rows *rows)
{
    const ptrdiff_t step = args->trans_a ? 1 : args->lda;
    rows->rows = (int)count;
    for (ptrdiff_t r = 0; r < count; r++) {
        rows->a[r] = args->A + (first + r) * step;
        rows->c[r] = args->C + (first + r) * args->ldc;
    }
}

/* Columns [j, end), no more than a panel, of some tiles. */
static void run(small *s, const lw_tile_rows *tiles, int count, ptrdiff_t j, ptrdiff_t end, const float *b,
                ptrdiff_t b_step)
{
    s->pass.b = b;
    s->pass.b_step = b_step;
    s->pass.column = j;
    s->pass.cols = (int)lw_min(s->tile->nr, end - j);
    s->tile->run(&s->pass, tiles, count);
}

/* A panel is packed when it is first used; over the one before, if that has no other use. */
static void multiply(small *s, ptrdiff_t lo, ptrdiff_t hi, float *packed)
{
    const lw_sgemm_args *args = s->args;
    const int nr = s->tile->nr, rows = (int)(hi - lo);
    const int all = (rows + s->tile->mr - 1) / s->tile->mr, each = rows / all, more = rows % all;
    const ptrdiff_t apart = all > TILES ? args->K : 0;
    lw_tile_rows tiles[TILES];
    for (int done = 0; done < all;) {
        const bool first = done == 0;
        int count = 0;
        for (; count < TILES && done < all; lo += tiles[count++].rows, done++)
            rows_from(args, lo, each + (done < more), &tiles[count]);
        for (ptrdiff_t j = 0; j < s->at.in_place; j += nr)
            run(s, tiles, count, j, s->at.in_place, args->B + j, args->ldb);
        for (ptrdiff_t j = s->at.in_place; j < s->at.tiled; j += nr) {
            float *panel = packed + (j - s->at.in_place) * apart;
            if (first) pack_panel(s, j, panel);
            run(s, tiles, count, j, s->at.tiled, panel, nr);
        }
    }
}

static void multiply_dots(small *s, ptrdiff_t lo, ptrdiff_t hi, float *packed)
{
    const lw_sgemm_args *args = s->args;
    const lw_tile_kernel *dots = s->tile->dots;
    s->pass.b_step = 1;
    s->pass.cols = 1;
    for (ptrdiff_t j = s->at.tiled; j < args->N; j++) {
        if (!args->trans_b) dots->pack_rows(packed, args->B + j, args->ldb, args->K, 1, 1);
        s->pass.b = args->trans_b ? args->B + j * args->ldb : packed;
        s->pass.column = j;
        for (ptrdiff_t i = lo; i < hi; i += dots->mr) {
            lw_tile_rows rows;
            rows_from(args, i, lw_min(dots->mr, hi - i), &rows);
            dots->run(&s->pass, &rows, 1);
        }
    }
}

void lw_sgemm_small(const lw_sgemm_args *args, float *ws, const lw_team *team, const lw_tile_kernel *tile)
{
    static const lw_tile_segment whole = {0, 0};
    ptrdiff_t lo = 0, hi = args->M;
    if (!lw_sgemm_is_alone(args))
        lw_team_share(team, args->M, tile->mr, &lo, &hi);
    else if (team->id != 0)
        return;
    if (lo == hi) return;
    small s = {args, tile, columns_of(args, tile), {.segment = &whole, .segments = 1, .len = args->K,
               .a_step = args->trans_a ? args->lda : 1, .alpha = args->alpha, .beta = args->beta}};
    float *packed = ws + floats_of_member(&s.at, args->K) * (size_t)team->id;
    if (s.at.tiled > 0) multiply(&s, lo, hi, packed);
    if (s.at.tiled < args->N) multiply_dots(&s, lo, hi, packed + s.at.packed);
}
