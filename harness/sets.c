/* SPDX-License-Identifier: BSD-3-Clause
 * sets.c: names to kernel sets, and the peers among them opened. */
#include "harness/sets.h"

#include "harness/timing/callers.h"
#include "harness/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *lw_set_name(int set)
{
    return lw_set_is_peer(set) ? lw_peer_name((lw_peer_id)(set - LW_ISA_COUNT)) : lw_isa_name((lw_isa)set);
}

/* What an earlier call has opened; the cap and the threads of this one then say nothing. */
static const lw_peer *opened[LW_PEER_COUNT];

const lw_kernel *lw_set_rows(int set, size_t *count)
{
    *count = 0;
    if (lw_set_is_peer(set)) {
        const lw_peer *p = opened[set - LW_ISA_COUNT];
        if (!p || !p->found) return NULL;
        *count = p->count;
        return p->rows;
    }
    const lw_table *table = lw_table_of((lw_isa)set);
    *count = table->count;
    return table->rows;
}

bool lw_sets_have(const lw_sets *s, int set)
{
    for (int i = 0; i < s->count; i++)
        if (s->set[i] == set) return true;
    return false;
}

static void add(lw_sets *s, int set, bool optional)
{
    if (!lw_sets_have(s, set)) {
        s->set[s->count++] = set;
        s->optional[set] = optional;
    }
    s->optional[set] = s->optional[set] && optional;
}

static int peer_called(const char *name)
{
    int i = 0;
    while (i < LW_PEER_COUNT && strcmp(name, lw_peer_name((lw_peer_id)i)) != 0) i++;
    return i;
}

static bool add_named(lw_sets *s, const char *command, const char *name)
{
    if (strcmp(name, "all") == 0) {
        lw_cpu cpu = lw_cpu_detect();
        for (int i = 0; i < LW_ISA_COUNT; i++)
            if (lw_isa_usable((lw_isa)i, &cpu)) add(s, i, false);
        return true;
    }
    if (strcmp(name, "peers") == 0) {
        for (int i = 0; i < LW_PEER_COUNT; i++) add(s, LW_ISA_COUNT + i, true);
        return true;
    }
    if (peer_called(name) < LW_PEER_COUNT) {
        add(s, LW_ISA_COUNT + peer_called(name), false);
        return true;
    }
    lw_dispatch d;
    char message[1024];
    if (!lw_dispatch_init(&d, name, message, sizeof message)) {
        lw_fail(0, command, "%s; peers: openblas blis onednn libxsmm", message);
        return false;
    }
    add(s, (int)d.isa, false);
    return true;
}

bool lw_sets_parse(lw_sets *s, const char *command, const char *text)
{
    *s = (lw_sets){0};
    for (const char *at = text; at;) {
        char name[128];
        at = lw_list_next(at, name, sizeof name);
        if (!*name) {
            lw_fail(0, command, "--kernel '%s' has a name that is empty", text);
            return false;
        }
        if (!add_named(s, command, name)) return false;
    }
    return true;
}

/* ---------------------------------------------------------------- peers */

bool lw_sets_cap(const lw_sets *s, const char *command, const char *option, lw_peer_cap *cap)
{
    const char *environment = getenv("LANEWISE_PEER_ISA");
    const char *text = option ? option : environment && *environment ? environment : "same";
    *cap = LW_CAP_NONE;
    if (!lw_choice_contains(LW_PEER_ISA_CHOICES, text)) { /* the option's own choices were checked already */
        lw_fail(0, command, "LANEWISE_PEER_ISA wants same, any, avx2 or avx512, got '%s'", text);
        return false;
    }
    if (strcmp(text, "avx2") == 0) *cap = LW_CAP_AVX2;
    if (strcmp(text, "avx512") == 0) *cap = LW_CAP_AVX512;
    if (strcmp(text, "same") != 0) return true;
    for (int i = 0; i < s->count; i++)
        if (!lw_set_is_peer(s->set[i]) && lw_peer_cap_of((lw_isa)s->set[i]) > *cap)
            *cap = lw_peer_cap_of((lw_isa)s->set[i]);
    return true;
}

static bool refuse_missing(const char *command, const lw_peer *p)
{
    lw_fail(0, command, "kernel '%s' is not there: %s (package %s; ./scripts/peers.sh installs the peers)", p->name, p->why_not,
            p->package);
    return false;
}

/* Notices only where something is left to compare with: otherwise the caller has one line to say. */
static void drop_missing(lw_sets *s, const char *command)
{
    int kept = 0, peers = 0;
    for (int i = 0; i < s->count; i++) peers += lw_set_is_peer(s->set[i]) && opened[s->set[i] - LW_ISA_COUNT]->found;
    for (int i = 0; i < s->count; i++) {
        const lw_peer *p = lw_set_is_peer(s->set[i]) ? opened[s->set[i] - LW_ISA_COUNT] : NULL;
        if (!p || p->found)
            s->set[kept++] = s->set[i];
        else if (peers > 0)
            lw_fail(0, command, "notice: %s left out: %s", p->name, p->why_not);
    }
    s->count = kept;
}

bool lw_sets_open(lw_sets *s, const char *command, const char *option, int threads)
{
    lw_peer_cap cap;
    if (!lw_sets_cap(s, command, option, &cap)) return false;
    for (int i = 0; i < s->count; i++) {
        const int set = s->set[i];
        if (!lw_set_is_peer(set)) continue;
        const lw_peer *p = lw_peer_open((lw_peer_id)(set - LW_ISA_COUNT), cap, threads);
        opened[set - LW_ISA_COUNT] = p;
        if (!p->found && !s->optional[set]) return refuse_missing(command, p);
        if (threads > 1 && !lw_callers_start()) lw_fail(0, command, "notice: no thread to call peers from; theirs share one CPU");
    }
    drop_missing(s, command);
    return true;
}
