/* SPDX-License-Identifier: BSD-3-Clause
 * load.h: what the files of peers/ share: finding a shared library and its functions. One file per library
 * fills in a lw_peer: name and package are set, and `why_not` where it returns without `found`. */
#ifndef LW_PEERS_LOAD_H
#define LW_PEERS_LOAD_H

#include "peers/peers.h"

void lw_load_openblas(lw_peer *p, lw_peer_cap cap);
void lw_load_blis(lw_peer *p, lw_peer_cap cap);
void lw_load_onednn(lw_peer *p, lw_peer_cap cap);
void lw_load_libxsmm(lw_peer *p, lw_peer_cap cap);

/* A function of any type; converted back to its own before it is called. */
typedef void lw_symbol(void);

typedef struct lw_wanted {
    lw_symbol **to;
    const char *name;
    bool optional;
} lw_wanted;

/* Opens the first of `names` (NULL-terminated) that is there, kept to itself: OpenBLAS and BLIS export the same
 * cblas_sgemm. Sets p->path. NULL: p->why_not says what was tried. */
void *lw_load_library(lw_peer *p, const char *const *names);

/* false: p->why_not names the function that is missing. `wanted` ends with a NULL name. */
bool lw_load_symbols(lw_peer *p, void *library, const lw_wanted *wanted);

/* Sets an environment variable that a library reads while it is loaded. */
void lw_load_setting(const char *variable, const char *value);

/* Does what the library says it runs stay within the cap? Else false, with p->why_not. */
bool lw_load_within(lw_peer *p, lw_peer_cap cap);

#endif
