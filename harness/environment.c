/* SPDX-License-Identifier: BSD-3-Clause
 * environment.c: machine, build and date as CSV fields and as text. */
#define _GNU_SOURCE
#include "harness/environment.h"

#include "harness/build_info.h"

#include <time.h>

lw_environment lw_environment_now(const lw_machine *machine)
{
    lw_environment e = {.machine = machine};
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) strftime(e.date, sizeof e.date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return e;
}

void lw_environment_csv(const lw_environment *e, lw_csv *csv)
{
    const lw_machine *m = e->machine;
    lw_csv_text(csv, m->cpu);
    lw_csv_int(csv, m->cores);
    lw_csv_int(csv, m->cpus);
    lw_csv_int(csv, m->usable_cpus);
    lw_csv_int(csv, (int64_t)m->l1d);
    lw_csv_int(csv, (int64_t)m->l2);
    lw_csv_int(csv, (int64_t)m->l3);
    lw_csv_text(csv, m->os);
    lw_csv_text(csv, lw_build_version);
    lw_csv_text(csv, lw_build_revision);
    lw_csv_text(csv, lw_build_compiler);
    lw_csv_text(csv, lw_build_flags);
    lw_csv_text(csv, e->date);
}

void lw_environment_print(const lw_environment *e, FILE *out)
{
    char text[256];
    lw_machine_describe(e->machine, text, sizeof text);
    fprintf(out, "lanewise  %s, revision %s, %s, %s\n", lw_build_version, lw_build_revision, e->date,
            lw_build_compiler);
    fprintf(out, "machine   %s; %s\n", e->machine->cpu, text);
    fprintf(out, "system    %s\n", e->machine->os);
}
