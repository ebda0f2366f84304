/* SPDX-License-Identifier: BSD-3-Clause
 * peers.c: the list of peers, each loaded once. */
#include "peers/peers.h"

#include "peers/load.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

typedef void loader(lw_peer *p, lw_peer_cap cap);

static const struct {
    const char *name, *package;
    loader *load;
} known[LW_PEER_COUNT] = {
    [LW_PEER_OPENBLAS] = {"openblas", "libopenblas0-pthread", lw_load_openblas},
    [LW_PEER_BLIS] = {"blis", "libblis4-openmp", lw_load_blis},
    [LW_PEER_ONEDNN] = {"onednn", "libdnnl-dev", lw_load_onednn},
    [LW_PEER_LIBXSMM] = {"libxsmm", "libxsmm-dev", lw_load_libxsmm},
};

static lw_peer peers[LW_PEER_COUNT];
static bool opened[LW_PEER_COUNT];

const char *lw_peer_name(lw_peer_id id)
{
    assert((unsigned)id < LW_PEER_COUNT);
    return known[id].name;
}

const char *lw_peer_cap_name(lw_peer_cap cap)
{
    return cap == LW_CAP_AVX2 ? "avx2" : cap == LW_CAP_AVX512 ? "avx512" : "any";
}

lw_peer_cap lw_peer_cap_of(lw_isa isa)
{
    return isa == LW_ISA_AVX2 ? LW_CAP_AVX2 : isa == LW_ISA_AVX512 ? LW_CAP_AVX512 : LW_CAP_NONE;
}

const lw_peer *lw_peer_open(lw_peer_id id, lw_peer_cap cap, int threads)
{
    assert((unsigned)id < LW_PEER_COUNT);
    lw_peer *p = &peers[id];
    if (!opened[id]) {
        opened[id] = true;
        p->name = known[id].name;
        p->package = known[id].package;
        p->isa = LW_ISA_COUNT;
        p->threads = "none";
        known[id].load(p, cap);
    }
    if (p->found && p->set_threads) p->set_threads(threads);
    return p;
}

const lw_peer *lw_peer_of(const lw_kernel *k)
{
    for (int i = 0; k->library && i < LW_PEER_COUNT; i++)
        if (strcmp(k->library, known[i].name) == 0) return &peers[i];
    return NULL;
}

const char *lw_peer_describe(const lw_peer *p, char *text, size_t size)
{
    snprintf(text, size, "%s %s, %s, %s", p->name, p->version, p->uses, p->threads);
    return text;
}
