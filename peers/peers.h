/* SPDX-License-Identifier: BSD-3-Clause
 *
 * peers.h: kernels of other libraries as rows like our own, for comparison. A peer is looked for at run time; one
 * that is missing is a normal case. Rows stand outside of lw_table_of, so dispatch, and with it `auto` and the
 * trainer, never chooses one.
 */
#ifndef LW_PEERS_H
#define LW_PEERS_H

#include "kernels/kernels.h"

typedef enum lw_peer_id {
    LW_PEER_OPENBLAS,
    LW_PEER_BLIS,
    LW_PEER_ONEDNN,
    LW_PEER_LIBXSMM,
    LW_PEER_COUNT
} lw_peer_id;

/* What a peer may use at most; set before it is loaded, because the libraries read it once. */
typedef enum lw_peer_cap {
    LW_CAP_NONE, /* whatever the library chooses, and the environment says to it */
    LW_CAP_AVX2,
    LW_CAP_AVX512
} lw_peer_cap;

/* One library as it was found, or not. */
typedef struct lw_peer {
    const char *name;    /* the set's name: "openblas" */
    const char *package; /* Debian's package */
    bool found;
    char why_not[256];   /* one line, where it was not found */
    char version[64];    /* "0.3.21" */
    char path[256];      /* of the shared object; "linked" */
    char uses[32];       /* the ISA that it says it runs, in its own words: "Haswell" */
    lw_isa isa;          /* the same as an ISA of ours; LW_ISA_COUNT: none of them */
    const char *threads; /* its thread runtime: "pthread", "OpenMP", "none" */
    size_t count;
    const lw_kernel *rows;
    void (*set_threads)(int n); /* for all its calls from now on */
} lw_peer;

const char *lw_peer_name(lw_peer_id id);
const char *lw_peer_cap_name(lw_peer_cap cap); /* "any", "avx2", "avx512" */

/* The widest cap that allows what `isa` holds; LW_CAP_NONE where there is no such cap. */
lw_peer_cap lw_peer_cap_of(lw_isa isa);

/* Loads the library at the first call, which sets its cap and its threads: the threads that it starts
 * inherit the CPUs of the caller, so call before binding. Never NULL; look at `found`. */
const lw_peer *lw_peer_open(lw_peer_id id, lw_peer_cap cap, int threads);

/* The peer whose row this is, or NULL for a row of ours. */
const lw_peer *lw_peer_of(const lw_kernel *k);

/* "openblas 0.3.21, Haswell, pthread": what a record says of a peer. */
const char *lw_peer_describe(const lw_peer *p, char *text, size_t size);

#endif
