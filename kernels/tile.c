/* SPDX-License-Identifier: BSD-3-Clause
 * tile.c: dividing tiles among a team. */
#include "kernels/tile.h"

static void split(ptrdiff_t n, int of, int index, ptrdiff_t *lo, ptrdiff_t *hi)
{
    const lw_team part = {.id = index, .size = of};
    lw_team_share(&part, n, 1, lo, hi);
}

lw_tile_share lw_tile_divide(const lw_team *team, ptrdiff_t parts, ptrdiff_t m_tiles, ptrdiff_t n_tiles)
{
    /* Every p x m x n with p*m*n == size; ties go to more parts, then to more columns: parts share no
     * operand, and columns share A, which is read in place, rather than B, which may have to be packed. */
    int best_p = 1, best_n = 1;
    ptrdiff_t best = PTRDIFF_MAX;
    for (int p = team->size; p >= 1; p--) {
        if (team->size % p != 0 || p > parts) continue;
        const int rest = team->size / p;
        for (int n = rest; n >= 1; n--) {
            if (rest % n != 0) continue;
            const ptrdiff_t work =
                lw_ceil_div(parts, p) * lw_ceil_div(m_tiles, rest / n) * lw_ceil_div(n_tiles, n);
            if (work < best) {
                best = work;
                best_p = p;
                best_n = n;
            }
        }
    }
    const int best_m = team->size / best_p / best_n;
    lw_tile_share s;
    split(parts, best_p, team->id / (best_m * best_n), &s.p_lo, &s.p_hi);
    split(m_tiles, best_m, team->id / best_n % best_m, &s.m_lo, &s.m_hi);
    split(n_tiles, best_n, team->id % best_n, &s.n_lo, &s.n_hi);
    split(s.n_hi - s.n_lo, best_m, team->id / best_n % best_m, &s.own_lo, &s.own_hi);
    s.own_lo += s.n_lo;
    s.own_hi += s.n_lo;
    s.sharers = best_m;
    return s;
}
