/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rotation.h: where a call finds its operands. Hot: where the call before it left them; but each sample takes the next
 * of a few sets, as the pages that a set happens to get decide which of its lines push each other out of a cache, and
 * a time on one set would be that of one draw. Cold: calls go round so many
 * sets of operands that no cache holds them all, so each finds its own in main memory, or in the first cache that
 * holds all sets. Weights cold: only filters (B of a matrix product) go round, as in a network whose layers take turns.
 */
#ifndef LW_ROTATION_H
#define LW_ROTATION_H

#include "oracle/oracle.h"

typedef enum lw_cache { LW_CACHE_HOT, LW_CACHE_WEIGHTS_COLD, LW_CACHE_COLD } lw_cache;

#define LW_CACHE_CHOICES "hot|weights-cold|cold"
const char *lw_cache_name(lw_cache cache);
lw_cache lw_cache_parse(const char *name); /* one of the choices */

typedef struct lw_rotation {
    lw_cache cache; /* an op without weights has none to find cold: it stays hot */
    int count;        /* sets of operands, the first among them */
    int per_call;     /* of them, sets that calls go round; 1: hot, samples go round them */
    size_t footprint; /* bytes that calls go round */
    bool capped;      /* fewer than would fill what was asked for */
    lw_case **sets;
} lw_rotation;

/* Hot: up to eight sets of `first` in 16 MiB. Cold: sets until their operands fill `fill` bytes, at most `most` bytes and 2048 sets. false: no memory. */
bool lw_rotation_init(lw_rotation *r, lw_case *first, lw_cache cache, size_t fill, size_t most, uint64_t seed);
void lw_rotation_free(lw_rotation *r); /* all sets but the first; what it says of them stays */

/* lw_case_prepare for each set. */
bool lw_rotation_prepare(lw_rotation *r, const lw_kernel *k, int team_size);

#endif
