/* SPDX-License-Identifier: BSD-3-Clause
 * sets.h: kernel sets as `--kernel` names them: those of Lanewise, one per ISA, and after them the peers. */
#ifndef LW_SETS_H
#define LW_SETS_H

#include "peers/peers.h"

/* A set's number: a lw_isa, or LW_ISA_COUNT + a lw_peer_id. */
enum { LW_SET_COUNT = LW_ISA_COUNT + LW_PEER_COUNT };

static inline bool lw_set_is_peer(int set)
{
    return set >= LW_ISA_COUNT;
}

const char *lw_set_name(int set);
const lw_kernel *lw_set_rows(int set, size_t *count); /* a peer has rows once it is open, if it was found */

/* Sets in the order in which they were named, each once. */
typedef struct lw_sets {
    int count, set[LW_SET_COUNT];
    bool optional[LW_SET_COUNT]; /* by number: a peer that may be missing */
} lw_sets;

bool lw_sets_have(const lw_sets *s, int set);

/* From "avx2,openblas": names of sets, `auto`, `all` (of ours that run here), `peers` (those that are found),
 * separated by commas. false: the one line has been printed. */
bool lw_sets_parse(lw_sets *s, const char *command, const char *text);

/* `option`: --peer-isa, or NULL for the environment's LANEWISE_PEER_ISA, else "same". false: refused. */
bool lw_sets_cap(const lw_sets *s, const char *command, const char *option, lw_peer_cap *cap);

/* Opens the peers among the sets, held to `option` and `threads`; those that may be missing and are leave the
 * sets, with a notice. Call before threads are bound. false: one that was named is missing. */
bool lw_sets_open(lw_sets *s, const char *command, const char *option, int threads);

#define LW_PEER_ISA_CHOICES "same|any|avx2|avx512"
#define LW_PEER_ISA_HELP                                                                                        \
    "What peers may use at most: same (the default, or the environment's LANEWISE_PEER_ISA): the widest ISA " \
    "among our sets named; any: what they choose; avx2; avx512."

#endif
