/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sgemm_small.c: products whose operands fit L1. There is nothing to block for, and A is broadcast from where it lies,
 * however it is transposed. What is left is what surrounds the tiles: a product of 16 x 16 x 16 is 256 cycles of FMA,
 * as many as the set-up of sgemm.c.
 *
 *   for tile of this member's rows            of nearly equal heights: a tile of two rows has too few chains
 *     for panel of nr columns                 B is read in place; or packed, each member for itself, where a panel is
 *                                             partial or B transposed: packing twice is cheaper than meeting
 *
 * One member computes an element of C in one chain over k, so its bits do not depend on the team.
 */
#include "kernels/sgemm_small.h"

enum {
    FLOATS = 8192,   /* of A and B: 32 KiB, the least L1 that is met */
    ALONE = 32 << 10 /* multiply-adds: a second member's way to the operands takes longer than these */
};

bool lw_sgemm_is_small(const lw_sgemm_args *args)
{
    /* K first, so that the sum cannot overflow. */
    return args->K <= FLOATS && args->M <= FLOATS && args->N <= FLOATS && args->K * (args->M + args->N) <= FLOATS;
}

/* The first panel that is not read in place. */
static ptrdiff_t first_packed(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    return args->trans_b ? 0 : args->N / tile->nr;
}

static size_t floats_of_member(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    const ptrdiff_t packed = lw_ceil_div(args->N, tile->nr) - first_packed(args, tile);
    return (size_t)(packed * tile->nr * args->K + 15) / 16 * 16;
}

size_t lw_sgemm_small_workspace(const lw_sgemm_args *args, int team_size, const lw_tile_kernel *tile)
{
    return floats_of_member(args, tile) * (size_t)team_size * sizeof(float);
}

static void pack_b(const lw_sgemm_args *args, const lw_tile_kernel *tile, float *dst)
{
    const int nr = tile->nr;
    for (ptrdiff_t j = first_packed(args, tile) * nr; j < args->N; j += nr, dst += nr * args->K) {
        const int cols = (int)lw_min(nr, args->N - j);
        if (args->trans_b)
            tile->pack_transposed(dst, args->B + j * args->ldb, args->ldb, args->K, cols, nr);
        else
            tile->pack_rows(dst, args->B + j, args->ldb, args->K, cols, nr);
    }
}

/* All columns of a tile of rows. */
static void panels(const lw_sgemm_args *args, const lw_tile_kernel *tile, const float *packed, lw_tile_pass *pass,
                   const lw_tile_rows *rows)
{
    const int nr = tile->nr;
    ptrdiff_t j = 0;
    if (!args->trans_b) {
        pass->b_step = args->ldb;
        pass->cols = nr;
        for (; j + nr <= args->N; j += nr) {
            pass->b = args->B + j;
            pass->column = j;
            tile->run(pass, rows);
        }
    }
    pass->b_step = nr;
    for (; j < args->N; j += nr, packed += nr * args->K) {
        pass->b = packed;
        pass->column = j;
        pass->cols = (int)lw_min(nr, args->N - j);
        tile->run(pass, rows);
    }
}

void lw_sgemm_small(const lw_sgemm_args *args, float *ws, const lw_team *team, const lw_tile_kernel *tile)
{
    const ptrdiff_t row_step = args->trans_a ? 1 : args->lda;
    const ptrdiff_t tiles = lw_ceil_div(args->M, tile->mr), height = args->M / tiles, taller = args->M % tiles;
    const bool alone = args->M * args->N * args->K <= ALONE;
    ptrdiff_t lo = 0, hi = tiles;
    if (alone && team->id != 0) return;
    if (!alone) lw_team_share(team, tiles, 1, &lo, &hi);
    if (lo == hi) return;
    float *packed = ws + floats_of_member(args, tile) * (size_t)team->id;
    pack_b(args, tile, packed);
    const lw_tile_segment whole = {0, 0};
    lw_tile_pass pass = {
        .segment = &whole,
        .segments = 1,
        .len = args->K,
        .a_step = args->trans_a ? args->lda : 1,
        .alpha = args->alpha,
        .beta = args->beta,
    };
    ptrdiff_t i = lo * height + lw_min(lo, taller);
    for (ptrdiff_t t = lo; t < hi; t++) {
        lw_tile_rows rows;
        rows.rows = (int)(height + (t < taller));
        for (int r = 0; r < rows.rows; r++, i++) {
            rows.a[r] = args->A + i * row_step;
            rows.c[r] = args->C + i * args->ldc;
        }
        panels(args, tile, packed, &pass, &rows);
    }
}
