/* SPDX-License-Identifier: BSD-3-Clause
 * environment.c: machine, build and date as CSV fields and as text. */
#define _GNU_SOURCE
#include "harness/records/environment.h"

#include "harness/records/build_info.h"

#include <string.h>
#include <time.h>

lw_environment lw_environment_now(const lw_machine *machine)
{
    lw_environment e = {.machine = machine};
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) strftime(e.date, sizeof e.date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    lw_conditions_read(&e.conditions, "");
    return e;
}

void lw_environment_team(lw_environment *e, const lw_workers *w)
{
    e->team = w;
    lw_conditions_read_team(&e->conditions, "", w);
}

void lw_environment_record(const lw_environment *e, lw_record *r)
{
    const lw_machine *m = e->machine;
    lw_record_text(r, m->cpu);
    lw_record_int(r, m->cores);
    lw_record_int(r, m->cpus);
    lw_record_int(r, m->usable_cpus);
    lw_record_int(r, (int64_t)m->l1d);
    lw_record_int(r, (int64_t)m->l2);
    lw_record_int(r, (int64_t)m->l3);
    lw_record_text(r, m->os);
    lw_record_text(r, lw_build_version);
    lw_record_text(r, lw_build_revision);
    lw_record_text(r, lw_build_compiler);
    lw_record_text(r, lw_build_flags);
    lw_record_text(r, e->date);
    lw_record_text(r, e->team ? e->team->placement : "");
    lw_record_text(r, e->team ? e->team->core_kind : "");
    lw_record_text(r, e->team ? e->team->numa : "");
    for (int i = 0; i < LW_CONDITIONS; i++) {
        char text[128];
        lw_record_text(r, lw_condition_text(&e->conditions.of[i], text, sizeof text));
    }
}

void lw_environment_csv(const lw_environment *e, lw_csv *csv)
{
    lw_record *r = lw_record_new();
    if (!r) return; /* the row then lacks columns, and ends the process: csv.h */
    lw_environment_record(e, r);
    lw_csv_record(csv, r);
    lw_record_free(r);
}

/* One line per state: what is bad first. */
static void print_conditions(const lw_conditions *conditions, FILE *out)
{
    static const char *const states[] = {[LW_GOOD] = "good", [LW_BAD] = "bad", [LW_UNKNOWN] = "unknown"};
    for (int state = 0; state < 3; state++) {
        static const lw_state order[] = {LW_BAD, LW_UNKNOWN, LW_GOOD};
        int count = 0;
        for (int i = 0; i < LW_CONDITIONS; i++) {
            const lw_condition *c = &conditions->of[i];
            if (c->state != order[state]) continue;
            fprintf(out, "%s%s%s%s", count == 0 ? states[order[state]] : ",",
                    count == 0 ? &"          "[strlen(states[order[state]])] : " ",
                    lw_condition_name((lw_condition_kind)i), c->detail[0] ? " " : "");
            if (c->detail[0]) fprintf(out, "(%s)", c->detail);
            count++;
        }
        if (count > 0) fputc('\n', out);
    }
}

void lw_environment_print(const lw_environment *e, FILE *out)
{
    char text[256];
    lw_machine_describe(e->machine, text, sizeof text);
    fprintf(out, "lanewise  %s, revision %s, %s, %s\n", lw_build_version, lw_build_revision, e->date,
            lw_build_compiler);
    fprintf(out, "machine   %s; %s\n", e->machine->cpu, text);
    fprintf(out, "system    %s\n", e->machine->os);
    print_conditions(&e->conditions, out);
}
