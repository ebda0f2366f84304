/* SPDX-License-Identifier: BSD-3-Clause
 * others.c: reads /proc/stat. */
#define _GNU_SOURCE
#include "harness/machine/others.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* What a process must have taken to be seen, in seconds: three ticks of the file. */
#define RESOLUTION 0.03

static double clock_seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool in_use(const lw_workers *w, int cpu)
{
    if (!w->bound || !w->topology) return true;
    for (int i = 0; i < w->size; i++)
        if (lw_topology_cpu(w->topology, i) == cpu) return true;
    return false;
}

/* Lines "cpu3 user nice system idle iowait irq softirq steal ...", in ticks. */
static void read_stat(const char *root, const lw_workers *w, lw_moment *m)
{
    char path[512], line[512];
    const double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
    snprintf(path, sizeof path, "%s/proc/stat", root);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        int cpu;
        double user, nice, system, idle, iowait, irq, softirq, steal = 0;
        if (strncmp(line, "cpu", 3) != 0 || !isdigit((unsigned char)line[3])) continue; /* "cpu " is their sum */
        if (sscanf(line, "cpu%d %lf %lf %lf %lf %lf %lf %lf %lf", &cpu, &user, &nice, &system, &idle, &iowait, &irq,
                   &softirq, &steal) < 8)
            continue;
        const double busy = tick * (user + nice + system + irq + softirq + steal);
        m->machine += busy;
        m->machine_cpus++;
        if (!in_use(w, cpu)) continue;
        m->team += busy;
        m->team_cpus++;
    }
    if (f) fclose(f);
    m->known = m->team_cpus > 0 && m->machine > 0;
}

lw_moment lw_moment_now(const char *root, const lw_workers *w)
{
    lw_moment m = {.known = false};
    struct rusage usage;
    read_stat(root, w, &m);
    getrusage(RUSAGE_SELF, &usage);
    m.switches = usage.ru_nivcsw;
    m.own = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    m.wall = clock_seconds(CLOCK_MONOTONIC);
    return m;
}

static double part(double busy, double own, double wall, int cpus)
{
    const double others = busy - own;
    return others < RESOLUTION ? 0 : fmin(others / (wall * cpus), 1);
}

void lw_moment_add(lw_moment *sum, const lw_moment *a, const lw_moment *b)
{
    const bool first = sum->wall == 0;
    const bool known = a->known && b->known && a->team_cpus == b->team_cpus && a->machine_cpus == b->machine_cpus;
    const bool alike = first || (sum->team_cpus == b->team_cpus && sum->machine_cpus == b->machine_cpus);
    sum->known = known && alike && (first || sum->known);
    sum->wall += b->wall - a->wall;
    sum->own += b->own - a->own;
    sum->team += b->team - a->team;
    sum->machine += b->machine - a->machine;
    sum->switches += b->switches - a->switches;
    sum->team_cpus = b->team_cpus;
    sum->machine_cpus = b->machine_cpus;
}

lw_disturbance lw_disturbance_in(const lw_moment *sum)
{
    lw_disturbance d = {NAN, NAN, NAN};
    if (!(sum->wall > 0)) return d;
    d.switches = (double)sum->switches / sum->wall;
    if (!sum->known) return d;
    d.team = part(sum->team, sum->own, sum->wall, sum->team_cpus);
    d.machine = part(sum->machine, sum->own, sum->wall, sum->machine_cpus);
    return d;
}

lw_disturbance lw_disturbance_between(const lw_moment *before, const lw_moment *after)
{
    lw_moment sum = {0};
    lw_moment_add(&sum, before, after);
    return lw_disturbance_in(&sum);
}
