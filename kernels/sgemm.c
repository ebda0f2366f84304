/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sgemm.c: the loops around the register tile, written once for all ISAs.
 *
 *   for jc in N by NC, for pc in K by KC        B[pc][jc] is packed by the whole team, then shared
 *     for ic in this member's rows by MC        A[ic][pc] is packed by the member, for itself
 *       for panel of nr columns, for tile of mr rows
 *
 * One member computes an element of C, k ascending in blocks of KC, so its bits depend neither on the
 * team nor on which operands were packed. KC is a constant for the same reason.
 * Source: Goto & van de Geijn (2008); Van Zee & van de Geijn (2015).
 */
#include "kernels/tile.h"

enum {
    KC = 256,     /* a panel of B, KC x nr floats = 16 KiB at nr 16, stays in L1 */
    MC = 120,     /* a block of A, MC x KC = 120 KiB, stays in L2 beside the panels streamed through it */
    NC = 4080,    /* B[KC][NC] = 4 MiB in the last-level cache */
    REUSE_OF_A = 5 /* panels that must share a block of A before packing it pays */
};

typedef struct blocks {
    ptrdiff_t kc, nc, mc;
    bool pack_a;
} blocks;

static blocks blocks_for(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    return (blocks){
        .kc = lw_min(args->K, KC),
        .nc = lw_min(lw_ceil_div(args->N, tile->nr), NC / tile->nr) * tile->nr,
        .mc = MC / tile->mr * tile->mr,
        .pack_a = lw_ceil_div(args->N, tile->nr) >= REUSE_OF_A,
    };
}

static size_t floats_of_b(const blocks *b)
{
    return (size_t)(b->kc * b->nc);
}

static size_t floats_of_a(const blocks *b)
{
    return b->pack_a ? (size_t)(b->mc * b->kc + 15) / 16 * 16 : 0;
}

size_t lw_sgemm_tiled_workspace(const lw_sgemm_args *args, int team_size, const lw_tile_kernel *tile)
{
    const blocks b = blocks_for(args, tile);
    return (floats_of_b(&b) + floats_of_a(&b) * (size_t)team_size) * sizeof(float);
}

/* C = beta * C for the rows of this member. */
static void scale(const lw_sgemm_args *args, const lw_team *team)
{
    ptrdiff_t lo, hi;
    lw_team_share(team, args->M, 1, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++)
        for (ptrdiff_t j = 0; j < args->N; j++) {
            float *c = args->C + i * args->ldc + j;
            *c = args->beta == 0.0f ? 0.0f : args->beta * *c;
        }
}

/* This member's share of the panels of op(B)[pc .. pc + kc][jc .. jc + nc]. */
static void pack_b(const lw_sgemm_args *args, ptrdiff_t pc, ptrdiff_t kc, ptrdiff_t jc, ptrdiff_t nc, float *packed,
                   const lw_team *team, const lw_tile_kernel *tile)
{
    const int nr = tile->nr;
    ptrdiff_t lo, hi;
    lw_team_share(team, lw_ceil_div(nc, nr), 1, &lo, &hi);
    for (ptrdiff_t panel = lo; panel < hi; panel++) {
        const ptrdiff_t j = jc + panel * nr;
        const int cols = (int)lw_min(nr, jc + nc - j);
        float *dst = packed + panel * nr * kc;
        if (args->trans_b)
            tile->pack_transposed(dst, args->B + j * args->ldb + pc, args->ldb, kc, cols, nr);
        else
            lw_pack_rows(dst, args->B + pc * args->ldb + j, args->ldb, kc, cols, nr);
    }
}

/* Rows [ic, ic + mc) of op(A)[..][pc .. pc + kc] in panels of mr rows, k-major. */
static void pack_a(const lw_sgemm_args *args, ptrdiff_t ic, ptrdiff_t mc, ptrdiff_t pc, ptrdiff_t kc, float *packed,
                   const lw_tile_kernel *tile)
{
    const int mr = tile->mr;
    for (ptrdiff_t i = 0; i < mc; i += mr, packed += mr * kc) {
        const int rows = (int)lw_min(mr, mc - i);
        if (args->trans_a)
            lw_pack_rows(packed, args->A + pc * args->lda + ic + i, args->lda, kc, rows, mr);
        else
            tile->pack_transposed(packed, args->A + (ic + i) * args->lda + pc, args->lda, kc, rows, mr);
    }
}

/* The tiles of one block of A, `rows` of it from row ic, against this member's panels of B. */
static void block(const lw_sgemm_args *args, ptrdiff_t ic, ptrdiff_t rows, ptrdiff_t pc, ptrdiff_t kc,
                  ptrdiff_t jc, ptrdiff_t nc, const lw_tile_share *share, const float *packed_a,
                  const float *packed_b, const lw_tile_kernel *tile)
{
    const int mr = tile->mr, nr = tile->nr;
    const lw_tile_segment whole = {0, 0};
    lw_tile_pass pass = {
        .segment = &whole,
        .segments = 1,
        .len = kc,
        .a_step = packed_a ? mr : args->trans_a ? args->lda : 1,
        .b_step = nr,
        .alpha = args->alpha,
        .beta = pc == 0 ? args->beta : 1.0f,
    };
    for (ptrdiff_t panel = share->n_lo; panel < share->n_hi; panel++) {
        pass.b = packed_b + panel * nr * kc;
        pass.column = jc + panel * nr;
        pass.cols = (int)lw_min(nr, nc - panel * nr);
        for (ptrdiff_t i = 0; i < rows; i += mr) {
            lw_tile_rows t;
            t.rows = (int)lw_min(mr, rows - i);
            for (int r = 0; r < t.rows; r++) {
                const ptrdiff_t row = ic + i + r;
                t.c[r] = args->C + row * args->ldc;
                t.a[r] = packed_a        ? packed_a + i * kc + r
                         : args->trans_a ? args->A + pc * args->lda + row
                                         : args->A + row * args->lda + pc;
            }
            tile->run(&pass, &t);
        }
    }
}

void lw_sgemm_tiled(const lw_sgemm_args *args, void *ws, const lw_team *team, const lw_tile_kernel *tile)
{
    if (args->M == 0 || args->N == 0) return;
    if (args->K == 0 || args->alpha == 0.0f) {
        scale(args, team);
        return;
    }
    const blocks b = blocks_for(args, tile);
    float *const packed_b = ws;
    float *const packed_a = b.pack_a ? packed_b + floats_of_b(&b) + floats_of_a(&b) * (size_t)team->id : NULL;

    for (ptrdiff_t jc = 0; jc < args->N; jc += b.nc) {
        const ptrdiff_t nc = lw_min(b.nc, args->N - jc);
        const lw_tile_share share =
            lw_tile_divide(team, 1, lw_ceil_div(args->M, tile->mr), lw_ceil_div(nc, tile->nr));
        const ptrdiff_t m_hi = lw_min(share.m_hi * tile->mr, args->M);
        for (ptrdiff_t pc = 0; pc < args->K; pc += b.kc) {
            const ptrdiff_t kc = lw_min(b.kc, args->K - pc);
            if (jc + pc > 0) lw_team_sync(team); /* before the panels in use are overwritten */
            pack_b(args, pc, kc, jc, nc, packed_b, team, tile);
            lw_team_sync(team);
            for (ptrdiff_t ic = share.m_lo * tile->mr; ic < m_hi; ic += b.mc) {
                const ptrdiff_t rows = lw_min(b.mc, m_hi - ic);
                if (packed_a) pack_a(args, ic, rows, pc, kc, packed_a, tile);
                block(args, ic, rows, pc, kc, jc, nc, &share, packed_a, packed_b, tile);
            }
        }
    }
}
