/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sgemm_small.c: products whose operands fit L1. There is nothing to block for, and A is broadcast from where it lies,
 * however it is transposed. What is left is what surrounds the tiles: a product of 16 x 16 x 16 is 256 cycles of FMA
 * with AVX2, as many as the set-up of sgemm.c.
 *
 *   for block of TILES of this member's rows  tiles of nearly equal heights: two rows alone are too few chains
 *     for panel of nr columns                 in place; or packed, if it ends within a vector or B is transposed
 *       for tile
 *   for tile of this member's rows            a single column past whole panels: dot products, if A's rows lie along K
 *
 * Each member packs for itself, which is cheaper than meeting. One member computes an element of C, in an order that
 * depends on the problem alone, so its bits do not depend on the team.
 */
#include "kernels/sgemm_small.h"

enum {
    FLOATS = 8192,    /* of A and B: 32 KiB, the least L1 that is met */
    ALONE = 32 << 10, /* multiply-adds */
    TILES = 16,       /* per block: their rows' addresses are set up once for all panels */
    DOT_STEPS = 16    /* for a dot product, which ends in a sum over lanes, to be faster than a tile of few columns */
};

/* Columns [0, in_place) are read in place, [in_place, tiled) packed, [tiled, N) are dots. */
typedef struct columns {
    ptrdiff_t in_place, tiled;
    ptrdiff_t packed; /* floats of the packed panels; behind them is the column of dots, unless it lies in place in a
                         transposed B */
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
    return args->M > 1 && args->N > 1 && args->K > 0 && args->alpha != 0.0f && lw_sgemm_is_small(args) &&
           args->M * args->N * args->K <= ALONE;
}

/* One division, and apart from the rest of a `small`: to clear and copy that takes as long as a tile. */
static columns columns_of(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    const int nr = tile->nr, past = (int)args->N % nr; /* columns past whole panels */
    const bool dot = !args->trans_a && past == 1 && args->K >= DOT_STEPS;
    const ptrdiff_t tiled = args->N - dot, rest = dot ? 0 : past, whole = tiled - rest;
    const ptrdiff_t in_place = args->trans_b ? 0 : rest == tile->lanes ? tiled : whole;
    const ptrdiff_t panels = in_place == tiled ? 0 : whole + (rest > 0 ? nr : 0) - in_place;
    return (columns){in_place, tiled, panels * args->K};
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

static void pack(const small *s, float *dst)
{
    const lw_sgemm_args *args = s->args;
    const lw_tile_kernel *tile = s->tile;
    for (ptrdiff_t j = s->at.in_place; j < s->at.tiled; j += tile->nr, dst += tile->nr * args->K) {
        const int cols = (int)lw_min(tile->nr, s->at.tiled - j);
        if (args->trans_b)
            tile->pack_transposed(dst, args->B + j * args->ldb, args->ldb, args->K, cols, tile->nr);
        else
            tile->pack_rows(dst, args->B + j, args->ldb, args->K, cols, tile->nr);
    }
    if (s->at.tiled < args->N && !args->trans_b)
        tile->dots->pack_rows(dst, args->B + s->at.tiled, args->ldb, args->K, 1, 1);
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

/* Columns [lo, hi) of some tiles; panels of B begin `panel` floats apart. */
static void panels(small *s, const lw_tile_rows *tiles, int count, ptrdiff_t lo, ptrdiff_t hi, const float *b,
                   ptrdiff_t panel)
{
    for (ptrdiff_t j = lo; j < hi; j += s->tile->nr, b += panel) {
        s->pass.b = b;
        s->pass.column = j;
        s->pass.cols = (int)lw_min(s->tile->nr, hi - j);
        s->tile->run(&s->pass, tiles, count);
    }
}

static void multiply(small *s, ptrdiff_t lo, ptrdiff_t hi, const float *packed)
{
    const lw_sgemm_args *args = s->args;
    const int nr = s->tile->nr, rows = (int)(hi - lo);
    const int all = (rows + s->tile->mr - 1) / s->tile->mr, each = rows / all, more = rows % all;
    lw_tile_rows tiles[TILES];
    for (int done = 0; done < all;) {
        int count = 0;
        for (; count < TILES && done < all; lo += tiles[count++].rows, done++)
            rows_from(args, lo, each + (done < more), &tiles[count]);
        s->pass.b_step = args->ldb;
        panels(s, tiles, count, 0, s->at.in_place, args->B, nr);
        s->pass.b_step = nr;
        panels(s, tiles, count, s->at.in_place, s->at.tiled, packed, nr * args->K);
    }
}

static void multiply_dots(small *s, ptrdiff_t lo, ptrdiff_t hi, const float *packed)
{
    const lw_sgemm_args *args = s->args;
    const lw_tile_kernel *dots = s->tile->dots;
    s->pass.b = args->trans_b ? args->B + s->at.tiled * args->ldb : packed + s->at.packed;
    s->pass.b_step = 1;
    s->pass.column = s->at.tiled;
    s->pass.cols = 1;
    for (ptrdiff_t i = lo; i < hi; i += dots->mr) {
        lw_tile_rows rows;
        rows_from(args, i, lw_min(dots->mr, hi - i), &rows);
        dots->run(&s->pass, &rows, 1);
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
    pack(&s, packed);
    if (s.at.tiled > 0) multiply(&s, lo, hi, packed);
    if (s.at.tiled < args->N) multiply_dots(&s, lo, hi, packed);
}
