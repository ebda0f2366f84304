/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile.h: what an ISA supplies for GEMM and convolution, a register tile, and what the shared loops
 * (sgemm.c, conv2d_*.c) supply around it. A tile reads its A rows through pointers, so the rows may be
 * rows of a matrix, a packed panel, or windows of an image: no op needs im2col.
 */
#ifndef LW_TILE_H
#define LW_TILE_H

#include "kernels/kernels.h"

#define LW_TILE_MAX_ROWS 16 /* upper limit of mr on any ISA */

/* A stretch of K in which the A rows advance by a_step and B by b_step; offsets from the bases. */
typedef struct lw_tile_segment {
    ptrdiff_t a, b;
} lw_tile_segment;

enum {
    LW_TILE_LINE = 16, /* floats of a cache line */
    LW_TILE_ASKS = 4,  /* steps of K from one question of a tile to the next */
    LW_TILE_PANELS = 4 /* that are packed at once: eight would write to as many streams that meet in one set of L1 */
};

/* Memory that later passes will read, asked for while this one computes: each LW_TILE_ASKS steps of K, for the i-th
 * time, tile t asks for the nr floats at from + t * tile + i * step. Asked for at once it would keep loads waiting, and
 * no CPU sees by itself what comes after a block. A hint: what is past the end of an operand does no harm, and a tile
 * may ignore it, as those of NEON do for want of a machine to measure it on, and those of dot products. from == NULL:
 * nothing. */
typedef struct lw_tile_ahead {
    const float *from;
    ptrdiff_t step, tile; /* floats */
} lw_tile_ahead;

/* What the tiles of one pass share.
 *   c[i][column + j] = act(alpha * sum_k a[i][k] * b[k][j] + beta * c[i][column + j] + bias[j])
 * for 0 <= i < rows, 0 <= j < cols. K runs over `segments` stretches of `len` steps, in order, in one
 * chain of fused multiply-adds per element, or in as many as the tile interleaves for so many columns.
 * len > 0; beta == 0 does not read c; segments == 0 is a sum of nothing.
 * Of each row of B, cols rounded up to whole `lanes` are read; of A and C nothing past the rows and cols. */
typedef struct lw_tile_pass {
    const lw_tile_segment *segment;
    ptrdiff_t segments, len;
    ptrdiff_t a_step, b_step; /* floats */
    const float *b;
    ptrdiff_t column; /* added to every row pointer of C */
    int cols;         /* 1 .. nr */
    float alpha, beta;
    const float *bias; /* cols floats, or NULL */
    lw_tile_ahead ahead;
    bool relu;
} lw_tile_pass;

/* What becomes of a pass's sums: two cases that take no more than a store or an addition, as between the end of a tile
 * and the beginning of the next one each instruction keeps the FMA ports waiting, and the rest. */
typedef enum lw_tile_ending { LW_TILE_OVERWRITE, LW_TILE_ACCUMULATE, LW_TILE_GENERAL } lw_tile_ending;

static inline lw_tile_ending lw_tile_ending_of(const lw_tile_pass *pass)
{
    if (pass->bias || pass->relu || pass->alpha != 1.0f) return LW_TILE_GENERAL;
    return pass->beta == 0.0f ? LW_TILE_OVERWRITE : pass->beta == 1.0f ? LW_TILE_ACCUMULATE : LW_TILE_GENERAL;
}

/* Row pointers of one tile. */
typedef struct lw_tile_rows {
    const float *a[LW_TILE_MAX_ROWS];
    float *c[LW_TILE_MAX_ROWS];
    int rows; /* 1 .. mr */
} lw_tile_rows;

/* `count` tiles of one pass, in order. */
typedef void lw_tile_fn(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count);

/* As many panels as `cols` columns take, one after another:
 * dst[(q*k + p)*width + j] = q*width + j < cols ? src[p*ld + q*width + j] : 0 for p < k, j < width; width is mr or nr. */
typedef void lw_pack_rows_fn(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int cols, int width);

/* dst[p*width + r] = r < rows ? src[r*ld + p] : 0 for p < k, r < width; width is mr or nr. */
typedef void lw_pack_transposed_fn(float *dst, const float *src, ptrdiff_t ld, ptrdiff_t k, int rows, int width);

typedef struct lw_tile_kernel {
    int mr, nr, lanes;
    lw_tile_fn *run;
    lw_pack_rows_fn *pack_rows;
    lw_pack_transposed_fn *pack_transposed;
    const struct lw_tile_kernel *dots; /* the ISA's tile of one column; of that itself NULL */
} lw_tile_kernel;

/* Whether a product of so many columns and steps is faster on a tile of one column, whose lanes hold steps of K
 * (vec/tile_dot.h), than on a wide tile that is mostly empty. Measured: on a tile of 16 columns the two meet between
 * 8 and 12, on one of 32 at 7; and each dot product ends in a sum over lanes, which K must pay for. */
static inline bool lw_tile_dots_pay(int columns, ptrdiff_t steps)
{
    return columns <= 6 && 8 * (ptrdiff_t)columns <= steps;
}

/* How a team divides a grid of tiles: `id` owns rows [m_lo, m_hi) and columns [n_lo, n_hi) of the
 * m x n tiles and parts [p_lo, p_hi) of p. The largest share is as small as whole tiles allow. */
typedef struct lw_tile_share {
    ptrdiff_t p_lo, p_hi, m_lo, m_hi, n_lo, n_hi;
    ptrdiff_t own_lo, own_hi; /* of [n_lo, n_hi): what is this member's to prepare for all that have these columns */
    int sharers;              /* members that have these columns of these parts */
} lw_tile_share;

lw_tile_share lw_tile_divide(const lw_team *team, ptrdiff_t parts, ptrdiff_t m_tiles, ptrdiff_t n_tiles);

static inline ptrdiff_t lw_ceil_div(ptrdiff_t a, ptrdiff_t b)
{
    return (a + b - 1) / b;
}

static inline ptrdiff_t lw_min(ptrdiff_t a, ptrdiff_t b)
{
    return a < b ? a : b;
}

static inline ptrdiff_t lw_max(ptrdiff_t a, ptrdiff_t b)
{
    return a > b ? a : b;
}

/* Where the tiles of a pass begin to ask. Without anything to ask for, a line that is there, rather than a branch. */
static inline const float *lw_tile_ahead_from(const lw_tile_pass *pass)
{
    return pass->ahead.from ? pass->ahead.from : pass->b;
}

/* `floats` floats that follow each other, evenly over so many tiles. */
static inline lw_tile_ahead lw_tile_ahead_evenly(const lw_tile_kernel *tile, const float *from, ptrdiff_t floats,
                                                 ptrdiff_t tiles)
{
    return (lw_tile_ahead){floats > 0 ? from : NULL, tile->nr, lw_ceil_div(floats, tiles)};
}

/* ---------------------------------------------------------------- the shared loops */

size_t lw_sgemm_tiled_workspace(const lw_sgemm_args *args, int team_size, const lw_tile_kernel *tile);
void lw_sgemm_tiled(const lw_sgemm_args *args, void *ws, const lw_team *team, const lw_tile_kernel *tile);

size_t lw_conv2d_fwd_tiled_workspace(const lw_conv2d_fwd_args *args, int team_size, const lw_tile_kernel *tile);
void lw_conv2d_fwd_tiled(const lw_conv2d_fwd_args *args, void *ws, const lw_team *team, const lw_tile_kernel *tile);

size_t lw_conv2d_bwd_data_tiled_workspace(const lw_conv2d_bwd_data_args *args, int team_size,
                                          const lw_tile_kernel *tile);
void lw_conv2d_bwd_data_tiled(const lw_conv2d_bwd_data_args *args, void *ws, const lw_team *team,
                              const lw_tile_kernel *tile);

size_t lw_conv2d_pool_fwd_tiled_workspace(const lw_conv2d_pool_fwd_args *args, int team_size,
                                          const lw_tile_kernel *tile);
void lw_conv2d_pool_fwd_tiled(const lw_conv2d_pool_fwd_args *args, void *ws, const lw_team *team,
                              const lw_tile_kernel *tile, lw_maxpool_fwd_fn *maxpool);

/* diff_wei only; the caller adds diff_bias by its ISA's bias_bwd. */
size_t lw_conv2d_bwd_weights_tiled_workspace(const lw_conv2d_bwd_weights_args *args, int team_size,
                                             const lw_tile_kernel *tile);
void lw_conv2d_bwd_weights_tiled(const lw_conv2d_bwd_weights_args *args, void *ws, const lw_team *team,
                                 const lw_tile_kernel *tile);

#endif
