/* SPDX-License-Identifier: BSD-3-Clause
 * rotation.c: sets of operands. */
#include "harness/timing/rotation.h"

#include <stdlib.h>
#include <string.h>

/* Each buffer is three mappings of the kernel's 65530. */
enum { MOST_SETS = 2048, MOST_HOT_SETS = 8, HOT_BYTES = 16 << 20 };

static const char *const names[] = {"hot", "weights-cold", "cold"};

const char *lw_cache_name(lw_cache cache)
{
    return names[cache];
}

lw_cache lw_cache_parse(const char *name)
{
    int cache = LW_CACHE_HOT;
    while (cache < LW_CACHE_COLD && strcmp(name, names[cache]) != 0) cache++;
    return (lw_cache)cache;
}

/* How many sets of `each` bytes make `fill`; two at least, or nothing would rotate. */
static int sets_for(size_t each, size_t fill, size_t most, bool *capped)
{
    size_t wanted = (fill + each - 1) / each, allowed = most / each;
    if (allowed > MOST_SETS) allowed = MOST_SETS;
    if (allowed < 2) allowed = 2;
    *capped = wanted > allowed;
    if (wanted > allowed) wanted = allowed;
    return wanted < 2 ? 2 : (int)wanted;
}

static int hot_sets(size_t each)
{
    const size_t fit = each ? HOT_BYTES / each : MOST_HOT_SETS;
    return fit > MOST_HOT_SETS ? MOST_HOT_SETS : fit < 1 ? 1 : (int)fit;
}

bool lw_rotation_init(lw_rotation *r, lw_case *first, lw_cache cache, size_t fill, size_t most, uint64_t seed)
{
    const size_t each = lw_case_bytes(first, cache == LW_CACHE_WEIGHTS_COLD), all = lw_case_bytes(first, false);
    *r = (lw_rotation){.cache = each ? cache : LW_CACHE_HOT, .count = 1, .footprint = all};
    const bool hot = r->cache == LW_CACHE_HOT, weights_only = r->cache == LW_CACHE_WEIGHTS_COLD;
    const int count = hot ? hot_sets(all) : sets_for(each, fill, most, &r->capped);
    r->per_call = hot ? 1 : count;
    r->sets = calloc((size_t)count, sizeof *r->sets);
    if (!r->sets) return false;
    r->sets[0] = first;
    for (; r->count < count; r->count++) {
        r->sets[r->count] = lw_case_sibling(first, seed + (uint64_t)r->count, weights_only);
        if (!r->sets[r->count]) return false;
        if (!hot) r->footprint += each;
    }
    return true;
}

void lw_rotation_free(lw_rotation *r)
{
    for (int i = 1; r->sets && i < r->count; i++) lw_case_free(r->sets[i]);
    free(r->sets);
    r->sets = NULL;
    r->count = 0;
}

bool lw_rotation_prepare(lw_rotation *r, const lw_kernel *k, int team_size)
{
    for (int i = 0; i < r->count; i++)
        if (!lw_case_prepare(r->sets[i], k, team_size)) return false;
    return true;
}
