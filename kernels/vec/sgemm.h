/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sgemm.h: which way a product goes, over vec.h and an ISA's register tile.
 *   gemv.h     one row or column
 *   flipped    few columns, which fill a tile's vectors badly: C^T = op(B)^T op(A)^T, where they are rows of the
 *              tile. A stretch of C^T in workspace at a time, transposed into C from L1
 *   sgemm.c    the rest
 */
#ifndef LW_VEC_SGEMM_H
#define LW_VEC_SGEMM_H

#include "kernels/sgemm_small.h"
#include "kernels/vec/gemv.h"
#include "kernels/vec/transpose.h"

enum {
    VEC_FLIP_ROWS = 256, /* of C in a stretch, or as many of them as are whole panels */
    VEC_FLIP_STEPS = 256 /* of K in a block: its panel of op(A)^T stays in L1 for all columns */
};

/* Where the lanes that the columns leave empty cost more than C's way through the workspace, and than packing op(A),
 * which is read in place only if it lies transposed. In FMAs of a row and a column; a tile of one vector is bound by its
 * loads, as if it had a column more; one or two columns are dot products. Measured with 64 rows. */
static inline bool vec_flip_pays(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    const ptrdiff_t empty = (args->N <= VF_LANES ? VF_LANES + 1 : tile->nr) - args->N;
    if (args->N >= tile->nr || args->M < tile->nr || args->alpha == 0.0f) return false;
    return args->trans_a ? args->K * empty >= 8 * args->N : args->N > 2 && args->K * (empty - 3) >= 16 * args->N;
}

/* C^T from row `row` of C on, of `rows` columns, over steps [k, k + steps) of K. */
static inline lw_sgemm_args vec_flipped(const lw_sgemm_args *args, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t k,
                                        ptrdiff_t steps, float *flipped)
{
    return (lw_sgemm_args){
        .trans_a = !args->trans_b,
        .trans_b = !args->trans_a,
        .M = args->N,
        .N = rows,
        .K = steps,
        .alpha = args->alpha,
        .A = args->B + (args->trans_b ? k : k * args->ldb),
        .lda = args->ldb,
        .B = args->A + (args->trans_a ? k * args->lda + row : row * args->lda + k),
        .ldb = args->lda,
        .beta = k == 0 ? args->beta : 1.0f,
        .C = flipped,
        .ldc = rows,
    };
}

static inline size_t vec_flip_stretch_floats(const lw_sgemm_args *args)
{
    return (size_t)(VEC_FLIP_ROWS * args->N);
}

/* A stretch of C^T, and what its product needs: most where the stretch ends within a panel. */
static inline size_t vec_flip_member_floats(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    const lw_sgemm_args most = vec_flipped(args, 0, VEC_FLIP_ROWS - 1, 0, lw_min(args->K, VEC_FLIP_STEPS), NULL);
    return vec_flip_stretch_floats(args) + lw_sgemm_small_workspace(&most, 1, tile) / sizeof(float);
}

/* Stretches and members' shares end between panels, so that an element is summed in one order, whatever the team. */
VEC_INLINE void vec_flip(const lw_sgemm_args *args, float *ws, const lw_team *team, const lw_tile_kernel *tile)
{
    float *flipped = ws + vec_flip_member_floats(args, tile) * (size_t)team->id;
    float *rest = flipped + vec_flip_stretch_floats(args);
    const lw_team *sharing = lw_sgemm_is_alone(args) ? &lw_team_solo : team;
    if (team->id >= sharing->size) return;
    const vec_range share = vec_share(sharing, args->M, tile->nr);
    const ptrdiff_t stretch = VEC_FLIP_ROWS / tile->nr * tile->nr;
    for (ptrdiff_t row = share.lo; row < share.hi; row += stretch) {
        const ptrdiff_t rows = lw_min(stretch, share.hi - row);
        float *c = args->C + row * args->ldc;
        if (args->beta != 0.0f) vec_transpose(c, args->ldc, rows, args->N, flipped, rows);
        for (ptrdiff_t k = 0; k < args->K; k += VEC_FLIP_STEPS) {
            const lw_sgemm_args part = vec_flipped(args, row, rows, k, lw_min(VEC_FLIP_STEPS, args->K - k), flipped);
            lw_sgemm_small(&part, rest, &lw_team_solo, tile);
        }
        vec_transpose(flipped, rows, args->N, rows, c, args->ldc);
    }
}

/* ---------------------------------------------------------------- the choice */

static inline size_t vec_sgemm_workspace(const lw_sgemm_args *args, int team_size, const lw_tile_kernel *tile)
{
    if (vec_gemv_fits(args)) return vec_gemv_workspace(args, team_size);
    if (vec_flip_pays(args, tile)) return vec_flip_member_floats(args, tile) * (size_t)team_size * sizeof(float);
    return lw_sgemm_tiled_workspace(args, team_size, tile);
}

static inline void vec_sgemm(const lw_sgemm_args *args, void *ws, const lw_team *team, const lw_tile_kernel *tile)
{
    if (vec_gemv_fits(args))
        vec_gemv(*args, ws, team);
    else if (vec_flip_pays(args, tile))
        vec_flip(args, ws, team, tile);
    else
        lw_sgemm_tiled(args, ws, team, tile);
}

#endif
