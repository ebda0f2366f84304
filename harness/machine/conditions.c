/* SPDX-License-Identifier: BSD-3-Clause
 * conditions.c: reads them. Where a file is missing or says what we do not know, the state stays unknown. */
#define _GNU_SOURCE
#include "harness/machine/conditions.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

const char *lw_condition_name(lw_condition_kind kind)
{
    static const char *const names[] = {LW_CONDITION_COLUMNS};
    return names[kind];
}

const char *lw_condition_text(const lw_condition *c, char *text, size_t size)
{
    static const char *const states[] = {[LW_UNKNOWN] = "unknown", [LW_GOOD] = "good", [LW_BAD] = "bad"};
    snprintf(text, size, "%s%s%s", states[c->state], c->detail[0] ? ": " : "", c->detail);
    return text;
}

static void set(lw_condition *c, lw_state state, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void set(lw_condition *c, lw_state state, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    c->state = state;
    vsnprintf(c->detail, sizeof c->detail, format, args);
    va_end(args);
}

/* The first word of a file; false: it cannot be read or is empty. */
static bool read_word(const char *root, const char *path, char word[64])
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", root, path);
    FILE *f = fopen(full, "r");
    bool ok = f && fscanf(f, "%63s", word) == 1;
    if (f) fclose(f);
    return ok;
}

/* ---------------------------------------------------------------- clock */

static void read_governor(lw_condition *c, const char *root)
{
    char word[64], path[96], seen[64] = "";
    long cpus = sysconf(_SC_NPROCESSORS_CONF);
    bool mixed = false;
    for (long cpu = 0; cpu < cpus && cpu < 4096; cpu++) {
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%ld/cpufreq/scaling_governor", cpu);
        if (!read_word(root, path, word)) continue;
        mixed = mixed || (*seen && strcmp(seen, word) != 0);
        snprintf(seen, sizeof seen, "%s", word);
    }
    if (!*seen) return;
    if (mixed)
        set(c, LW_BAD, "differs between CPUs");
    else
        set(c, strcmp(seen, "performance") == 0 ? LW_GOOD : LW_BAD, "%.40s", seen);
}

static void read_turbo(lw_condition *c, const char *root)
{
    char word[64];
    bool on;
    if (read_word(root, "/sys/devices/system/cpu/intel_pstate/no_turbo", word))
        on = strcmp(word, "0") == 0;
    else if (read_word(root, "/sys/devices/system/cpu/cpufreq/boost", word))
        on = strcmp(word, "0") != 0;
    else
        return;
    set(c, on ? LW_BAD : LW_GOOD, on ? "on" : "off");
}

/* ---------------------------------------------------------------- who else */

typedef struct cpu_time {
    double busy, idle, steal;
} cpu_time;

static bool read_cpu_time(const char *root, cpu_time *t)
{
    char path[512];
    double user, nice, system, idle, iowait, irq, softirq, steal = 0;
    snprintf(path, sizeof path, "%s/proc/stat", root);
    FILE *f = fopen(path, "r");
    bool ok = f && fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &system, &idle, &iowait, &irq,
                          &softirq, &steal) >= 7;
    if (f) fclose(f);
    if (ok) *t = (cpu_time){user + nice + system + irq + softirq, idle + iowait, steal};
    return ok;
}

/* We sleep, so whatever the CPUs do meanwhile is done by others. */
static void read_load(lw_condition *c, const char *root)
{
    cpu_time before, after;
    char average[64];
    bool known = read_cpu_time(root, &before);
    if (known) {
        nanosleep(&(struct timespec){0, 100000000}, NULL);
        known = read_cpu_time(root, &after);
    }
    bool loadavg = read_word(root, "/proc/loadavg", average);
    double busy = known ? after.busy - before.busy : 0, steal = known ? after.steal - before.steal : 0;
    double all = known ? busy + steal + after.idle - before.idle : 0;
    if (!(all > 0)) {
        if (loadavg) set(c, LW_UNKNOWN, "load average %.20s", average);
        return;
    }
    bool bad = busy / all >= 0.05 || steal / all >= 0.01;
    set(c, bad ? LW_BAD : LW_GOOD, "others use %.0f %% of the CPUs, the hypervisor takes %.0f %%%s%.20s",
        100 * busy / all, 100 * steal / all, loadavg ? ", load " : "", loadavg ? average : "");
}

static void read_quota(lw_condition *c, const char *root)
{
    char quota[64];
    if (!read_word(root, "/sys/fs/cgroup/cpu.max", quota) &&
        !read_word(root, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota))
        return;
    if (strcmp(quota, "max") == 0 || quota[0] == '-')
        set(c, LW_GOOD, "none");
    else
        set(c, LW_BAD, "a cgroup limits CPU time");
}

/* ---------------------------------------------------------------- memory and machine */

static void read_aslr(lw_condition *c, const char *root)
{
    char word[64];
    int persona = personality(0xffffffff);
    if (persona != -1 && (persona & ADDR_NO_RANDOMIZE))
        set(c, LW_GOOD, "off for this process");
    else if (read_word(root, "/proc/sys/kernel/randomize_va_space", word))
        set(c, strcmp(word, "0") == 0 ? LW_GOOD : LW_BAD, strcmp(word, "0") == 0 ? "off" : "on");
}

static void read_hypervisor(lw_condition *c, const char *root)
{
#if defined(__x86_64__)
    unsigned a, b, cx, d;
    (void)root;
    if (!__get_cpuid(1, &a, &b, &cx, &d)) return;
    if (!(cx >> 31)) {
        set(c, LW_GOOD, "none");
        return;
    }
    char vendor[13] = "";
    __cpuid(0x40000000, a, b, cx, d);
    memcpy(vendor, &b, 4);
    memcpy(vendor + 4, &cx, 4);
    memcpy(vendor + 8, &d, 4);
    for (char *at = vendor; *at; at++)
        if (*at < ' ' || *at > '~') *at = '?';
    set(c, LW_BAD, "%s", vendor);
#else
    char word[64];
    if (read_word(root, "/sys/hypervisor/type", word) || read_word(root, "/proc/device-tree/hypervisor/compatible", word))
        set(c, LW_BAD, "%.40s", word);
#endif
}

void lw_conditions_read(lw_conditions *c, const char *root)
{
    memset(c, 0, sizeof *c);
    read_governor(&c->of[LW_GOVERNOR], root);
    read_turbo(&c->of[LW_TURBO], root);
    read_load(&c->of[LW_LOAD], root);
    read_aslr(&c->of[LW_ASLR], root);
    read_hypervisor(&c->of[LW_HYPERVISOR], root);
    read_quota(&c->of[LW_QUOTA], root);
}

void lw_conditions_read_team(lw_conditions *c, const char *root, const lw_workers *w)
{
    lw_condition *smt = &c->of[LW_SMT];
    char active[64] = "";
    read_word(root, "/sys/devices/system/cpu/smt/active", active);
    if (!w->bound || !w->topology)
        set(smt, LW_UNKNOWN, "threads are not bound");
    else if (lw_topology_shares_cores(w->topology, w->size))
        set(smt, LW_BAD, "threads share a core");
    else if (c->of[LW_HYPERVISOR].state == LW_BAD)
        set(smt, LW_UNKNOWN, "only the hypervisor knows which CPUs share a core");
    else if (strcmp(active, "1") == 0)
        set(smt, LW_GOOD, "on, one thread per core");
    else if (*active)
        set(smt, LW_GOOD, "off");
}
