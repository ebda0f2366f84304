/* SPDX-License-Identifier: BSD-3-Clause
 * workers.c: a lw_team over OpenMP. */
#include "harness/machine/workers.h"

#include "harness/exit_codes.h"
#include "harness/options.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An orphaned barrier: it belongs to the parallel region that the calling thread is in. */
static void barrier(void)
{
#pragma omp barrier
}

void lw_workers_run(const lw_workers *w, void (*job)(void *context, const lw_team *team), void *context)
{
    if (w->size == 1) {
        job(context, &lw_team_solo);
        return;
    }
#pragma omp parallel num_threads(w->size)
    {
        lw_team team = {omp_get_thread_num(), omp_get_num_threads(), barrier};
        job(context, &team);
    }
}

typedef struct bind_context {
    const lw_topology *topology;
    int members, bound;
} bind_context;

static void bind_member(void *context, const lw_team *team)
{
    bind_context *b = context;
    bool ok = b->topology && lw_topology_bind(b->topology, team->id);
#pragma omp critical(lw_bind)
    {
        b->members++;
        b->bound += ok;
    }
}

typedef struct list {
    char *text;
    size_t size, length;
} list;

static void append(list *l, const char *word)
{
    size_t room = l->size - l->length;
    int n = snprintf(l->text + l->length, room, "%s%s", l->length ? " " : "", word);
    if (n > 0 && (size_t)n < room)
        l->length += (size_t)n;
    else
        l->text[l->length] = '\0'; /* a machine with more CPUs than fit ends where it must, at a whole word */
}

static void append_once(list *l, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(l->text, word); at; at = strstr(at + 1, word))
        if ((at == l->text || at[-1] == ' ') && (at[n] == '\0' || at[n] == ' ')) return;
    append(l, word);
}

static void note_where(void *context, const lw_team *team)
{
    int *cpu = context;
    cpu[team->id] = lw_topology_where();
}

static void record(lw_workers *w)
{
    list binding = {w->binding, sizeof w->binding, 0}, placement = {w->placement, sizeof w->placement, 0};
    list kinds = {w->core_kind, sizeof w->core_kind, 0}, nodes = {w->numa, sizeof w->numa, 0};
    int *cpu = calloc((size_t)w->size, sizeof *cpu);
    if (cpu) lw_workers_run(w, note_where, cpu);
    for (int i = 0; i < w->size; i++) {
        char word[64];
        snprintf(word, sizeof word, "%d", w->topology ? lw_topology_cpu(w->topology, i) : -1);
        if (w->bound) append(&binding, word);
        if (cpu) {
            snprintf(word, sizeof word, "%d", cpu[i]);
            append(&placement, word);
        }
        if (!w->topology || !w->bound) continue;
        append_once(&kinds, lw_topology_core_kind(w->topology, i, word, sizeof word));
        snprintf(word, sizeof word, "%d", lw_topology_node(w->topology, i));
        if (strcmp(word, "-1") != 0) append_once(&nodes, word);
    }
    free(cpu);
    if (!w->bound) append(&binding, "none");
    if (!kinds.length)
        append(&kinds, w->topology && lw_topology_machine(w->topology)->kinds <= 1 ? "alike" : "unknown");
    if (!nodes.length) append(&nodes, "unknown");
}

bool lw_workers_init(lw_workers *w, const lw_topology *topology, int size)
{
    *w = (lw_workers){.size = size, .topology = topology};
    bind_context b = {.topology = topology};
    omp_set_dynamic(0); /* the team has the size that was asked for, or fails */
    lw_workers_run(w, bind_member, &b);
    w->bound = topology && b.bound == size;
    if (b.members == size) record(w);
    return b.members == size;
}

int lw_workers_start(lw_workers *w, lw_topology *topology, const char *command, const char *bind, int threads)
{
    char err[256];
    if (!lw_topology_arrange(topology, bind, err, sizeof err)) return lw_fail(LW_EXIT_USAGE, command, "%s", err);
    int places = lw_topology_cpus(topology);
    if (threads == 0) threads = lw_topology_default_threads(topology);
    bool none = bind && strcmp(bind, "none") == 0; /* then the system places them, as many as there may be */
    if (!none && threads > places)
        return lw_fail(LW_EXIT_USAGE, command,
                       "--threads wants a whole number from 1 to %d, got '%d': this process may use %d CPU%s%s%s", places,
                       threads, places, places == 1 ? "" : "s", bind ? " with --bind " : "", bind ? bind : "");
    if (!lw_workers_init(w, none ? NULL : topology, threads))
        return lw_fail(LW_EXIT_USAGE, command, "cannot start %d threads; is OMP_THREAD_LIMIT set?", threads);
    w->topology = topology;
    if (!w->bound && !none)
        lw_fail(0, command, "notice: threads %s; times will vary more",
                lw_topology_machine(topology)->foreign
                    ? "are not bound: HWLOC_XMLFILE describes another machine than this one"
                    : "cannot be bound to CPUs here");
    return LW_EXIT_OK;
}
