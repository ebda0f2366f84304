/* SPDX-License-Identifier: BSD-3-Clause
 * samples_report.c: samples in long form. */
#include "harness/records/samples_report.h"

#include "peers/peers.h"

enum { SCHEMA = 1 };

static const char *const columns[] = {"schema", "op",    "problem", "set",         "kernel", "threads",
                                      "sample", "round", "seconds", "cpu_seconds", "loops",  "capacity",
                                      "accepted", "pass"};

lw_csv *lw_samples_report_open(const char *path, char *err, size_t err_size)
{
    return lw_csv_create(path, columns, sizeof columns / sizeof *columns, err, (int)err_size);
}

bool lw_samples_report_add(lw_csv *csv, const lw_problem *p, const lw_measurement *m, int threads)
{
    for (int i = 0; i < m->samples.count; i++) {
        const lw_sample *s = &m->samples.at[i];
        lw_csv_int(csv, SCHEMA);
        lw_csv_text(csv, lw_op_name(p->op));
        lw_csv_text(csv, p->text);
        lw_csv_text(csv, lw_kernel_set(m->kernel));
        lw_csv_text(csv, m->kernel->name);
        lw_csv_int(csv, threads);
        lw_csv_int(csv, i);
        lw_csv_int(csv, s->round);
        lw_csv_real(csv, s->seconds, 9);
        lw_csv_real(csv, s->cpu, 9);
        lw_csv_int(csv, m->samples.loops);
        lw_csv_real(csv, s->capacity, 4);
        lw_csv_int(csv, s->accepted);
        lw_csv_int(csv, s->pass);
        if (!lw_csv_end_row(csv)) return false;
    }
    return true;
}
