/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sgemm.c: the loops around the register tile, written once for all ISAs.
 *
 *   for jc in N by NC, for pc in K by KC        B[pc][jc] is packed by the whole team, then shared; or read in place;
 *                                               or packed panel by panel, each in L1 for its only use
 *     for ic in this member's rows by MC        A[ic][pc] is read in place; or packed by the member, for itself
 *       for panel of nr columns, for tile of mr rows
 *
 * One member computes an element of C, k ascending in blocks that depend on the problem alone, so its bits do not depend
 * on the team.
 * Source: Goto & van de Geijn (2008); Van Zee & van de Geijn (2015).
 */
#include "kernels/sgemm_small.h"
#include "kernels/tile.h"

#include <assert.h>

enum {
    KC = 320,     /* a panel of B, KC x nr floats = 20 KiB at nr 16, stays in L1 */
    KC_LINES = 136, /* beside it the lines of a transposed A, one for each k, which neighbouring tiles share */
    LONG = 4 * KC,  /* steps from which on that is worth taking C through the registers more often */
    MC = 120,     /* a block of A, MC x KC = 150 KiB, stays in L2 beside the panels streamed through it */
    MIN_MR = 4,   /* of any tile */
    NC = 4080,    /* B[KC][NC] = 5 MiB in the last-level cache */
    /* Packing pays where what is packed is read often enough, and reading it in place is slow. */
    PAGE = 1024,  /* floats: what lies whole pages apart meets in one set of L1, and takes a TLB entry each */
    FEW = 5,      /* panels that read a block of A, or tiles that read a panel of B, for packing what does */
    L1 = 8 << 10, /* floats */
    SEVERAL = 10, /* tiles that read a panel of B, for a copy that fits L1 if its rows straddle too many lines */
    MANY = 34,    /* tiles that read a panel of B: more of them earn any a dense copy */
    FAR = 512,    /* floats from one k to the next of a transposed A, half a page, for packing it for SEVERAL panels */
    WIDE = 48,    /* panels that read a block of A, for packing rows that are a page or more apart */
    /* Floats of a block of K that are asked for during the one before it, so that both stay in L2: */
    AHEAD_A = 128 << 10, /* of A, transposed */
    AHEAD_B = 32 << 10   /* of B */
};

/* How panels of op(B) reach the tiles. */
typedef enum b_path {
    B_IN_PLACE, /* as they lie; a partial one is packed by each member */
    B_SHARED,   /* packed by the team before they are used */
    B_OWN       /* packed by the member right before its only use */
} b_path;

typedef struct gemm {
    const lw_sgemm_args *args;
    const lw_tile_kernel *tile;
    ptrdiff_t kc, nc, mc;  /* blocks */
    bool packs_a;
    b_path b_path;
    float *a, *b, *panel; /* packed: A and one panel of B of this member, B of the team */
} gemm;

/* The size of equal parts of n, no larger than `most`, in whole steps of the tile's unrolled loop. A short last part
 * would cost C's way through the registers for little work. */
static ptrdiff_t even_part(ptrdiff_t n, ptrdiff_t most)
{
    const ptrdiff_t part = lw_ceil_div(n, lw_ceil_div(n, most));
    return lw_min(n, lw_ceil_div(part, 8) * 8);
}

/* Whether a panel of B straddles so many lines that it does not fit L1 beside a tile's rows of A, though its copy does. */
static bool straddles(const gemm *g)
{
    const ptrdiff_t ld = g->args->ldb, together = ld & -ld; /* starts of rows are multiples of that many floats */
    const ptrdiff_t dense = g->tile->mr + g->tile->nr;
    const ptrdiff_t touched = dense + LW_TILE_LINE - lw_min(together, LW_TILE_LINE); /* on average */
    return g->kc * touched > L1 && g->kc * dense <= L1;
}

static bool packs_b(const gemm *g)
{
    const ptrdiff_t tiles = lw_ceil_div(g->args->M, g->tile->mr);
    if (g->args->trans_b || tiles > MANY) return true;
    return (tiles >= FEW && g->args->ldb % PAGE == 0) || (tiles >= SEVERAL && straddles(g));
}

static bool packs_a(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    const ptrdiff_t panels = lw_ceil_div(args->N, tile->nr);
    if (!args->trans_a) return args->lda >= PAGE && panels >= WIDE;
    return args->lda % PAGE == 0 ? panels >= FEW : args->lda > FAR && panels >= SEVERAL;
}

/* A member that has all rows, in one block, uses each of its panels once. */
static b_path b_path_of(const gemm *g, int team_size)
{
    if (!packs_b(g)) return B_IN_PLACE;
    if (g->args->M > g->mc) return B_SHARED;
    const lw_team first = {.id = 0, .size = team_size};
    const ptrdiff_t tiles = lw_ceil_div(g->args->M, g->tile->mr), panels = g->nc / g->tile->nr;
    return lw_tile_divide(&first, 1, tiles, panels).m_hi == tiles ? B_OWN : B_SHARED;
}

static ptrdiff_t block_of_k(const lw_sgemm_args *args, bool packs_a)
{
    return even_part(args->K, args->trans_a && !packs_a && args->K > LONG ? KC_LINES : KC);
}

static gemm gemm_of(const lw_sgemm_args *args, const lw_tile_kernel *tile, int team_size)
{
    const bool a = packs_a(args, tile);
    gemm g = {
        .args = args,
        .tile = tile,
        .kc = block_of_k(args, a),
        .nc = lw_min(lw_ceil_div(args->N, tile->nr), NC / tile->nr) * tile->nr,
        .mc = MC / tile->mr * tile->mr,
        .packs_a = a,
    };
    g.b_path = b_path_of(&g, team_size);
    return g;
}

static size_t lines(ptrdiff_t floats)
{
    return (size_t)lw_ceil_div(floats, LW_TILE_LINE) * LW_TILE_LINE;
}

static size_t floats_of_b(const gemm *g)
{
    return g->b_path == B_SHARED ? lines(g->kc * g->nc) : 0;
}

static size_t floats_of_member(const gemm *g)
{
    return (g->packs_a ? lines(g->mc * g->kc) : 0) + (g->b_path == B_SHARED ? 0 : lines(g->kc * g->tile->nr));
}

static size_t floats_of(const gemm *g, int team_size)
{
    return floats_of_b(g) + floats_of_member(g) * (size_t)team_size;
}

size_t lw_sgemm_tiled_workspace(const lw_sgemm_args *args, int team_size, const lw_tile_kernel *tile)
{
    if (args->M == 0 || args->N == 0 || args->K == 0) return 0;
    if (lw_sgemm_is_small(args)) return lw_sgemm_small_workspace(args, team_size, tile);
    gemm g = gemm_of(args, tile, team_size);
    const size_t floats = floats_of(&g, team_size);
    if (g.b_path == B_IN_PLACE || args->M > g.mc) return floats * sizeof(float); /* for a team of any size */
    g.b_path = g.b_path == B_OWN ? B_SHARED : B_OWN;                             /* as a smaller one may */
    const size_t others = floats_of(&g, team_size);
    return (floats > others ? floats : others) * sizeof(float);
}

static void lay_out(gemm *g, float *ws, const lw_team *team)
{
    float *own = ws + floats_of(g, team->id);
    g->b = ws;
    g->panel = own;
    g->a = g->packs_a ? own + floats_of_member(g) - lines(g->mc * g->kc) : NULL;
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

/* A block of K and of N. */
typedef struct span {
    ptrdiff_t pc, kc, jc, nc;
} span;

static ptrdiff_t panels_of(const gemm *g, const span *s)
{
    return lw_ceil_div(s->nc, g->tile->nr);
}

static int columns_of(const gemm *g, const span *s, ptrdiff_t panel)
{
    return (int)lw_min(g->tile->nr, s->nc - panel * g->tile->nr);
}

/* Panels [lo, hi) of op(B). */
static void pack_panels(const gemm *g, const span *s, ptrdiff_t lo, ptrdiff_t hi, float *dst)
{
    const lw_sgemm_args *args = g->args;
    const int nr = g->tile->nr;
    const float *b = args->B + (args->trans_b ? s->jc * args->ldb + s->pc : s->pc * args->ldb + s->jc);
    if (!args->trans_b) {
        g->tile->pack_rows(dst, b + lo * nr, args->ldb, s->kc, (int)(lw_min(hi * nr, s->nc) - lo * nr), nr);
        return;
    }
    for (ptrdiff_t panel = lo; panel < hi; panel++, dst += nr * s->kc)
        g->tile->pack_transposed(dst, b + panel * nr * args->ldb, args->ldb, s->kc, columns_of(g, s, panel), nr);
}

/* This member's share of the panels of op(B). */
static void pack_b(const gemm *g, const span *s, const lw_team *team)
{
    ptrdiff_t lo, hi;
    lw_team_share(team, panels_of(g, s), 1, &lo, &hi);
    if (lo < hi) pack_panels(g, s, lo, hi, g->b + lo * g->tile->nr * s->kc);
}

/* A block of rows of C. */
typedef struct row_block {
    ptrdiff_t lo, hi;               /* of the block */
    ptrdiff_t member_lo, member_hi; /* of all blocks of this member */
} row_block;

/* The rows of op(A) of a block, each tile a panel of mr columns, k-major. */
static void pack_a(const gemm *g, const span *s, const row_block *block, const lw_tile_rows *tile, int tiles)
{
    const lw_sgemm_args *args = g->args;
    const int mr = g->tile->mr;
    ptrdiff_t ic = block->lo;
    float *panel = g->a;
    for (int t = 0; t < tiles; ic += tile[t++].rows, panel += mr * s->kc) {
        const int rows = tile[t].rows;
        if (args->trans_a)
            g->tile->pack_rows(panel, args->A + s->pc * args->lda + ic, args->lda, s->kc, rows, mr);
        else
            g->tile->pack_transposed(panel, args->A + ic * args->lda + s->pc, args->lda, s->kc, rows, mr);
    }
}

/* The tiles of a block, of nearly equal heights, as one or two rows alone are too few chains of FMAs. Returns how
 * many. */
static int tiles_of(const gemm *g, const span *s, const row_block *block, lw_tile_rows *tile)
{
    const lw_sgemm_args *args = g->args;
    const int mr = g->tile->mr;
    const ptrdiff_t row_step = args->trans_a ? 1 : args->lda, k_step = args->trans_a ? args->lda : 1;
    const ptrdiff_t tiles = lw_ceil_div(block->hi - block->lo, mr);
    ptrdiff_t ic = block->lo;
    assert(mr >= MIN_MR);
    for (ptrdiff_t t = 0; t < tiles; ic += tile[t++].rows) {
        const float *a = g->a ? g->a + t * mr * s->kc : args->A + ic * row_step + s->pc * k_step;
        tile[t].rows = (int)lw_ceil_div(block->hi - ic, tiles - t);
        for (int r = 0; r < tile[t].rows; r++) {
            tile[t].a[r] = a + r * (g->a ? 1 : row_step);
            tile[t].c[r] = args->C + (ic + r) * args->ldc;
        }
    }
    return (int)tiles;
}

/* What pass p over a block asks for: row number p of each tile of the next block, which after the last one is the first
 * again, in the next block of K. */
static lw_tile_ahead next_rows(const gemm *g, const span *s, const row_block *block, ptrdiff_t p)
{
    const lw_sgemm_args *args = g->args;
    const bool down = block->hi < block->member_hi;
    const ptrdiff_t row = down ? block->hi : block->member_lo, k = down ? s->pc : s->pc + s->kc;
    if (p >= g->tile->mr || k >= args->K) return (lw_tile_ahead){0};
    return (lw_tile_ahead){args->A + (row + p) * args->lda + k, g->tile->mr * args->lda};
}

/* Of `floats` from `from` on, evenly over a member's blocks: what pass p of `passes` over this one asks for. */
static lw_tile_ahead stripe(const gemm *g, const row_block *block, const float *from, ptrdiff_t floats, ptrdiff_t p,
                            ptrdiff_t passes)
{
    const ptrdiff_t all = block->member_hi - block->member_lo, count = block->hi - block->lo;
    const ptrdiff_t first = floats * (block->lo - block->member_lo) / all;
    const ptrdiff_t part = lw_ceil_div(floats * count / all, passes);
    return lw_tile_ahead_evenly(from + first + p * part, part, lw_ceil_div(count, g->tile->mr));
}

/* As next_rows, where A is transposed and a block of rows is a stripe of each row of A: the next block of K, of B by
 * the last pass and of A by the others. */
static lw_tile_ahead next_depth(const gemm *g, const span *s, const row_block *block, ptrdiff_t p, ptrdiff_t passes)
{
    const lw_sgemm_args *args = g->args;
    const ptrdiff_t k = s->pc + s->kc, depth = lw_min(g->kc, args->K - k);
    const bool with_b = !args->trans_b && passes > 2 && depth * args->ldb <= AHEAD_B;
    if (depth <= 0 || depth * args->lda > AHEAD_A) return (lw_tile_ahead){0};
    if (with_b && p == passes - 1) return stripe(g, block, args->B + k * args->ldb, depth * args->ldb, 0, 1);
    return stripe(g, block, args->A + k * args->lda, depth * args->lda, p, passes - with_b);
}

/* The next panel of a transposed B, asked for before it is packed. */
static lw_tile_ahead next_panel(const gemm *g, const span *s, ptrdiff_t panel, int tiles)
{
    const lw_sgemm_args *args = g->args;
    const ptrdiff_t j = s->jc + (panel + 1) * g->tile->nr;
    return lw_tile_ahead_evenly(args->B + j * args->ldb + s->pc, g->tile->nr * args->ldb, tiles);
}

/* Where rows of a transposed B follow each other closely enough to be asked for as one stretch. */
static bool asks_for_panels(const gemm *g, const span *s)
{
    return g->b_path == B_OWN && g->args->trans_b && g->args->ldb <= 2 * s->kc;
}

/* What a pass asks for. */
static lw_tile_ahead ahead_of(const gemm *g, const span *s, const lw_tile_share *share, const row_block *of,
                              ptrdiff_t panel, int tiles)
{
    const ptrdiff_t p = panel - share->n_lo, passes = share->n_hi - share->n_lo;
    if (p + 1 < passes && asks_for_panels(g, s)) return next_panel(g, s, panel, tiles);
    return g->args->trans_a ? next_depth(g, s, of, p, passes) : next_rows(g, s, of, p);
}

/* A panel of B of this pass, and its step. */
static void take_panel(const gemm *g, const span *s, ptrdiff_t panel, lw_tile_pass *pass)
{
    const lw_sgemm_args *args = g->args;
    const int nr = g->tile->nr;
    const bool in_place = g->b_path == B_IN_PLACE && pass->cols == nr;
    if (g->b_path == B_OWN) pack_panels(g, s, panel, panel + 1, g->panel);
    pass->b = in_place                ? args->B + s->pc * args->ldb + pass->column
              : g->b_path == B_SHARED ? g->b + panel * nr * s->kc
                                      : g->panel;
    pass->b_step = in_place ? args->ldb : nr;
}

/* A block of rows, packed or in place, against this member's panels. */
static void block(const gemm *g, const span *s, const lw_tile_share *share, const row_block *of)
{
    const lw_sgemm_args *args = g->args;
    const int nr = g->tile->nr;
    lw_tile_rows tile[MC / MIN_MR];
    const int tiles = tiles_of(g, s, of, tile);
    if (g->a) pack_a(g, s, of, tile, tiles);
    const lw_tile_segment whole = {0, 0};
    lw_tile_pass pass = {
        .segment = &whole,
        .segments = 1,
        .len = s->kc,
        .a_step = g->a ? g->tile->mr : args->trans_a ? args->lda : 1,
        .alpha = args->alpha,
        .beta = s->pc == 0 ? args->beta : 1.0f,
    };
    for (ptrdiff_t panel = share->n_lo; panel < share->n_hi; panel++) {
        pass.column = s->jc + panel * nr;
        pass.cols = columns_of(g, s, panel);
        pass.ahead = ahead_of(g, s, share, of, panel, tiles);
        take_panel(g, s, panel, &pass);
        g->tile->run(&pass, tile, tiles);
    }
}

/* One block of K and N, for this member's rows and panels. */
static void multiply(const gemm *g, const span *s, const lw_team *team)
{
    const int mr = g->tile->mr;
    const ptrdiff_t panels = panels_of(g, s);
    const lw_tile_share share = lw_tile_divide(team, 1, lw_ceil_div(g->args->M, mr), panels);
    if (g->b_path == B_SHARED) {
        if (s->jc + s->pc > 0) lw_team_sync(team); /* before the panels in use are overwritten */
        pack_b(g, s, team);
        lw_team_sync(team);
    } else if (g->b_path == B_IN_PLACE && share.n_hi == panels && columns_of(g, s, panels - 1) < g->tile->nr) {
        pack_panels(g, s, panels - 1, panels, g->panel);
    }
    const ptrdiff_t m_lo = share.m_lo * mr, m_hi = lw_min(share.m_hi * mr, g->args->M);
    for (ptrdiff_t ic = m_lo; ic < m_hi; ic += g->mc)
        block(g, s, &share, &(row_block){ic, lw_min(ic + g->mc, m_hi), m_lo, m_hi});
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
    gemm g = gemm_of(args, tile, team->size);
    lay_out(&g, ws, team);
    for (ptrdiff_t jc = 0; jc < args->N; jc += g.nc)
        for (ptrdiff_t pc = 0; pc < args->K; pc += g.kc) {
            const span s = {pc, lw_min(g.kc, args->K - pc), jc, lw_min(g.nc, args->N - jc)};
            multiply(&g, &s, team);
        }
}
