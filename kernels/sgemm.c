/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sgemm.c: the loops around the register tile, written once for all ISAs; blocks and packing as sgemm_plan.h says.
 *
 *   for jc in N by NC, for pc in K by KC
 *     for ic in this member's rows by MC        A[ic][pc] is read in place; or packed by the member, for itself
 *       for panel of nr columns                 B[pc][panel] is read in place; or packed before its first use
 *         for tile of mr rows                   meanwhile what comes next is asked for
 *
 * One member computes an element of C, k ascending in blocks that depend on the problem alone, so its bits do not
 * depend on the team.
 * Source: Goto & van de Geijn (2008); Van Zee & van de Geijn (2015).
 */
#include "kernels/sgemm_plan.h"
#include "kernels/sgemm_small.h"

#include <assert.h>

enum {
    MIN_MR = 4, /* of any tile */
    /* Floats of a block of K that are asked for during the one before it, so that both stay in L2: */
    AHEAD_A = 128 << 10, /* of A, transposed */
    AHEAD_B = 32 << 10   /* of B */
};

/* A member's view of a product. */
typedef struct gemm {
    lw_sgemm_plan plan;
    const lw_sgemm_args *args;
    const lw_tile_kernel *tile;
    float *a, *b, *panel; /* packed: A and one panel of B of this member, B of the team; NULL: nothing is */
} gemm;

size_t lw_sgemm_tiled_workspace(const lw_sgemm_args *args, int team_size, const lw_tile_kernel *tile)
{
    if (args->M == 0 || args->N == 0 || args->K == 0) return 0;
    if (lw_sgemm_is_small(args)) return lw_sgemm_small_workspace(args, team_size, tile);
    const lw_sgemm_plan plan = lw_sgemm_plan_of(args, tile, team_size);
    return lw_sgemm_plan_workspace(&plan, team_size) * sizeof(float);
}

static gemm gemm_of(const lw_sgemm_args *args, float *ws, const lw_team *team, const lw_tile_kernel *tile)
{
    gemm g = {.plan = lw_sgemm_plan_of(args, tile, team->size), .args = args, .tile = tile, .b = ws};
    const size_t panel = lw_sgemm_floats_of_panel(&g.plan), a = lw_sgemm_floats_of_a(&g.plan);
    g.panel = ws + lw_sgemm_floats_of_b(&g.plan) + (size_t)team->id * (panel + a);
    g.a = g.plan.packs_a ? g.panel + panel : NULL;
    return g;
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

/* ---------------------------------------------------------------- blocks */

/* A block of K and of N, and what this member does of it. */
typedef struct span {
    ptrdiff_t pc, kc, jc, nc;
    ptrdiff_t m_lo, m_hi; /* its rows */
    lw_tile_share share;
} span;

/* Panels of op(B). */
typedef struct panels {
    ptrdiff_t lo, hi;
} panels;

/* A block of rows. */
typedef struct row_block {
    ptrdiff_t lo, hi;
    int tiles;
    lw_tile_rows tile[LW_SGEMM_MC / MIN_MR];
} row_block;

static span span_of(const gemm *g, ptrdiff_t pc, ptrdiff_t jc, const lw_team *team)
{
    const lw_sgemm_args *args = g->args;
    const int mr = g->tile->mr;
    span s = {.pc = pc, .kc = lw_min(g->plan.kc, args->K - pc), .jc = jc, .nc = lw_min(g->plan.nc, args->N - jc)};
    s.share = lw_tile_divide(team, 1, lw_ceil_div(args->M, mr), lw_ceil_div(s.nc, g->tile->nr));
    s.m_lo = s.share.m_lo * mr;
    s.m_hi = lw_min(s.share.m_hi * mr, args->M);
    return s;
}

static int columns_of(const gemm *g, const span *s, ptrdiff_t panel)
{
    return (int)lw_min(g->tile->nr, s->nc - panel * g->tile->nr);
}

/* The tiles of a block, of nearly equal heights, as one or two rows alone are too few chains of FMAs. */
static void lay_tiles(const gemm *g, const span *s, row_block *block)
{
    const lw_sgemm_args *args = g->args;
    const int mr = g->tile->mr;
    const ptrdiff_t row_step = args->trans_a ? 1 : args->lda, k_step = args->trans_a ? args->lda : 1;
    ptrdiff_t ic = block->lo;
    assert(mr >= MIN_MR);
    block->tiles = (int)lw_ceil_div(block->hi - block->lo, mr);
    for (int t = 0; t < block->tiles; ic += block->tile[t++].rows) {
        lw_tile_rows *tile = &block->tile[t];
        const float *a = g->a ? g->a + t * mr * s->kc : args->A + ic * row_step + s->pc * k_step;
        tile->rows = (int)lw_ceil_div(block->hi - ic, block->tiles - t);
        for (int r = 0; r < tile->rows; r++) {
            tile->a[r] = a + r * (g->a ? 1 : row_step);
            tile->c[r] = args->C + (ic + r) * args->ldc;
        }
    }
}

/* ---------------------------------------------------------------- packing */

static void pack_panels(const gemm *g, const span *s, const panels *which, float *dst)
{
    const lw_sgemm_args *args = g->args;
    const int nr = g->tile->nr;
    const float *b = args->B + (args->trans_b ? s->jc * args->ldb + s->pc : s->pc * args->ldb + s->jc);
    if (!args->trans_b) {
        const ptrdiff_t first = which->lo * nr, end = lw_min(which->hi * nr, s->nc);
        g->tile->pack_rows(dst, b + first, args->ldb, s->kc, (int)(end - first), nr);
        return;
    }
    for (ptrdiff_t panel = which->lo; panel < which->hi; panel++, dst += nr * s->kc)
        g->tile->pack_transposed(dst, b + panel * nr * args->ldb, args->ldb, s->kc, columns_of(g, s, panel), nr);
}

/* The rows of op(A) of a block, each tile a panel of mr columns, k-major. */
static void pack_a(const gemm *g, const span *s, const row_block *block)
{
    const lw_sgemm_args *args = g->args;
    const int mr = g->tile->mr;
    ptrdiff_t ic = block->lo;
    float *panel = g->a;
    for (int t = 0; t < block->tiles; ic += block->tile[t++].rows, panel += mr * s->kc) {
        const int rows = block->tile[t].rows;
        if (args->trans_a)
            g->tile->pack_rows(panel, args->A + s->pc * args->lda + ic, args->lda, s->kc, rows, mr);
        else
            g->tile->pack_transposed(panel, args->A + ic * args->lda + s->pc, args->lda, s->kc, rows, mr);
    }
}

/* ---------------------------------------------------------------- what is asked for meanwhile */

/* Row number p of each tile of the next block, which after the last one is the first again, in the next block of K. */
static lw_tile_ahead next_rows(const gemm *g, const span *s, const row_block *block, ptrdiff_t p)
{
    const lw_sgemm_args *args = g->args;
    const bool down = block->hi < s->m_hi;
    const ptrdiff_t row = down ? block->hi : s->m_lo, k = down ? s->pc : s->pc + s->kc;
    if (k >= args->K) return (lw_tile_ahead){0};
    return (lw_tile_ahead){args->A + (row + p) * args->lda + k, g->tile->nr, g->tile->mr * args->lda};
}

/* Of `floats` from `from` on, evenly over a member's blocks: what pass p of `passes` over this one asks for. */
static lw_tile_ahead stripe(const gemm *g, const span *s, const row_block *block, const float *from, ptrdiff_t floats,
                            ptrdiff_t p, ptrdiff_t passes)
{
    const ptrdiff_t all = s->m_hi - s->m_lo, count = block->hi - block->lo;
    const ptrdiff_t first = floats * (block->lo - s->m_lo) / all;
    const ptrdiff_t part = lw_ceil_div(floats * count / all, passes);
    return lw_tile_ahead_evenly(g->tile, from + first + p * part, part, block->tiles);
}

/* As next_rows, where A is transposed and a block of rows is a stripe of each row of A: the next block of K, of B by
 * the last pass and of A by the others. */
static lw_tile_ahead next_depth(const gemm *g, const span *s, const row_block *block, ptrdiff_t p, ptrdiff_t passes)
{
    const lw_sgemm_args *args = g->args;
    const ptrdiff_t k = s->pc + s->kc, depth = lw_min(g->plan.kc, args->K - k);
    const bool with_b = !args->trans_b && passes > 2 && depth * args->ldb <= AHEAD_B;
    if (depth <= 0 || depth * args->lda > AHEAD_A) return (lw_tile_ahead){0};
    if (with_b && p == passes - 1) return stripe(g, s, block, args->B + k * args->ldb, depth * args->ldb, 0, 1);
    return stripe(g, s, block, args->A + k * args->lda, depth * args->lda, p, passes - with_b);
}

/* What comes after `panel` of those that the member has yet to read. Of each row of B a panel has a line: a tile asks
 * for those of a quarter of the rows, one for LW_TILE_ASKS steps, and each next tile begins a little further on. Of a
 * transposed B, rows are those of the panels that are packed together next, and tiles go on along them. */
static lw_tile_ahead next_unread(const gemm *g, const span *s, const panels *unread, ptrdiff_t panel, int tiles)
{
    const lw_sgemm_args *args = g->args;
    const int nr = g->tile->nr, together = g->plan.b == LW_B_SHARED ? LW_TILE_PANELS : 1;
    const ptrdiff_t place = args->trans_b ? (panel - unread->lo) % together : 0, next = panel - place + together;
    if (next >= unread->hi) return (lw_tile_ahead){0};
    const ptrdiff_t j = s->jc + next * nr;
    if (!args->trans_b) {
        const ptrdiff_t further = (s->kc - s->kc / LW_TILE_ASKS) / lw_max(1, tiles - 1);
        return (lw_tile_ahead){args->B + s->pc * args->ldb + j, args->ldb, further * args->ldb};
    }
    const float *from = args->B + j * args->ldb + s->pc;
    if (together > 1) return (lw_tile_ahead){from + place * s->kc / together, args->ldb, s->kc / together / tiles};
    return lw_tile_ahead_evenly(g->tile, from, args->ldb <= 2 * s->kc ? nr * args->ldb : 0, tiles);
}

/* The packed panel after this one, by the second half of the tiles; by the first this one itself, which is there. */
static lw_tile_ahead next_packed(const gemm *g, const span *s, ptrdiff_t panel, int tiles)
{
    const ptrdiff_t floats = g->tile->nr * s->kc;
    return lw_tile_ahead_evenly(g->tile, g->b + panel * floats, panel + 1 < s->share.n_hi ? 2 * floats : 0, tiles);
}

/* In the last passes A, of which the next block needs all rows of a tile at once; before them B. */
static lw_tile_ahead ahead_of(const gemm *g, const span *s, const row_block *block, const panels *unread,
                              ptrdiff_t panel)
{
    const ptrdiff_t passes = lw_min(s->share.n_hi - s->share.n_lo, g->tile->mr), p = panel - s->share.n_hi + passes;
    lw_tile_ahead a = {0};
    if (p >= 0) a = g->args->trans_a ? next_depth(g, s, block, p, passes) : next_rows(g, s, block, p);
    if (a.from) return a;
    return panel < unread->hi ? next_unread(g, s, unread, panel, block->tiles) : next_packed(g, s, panel, block->tiles);
}

/* ---------------------------------------------------------------- the loops */

/* The panel of B of a pass, and its step. */
static void take_panel(const gemm *g, const span *s, ptrdiff_t panel, lw_tile_pass *pass)
{
    const lw_sgemm_args *args = g->args;
    const int nr = g->tile->nr;
    const bool in_place = g->plan.b == LW_B_IN_PLACE && pass->cols == nr;
    if (g->plan.b == LW_B_OWN) pack_panels(g, s, &(panels){panel, panel + 1}, g->panel);
    pass->b = in_place                   ? args->B + s->pc * args->ldb + pass->column
              : g->plan.b == LW_B_SHARED ? g->b + panel * nr * s->kc
                                         : g->panel;
    pass->b_step = in_place ? args->ldb : nr;
}

/* A block of rows against panels, of which all but those of `unread` are packed already. */
static void multiply(const gemm *g, const span *s, const row_block *block, const panels *which, const panels *unread)
{
    if (block->tiles == 0) return;
    const lw_sgemm_args *args = g->args;
    const lw_tile_segment whole = {0, 0};
    lw_tile_pass pass = {
        .segment = &whole,
        .segments = 1,
        .len = s->kc,
        .a_step = g->a ? g->tile->mr : args->trans_a ? args->lda : 1,
        .alpha = args->alpha,
        .beta = s->pc == 0 ? args->beta : 1.0f,
    };
    for (ptrdiff_t panel = which->lo; panel < which->hi; panel++) {
        pass.column = s->jc + panel * g->tile->nr;
        pass.cols = columns_of(g, s, panel);
        pass.ahead = ahead_of(g, s, block, unread, panel);
        take_panel(g, s, panel, &pass);
        g->tile->run(&pass, block->tile, block->tiles);
    }
}

/* A block of rows that is the first to use B: while its tiles compute, the lines of B that are packed next arrive. The
 * panels that others pack come last. */
static void multiply_and_pack(const gemm *g, const span *s, const row_block *block, const lw_team *team)
{
    const lw_tile_share *share = &s->share;
    const panels own = {share->own_lo, share->own_hi};
    for (ptrdiff_t lo = own.lo; lo < own.hi; lo += LW_TILE_PANELS) {
        const panels next = {lo, lw_min(lo + LW_TILE_PANELS, own.hi)};
        pack_panels(g, s, &next, g->b + lo * g->tile->nr * s->kc);
        multiply(g, s, block, &next, &own);
    }
    if (share->sharers == 1) return;
    lw_team_sync(team);
    const panels none = {0, 0};
    multiply(g, s, block, &(panels){share->n_lo, own.lo}, &none);
    multiply(g, s, block, &(panels){own.hi, share->n_hi}, &none);
}

/* Whether panels are about to be packed over some that other members may still use: those of the span before lie in the
 * same places, each member's own, unless that was of other columns or of other depth. */
static bool overwrites(const gemm *g, const span *s)
{
    if (g->plan.b != LW_B_SHARED || s->jc + s->pc == 0) return false;
    return s->share.sharers > 1 || s->pc == 0 || s->kc < g->plan.kc;
}

/* One block of K and N, for this member's rows and panels. */
static void multiply_span(const gemm *g, const span *s, const lw_team *team)
{
    const panels all = {s->share.n_lo, s->share.n_hi}, none = {0, 0}, last = {all.hi - 1, all.hi};
    const bool shared = g->plan.b == LW_B_SHARED;
    if (overwrites(g, s)) lw_team_sync(team);
    if (g->plan.b == LW_B_IN_PLACE && all.lo < all.hi && columns_of(g, s, last.lo) < g->tile->nr)
        pack_panels(g, s, &last, g->panel);
    row_block block = {.lo = s->m_lo};
    do { /* who has no rows packs for those who do */
        block.hi = lw_min(block.lo + g->plan.mc, s->m_hi);
        lay_tiles(g, s, &block);
        if (g->a) pack_a(g, s, &block);
        if (shared && block.lo == s->m_lo)
            multiply_and_pack(g, s, &block, team);
        else
            multiply(g, s, &block, &all, shared ? &none : &all);
        block.lo = block.hi;
    } while (block.lo < s->m_hi);
}

void lw_sgemm_tiled(const lw_sgemm_args *args, void *ws, const lw_team *team, const lw_tile_kernel *tile)
{
    if (args->M == 0 || args->N == 0) return;
    if (args->K == 0 || args->alpha == 0.0f) {
        scale(args, team);
        return;
    }
    if (lw_sgemm_is_small(args)) {
        lw_sgemm_small(args, ws, team, tile);
        return;
    }
    const gemm g = gemm_of(args, ws, team, tile);
    for (ptrdiff_t jc = 0; jc < args->N; jc += g.plan.nc)
        for (ptrdiff_t pc = 0; pc < args->K; pc += g.plan.kc) {
            const span s = span_of(&g, pc, jc, team);
            multiply_span(&g, &s, team);
        }
}
