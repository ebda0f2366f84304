/* SPDX-License-Identifier: BSD-3-Clause
 * ceilings.c: which working sets to measure on this machine, and the arithmetic of the roofline. */
#include "harness/machine/ceilings.h"

#include "harness/machine/bandwidth.h"
#include "harness/machine/peak.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

const char *lw_level_name(lw_level level)
{
    static const char *const names[] = {"L1", "L2", "L3", "DRAM"};
    return names[level];
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* ---------------------------------------------------------------- working sets */

/* A quarter of what the system could give without swapping; 1 GiB where it does not say. */
static size_t memory_budget(void)
{
    char line[128];
    unsigned long long kib = 0;
    FILE *f = fopen("/proc/meminfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "MemAvailable: %llu", &kib) == 1) break;
    if (f) fclose(f);
    return kib ? (size_t)kib * KIB / 4 : 1024 * MIB;
}

/* The team's share of a level, per member; `fallback` where nothing, or nothing believable, is reported. */
static size_t per_member(lw_ceilings *c, const lw_workers *w, lw_level level, size_t low, size_t high, size_t fallback)
{
    int sharers = 0;
    size_t bytes = 0;
    if (!w->topology || !lw_topology_cache(w->topology, level + 1, w->size, &bytes, &sharers)) bytes = 0;
    c->reported[level] = bytes;
    size_t each = bytes / (size_t)w->size;
    if (each < low || each > high) each = fallback;
    c->capacity[level] = each * (size_t)w->size;
    return each;
}

void lw_ceilings_plan(lw_ceilings *c, const lw_workers *w, bool quick)
{
    *c = (lw_ceilings){.threads = w->size};
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) {
        c->gflops[isa] = NAN;
        for (int level = 0; level < LW_LEVELS; level++)
            c->read[isa][level] = c->triad[isa][level] = NAN;
    }
    /* Half of L1 and L2: what else lives there (stack, tables) must not push the set out. 32 and 256 KiB are
     * what the smallest CPUs of the last fifteen years have. */
    size_t l1 = per_member(c, w, LW_LEVEL_L1, 4 * KIB, 512 * KIB, 32 * KIB);
    size_t l2 = per_member(c, w, LW_LEVEL_L2, 2 * l1, 64 * MIB, 256 * KIB);
    size_t l3 = per_member(c, w, LW_LEVEL_L3, 2 * l2, SIZE_MAX, 0);
    c->set[LW_LEVEL_L1] = l1 / 2;
    c->set[LW_LEVEL_L2] = l2 / 2 > 2 * l1 ? l2 / 2 : (l1 + l2) / 2;
    /* The smallest set that L2 cannot hold, not a fraction of L3: a virtual machine may report the L3 of
     * the whole host, of which it gets a slice. */
    c->set[LW_LEVEL_L3] = l3 ? least(4 * l2, l3 / 2 + l2 / 2) : 0;
    size_t last = c->capacity[LW_LEVEL_L3] ? c->capacity[LW_LEVEL_L3] : c->capacity[LW_LEVEL_L2];
    size_t total = least(2 * last < last ? SIZE_MAX : 2 * last, quick ? 128 * MIB : 1024 * MIB);
    if (total < 128 * MIB) total = 128 * MIB;
    c->set[LW_LEVEL_DRAM] = least(total, memory_budget()) / (size_t)w->size;
    c->capacity[LW_LEVEL_DRAM] = SIZE_MAX;
}

/* ---------------------------------------------------------------- measuring */

/* How far L3 really reaches: the largest set whose bandwidth is nearer to L3's than to main memory's. */
static void find_l3(lw_ceilings *c, lw_streams *s, lw_isa isa)
{
    double top = c->read[isa][LW_LEVEL_L3], bottom = c->read[isa][LW_LEVEL_DRAM];
    size_t reach = c->set[LW_LEVEL_L3], most = c->set[LW_LEVEL_DRAM];
    if (!(top > 1.2 * bottom)) return; /* no step to find */
    for (size_t set = 2 * reach; set <= most / 2; set *= 2) {
        if (!(lw_bandwidth(s, isa, LW_STREAM_READ, set) > sqrt(top * bottom))) break;
        reach = set;
    }
    size_t found = 2 * reach * (size_t)c->threads; /* the step is somewhere in this octave */
    if (found < c->capacity[LW_LEVEL_L3]) c->capacity[LW_LEVEL_L3] = found;
}

/* The last level that a footprint reaches. Of L3 no more than what will be measured counts, as what is reported may be
 * the whole host's. */
static lw_level last_needed(const lw_ceilings *c, double footprint)
{
    lw_level level = lw_ceilings_home(c, footprint);
    return level == LW_LEVEL_L3 && footprint > (double)c->set[level] * c->threads ? LW_LEVEL_DRAM : level;
}

bool lw_ceilings_measure(lw_ceilings *c, const lw_workers *w, const bool wanted[LW_ISA_COUNT], bool quick,
                         double footprint)
{
    lw_ceilings_plan(c, w, quick);
    const lw_level last = last_needed(c, footprint);
    lw_cpu cpu = lw_cpu_detect();
    lw_streams *s = lw_streams_new(w, least(LW_STREAM_WINDOWS * c->set[last], c->set[LW_LEVEL_DRAM]));
    lw_isa widest = LW_ISA_SCALAR;
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) {
        if (!wanted[isa] || (lw_isa_needs((lw_isa)isa) & ~(cpu.cpu & cpu.os))) continue;
        c->gflops[isa] = lw_peak_gflops(w, (lw_isa)isa);
        for (int level = 0; s && level <= (int)last; level++) {
            if (!c->set[level]) continue;
            c->read[isa][level] = lw_bandwidth(s, (lw_isa)isa, LW_STREAM_READ, c->set[level]);
            c->triad[isa][level] = lw_bandwidth(s, (lw_isa)isa, LW_STREAM_TRIAD, c->set[level]);
        }
        widest = (lw_isa)isa;
    }
    if (s && c->set[LW_LEVEL_L3] && last == LW_LEVEL_DRAM) find_l3(c, s, widest);
    lw_streams_free(s);
    return s != NULL;
}

void lw_ceilings_look_again(lw_ceilings *c, const lw_workers *w)
{
    for (int isa = 0; isa < LW_ISA_COUNT; isa++)
        if (isfinite(c->gflops[isa])) c->gflops[isa] = lw_peak_raise(w, (lw_isa)isa, c->gflops[isa], INFINITY, 5);
}

void lw_ceilings_reach(lw_ceilings *c, const lw_workers *w, lw_isa isa, double gflops)
{
    if (isfinite(c->gflops[isa])) c->gflops[isa] = lw_peak_raise(w, isa, c->gflops[isa], gflops, 100);
}

/* ---------------------------------------------------------------- roofline */

double lw_ceilings_gbytes(const lw_ceilings *c, lw_isa isa, lw_level level)
{
    return fmax(c->read[isa][level], c->triad[isa][level]);
}

double lw_ceilings_ridge(const lw_ceilings *c, lw_isa isa, lw_level level)
{
    return c->gflops[isa] / lw_ceilings_gbytes(c, isa, level);
}

lw_bound lw_ceilings_bound(const lw_ceilings *c, lw_isa isa, double flop, double bytes, double footprint,
                           lw_level from)
{
    double seconds = 0, most = 0, above = 0;
    lw_bound memory = {"unknown", NAN};
    if (!(footprint > 0)) footprint = bytes;
    for (int level = from; level < LW_LEVELS && above < footprint; level++) {
        if (!c->capacity[level]) continue;
        double until = fmin(footprint, (double)c->capacity[level]);
        if (until <= above) continue;
        double part = (until - above) / footprint * bytes / lw_ceilings_gbytes(c, isa, (lw_level)level) * 1e-9;
        if (isnan(part)) return memory;
        seconds += part;
        if (part >= most) {
            most = part;
            memory.name = lw_level_name((lw_level)level);
        }
        above = until;
    }
    memory.seconds = seconds;
    double compute = flop > 0 ? flop / c->gflops[isa] * 1e-9 : 0;
    if (isnan(compute)) return (lw_bound){"unknown", NAN};
    return compute >= seconds && compute > 0 ? (lw_bound){"FMA", compute} : memory;
}

lw_level lw_ceilings_home(const lw_ceilings *c, double footprint)
{
    int level = LW_LEVEL_L1;
    while (level < LW_LEVEL_DRAM && !((double)c->capacity[level] >= footprint)) level++;
    return (lw_level)level;
}

lw_bound lw_ceilings_claim(const lw_ceilings *c, lw_isa isa, double flop, double bytes, double footprint, lw_level from,
                           double seconds)
{
    lw_bound b = lw_ceilings_bound(c, isa, flop, bytes, footprint, from);
    for (int level = lw_ceilings_home(c, footprint); level >= LW_LEVEL_L1 && b.seconds > seconds; level--)
        if (c->capacity[level]) b = lw_ceilings_bound(c, isa, flop, bytes, 1, (lw_level)level);
    return b.seconds > seconds ? (lw_bound){"unknown", NAN} : b;
}
