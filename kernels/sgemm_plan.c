/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sgemm_plan.c: blocks after the caches, and packing where it pays: where what is packed is read often enough, and
 * reading it in place is slow. All limits are measured.
 */
#include "kernels/sgemm_plan.h"

enum {
    KC = 320,       /* a panel of B, KC x nr floats = 20 KiB at nr 16, stays in L1 */
    KC_LINES = 136, /* beside it the lines of a transposed A, one for each k, which neighbouring tiles share */
    LONG = 4 * KC,  /* steps from which on that is worth taking C through the registers more often */
    NC = 4080,      /* B[KC][NC] = 5 MiB in the last-level cache */
    PAGE = 1024,    /* floats: what lies whole pages apart meets in one set of L1, and takes a TLB entry each */
    L1 = 8 << 10,   /* floats */
    /* Panels that read a block of A, or tiles that read a panel of B, for packing what */
    FEW = 5,      /* lies whole pages apart */
    SEVERAL = 10, /* of B, straddles so many lines that it does not fit L1; of a transposed A, lies half a page apart */
    HALF = 20,    /* of B, lies half a page apart: so many for each line of a panel's row */
    MANY = 34,    /* of B, lies in whatever way */
    WIDE = 48     /* of A, are rows a page or more apart */
};

/* The size of equal parts of n, no larger than `most`, in whole steps of the tile's unrolled loop. A short last part
 * would cost C's way through the registers for little work. */
static ptrdiff_t even_part(ptrdiff_t n, ptrdiff_t most)
{
    const ptrdiff_t part = lw_ceil_div(n, lw_ceil_div(n, most));
    return lw_min(n, lw_ceil_div(part, 8) * 8);
}

/* Whether a panel of B straddles so many lines that it does not fit L1 beside a tile's rows of A, though its copy
 * does. */
static bool straddles(const lw_sgemm_plan *plan)
{
    const ptrdiff_t ld = plan->args->ldb, together = ld & -ld; /* starts of rows are multiples of that many floats */
    const ptrdiff_t dense = plan->tile->mr + plan->tile->nr;
    const ptrdiff_t touched = dense + LW_TILE_LINE - lw_min(together, LW_TILE_LINE); /* on average */
    return plan->kc * touched > L1 && plan->kc * dense <= L1;
}

static bool packs_b(const lw_sgemm_plan *plan)
{
    const ptrdiff_t tiles = lw_ceil_div(plan->args->M, plan->tile->mr), ld = plan->args->ldb;
    if (plan->args->trans_b || tiles > MANY) return true;
    if (ld % PAGE == 0) return tiles >= FEW;
    if (ld % (PAGE / 2) == 0) return tiles * LW_TILE_LINE >= HALF * plan->tile->nr;
    return tiles >= SEVERAL && straddles(plan);
}

static bool packs_a(const lw_sgemm_args *args, const lw_tile_kernel *tile)
{
    const ptrdiff_t panels = lw_ceil_div(args->N, tile->nr);
    if (!args->trans_a) return args->lda >= PAGE && panels >= WIDE;
    return args->lda % PAGE == 0 ? panels >= FEW : args->lda > PAGE / 2 && panels >= SEVERAL;
}

/* A member that has all rows, in one block, uses each of its panels once. */
static lw_sgemm_b path_of_b(const lw_sgemm_plan *plan, int team_size)
{
    if (!packs_b(plan)) return LW_B_IN_PLACE;
    if (plan->args->M > plan->mc) return LW_B_SHARED;
    const lw_team first = {.id = 0, .size = team_size};
    const ptrdiff_t tiles = lw_ceil_div(plan->args->M, plan->tile->mr), panels = plan->nc / plan->tile->nr;
    return lw_tile_divide(&first, 1, tiles, panels).sharers == 1 ? LW_B_OWN : LW_B_SHARED;
}

static ptrdiff_t block_of_k(const lw_sgemm_args *args, bool packs_a)
{
    return even_part(args->K, args->trans_a && !packs_a && args->K > LONG ? KC_LINES : KC);
}

lw_sgemm_plan lw_sgemm_plan_of(const lw_sgemm_args *args, const lw_tile_kernel *tile, int team_size)
{
    const bool a = packs_a(args, tile);
    lw_sgemm_plan plan = {
        .args = args,
        .tile = tile,
        .kc = block_of_k(args, a),
        .nc = lw_min(lw_ceil_div(args->N, tile->nr), NC / tile->nr) * tile->nr,
        .mc = LW_SGEMM_MC / tile->mr * tile->mr,
        .packs_a = a,
    };
    plan.b = path_of_b(&plan, team_size);
    return plan;
}

/* ---------------------------------------------------------------- workspace */

/* In whole cache lines. */
static size_t lines(ptrdiff_t floats)
{
    return (size_t)lw_ceil_div(floats, LW_TILE_LINE) * LW_TILE_LINE;
}

size_t lw_sgemm_floats_of_b(const lw_sgemm_plan *plan)
{
    return plan->b == LW_B_SHARED ? lines(plan->kc * plan->nc) : 0;
}

size_t lw_sgemm_floats_of_panel(const lw_sgemm_plan *plan)
{
    return plan->b == LW_B_SHARED ? 0 : lines(plan->kc * plan->tile->nr);
}

size_t lw_sgemm_floats_of_a(const lw_sgemm_plan *plan)
{
    return plan->packs_a ? lines(plan->mc * plan->kc) : 0;
}

static size_t floats_of(const lw_sgemm_plan *plan, int team_size)
{
    const size_t member = lw_sgemm_floats_of_panel(plan) + lw_sgemm_floats_of_a(plan);
    return lw_sgemm_floats_of_b(plan) + member * (size_t)team_size;
}

size_t lw_sgemm_plan_workspace(const lw_sgemm_plan *plan, int team_size)
{
    const size_t floats = floats_of(plan, team_size);
    if (plan->b == LW_B_IN_PLACE || plan->args->M > plan->mc) return floats; /* for a team of any size */
    lw_sgemm_plan smaller = *plan;
    smaller.b = plan->b == LW_B_OWN ? LW_B_SHARED : LW_B_OWN; /* as a smaller one may */
    const size_t others = floats_of(&smaller, team_size);
    return floats > others ? floats : others;
}
