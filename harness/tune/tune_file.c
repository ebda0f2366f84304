/* SPDX-License-Identifier: BSD-3-Clause
 * tune_file.c: from times to the row that is chosen, and the file that says so. */
#include "harness/tune/tune.h"

#include "harness/choice.h"

#include <math.h>
#include <stdio.h>

/* A row's ratio is its time / the first one's. */
static bool beats_first(const lw_compared *row)
{
    return lw_ratio_judge(&row->ratio) == LW_RATIO_SLOWER; /* the first one is */
}

void lw_tuned_choose(lw_tuned *t)
{
    t->chosen = 0;
    for (int i = 1; i < t->count; i++)
        if (t->row[i].verdict.pass && beats_first(&t->row[i]) &&
            (t->chosen == 0 || t->row[i].ratio.median < t->row[t->chosen].ratio.median))
            t->chosen = i;
}

static const char *const columns[] = {
    "schema", "set", "op", "problem", "variant", "default", "threads", "seconds", "default_seconds", "time_ratio",
    "time_ratio_low", "time_ratio_high", "candidates", "name", "command", LW_ENVIRONMENT_COLUMNS};

lw_csv *lw_tune_file_open(const char *path, char *err, int err_size)
{
    return lw_csv_create(path, columns, sizeof columns / sizeof *columns, err, err_size);
}

/* "conv2d_fwd_direct 1.25e-04; conv2d_fwd_winograd 9.8e-05" */
static void candidates_text(const lw_tuned *t, char *text, size_t size)
{
    size_t n = 0;
    for (int i = 0; i < t->count && n < size; i++) {
        char seconds[32] = "FAILED";
        if (t->row[i].verdict.pass) snprintf(seconds, sizeof seconds, "%.4g", t->row[i].time.median);
        n += (size_t)snprintf(text + n, size - n, "%s%s %s", i ? "; " : "", t->row[i].kernel->name, seconds);
    }
}

bool lw_tune_file_add(lw_csv *csv, const lw_tuned *t, const char *command, const lw_environment *e)
{
    const lw_compared *first = &t->row[0], *chosen = &t->row[t->chosen];
    char candidates[LW_MAX_VARIANTS * 80];
    candidates_text(t, candidates, sizeof candidates);
    lw_csv_int(csv, LW_CHOICE_SCHEMA);
    lw_csv_text(csv, lw_kernel_set(first->kernel));
    lw_csv_text(csv, lw_op_name(t->task->problem.op));
    lw_csv_text(csv, t->task->problem.text);
    lw_csv_text(csv, chosen->kernel->name);
    lw_csv_text(csv, first->kernel->name);
    lw_csv_int(csv, t->threads);
    lw_csv_real(csv, chosen->time.median, 6);
    lw_csv_real(csv, first->time.median, 6);
    lw_csv_real(csv, t->chosen ? chosen->ratio.median : 1, 4);
    lw_csv_real(csv, chosen->ratio.low, 4);
    lw_csv_real(csv, chosen->ratio.high, 4);
    lw_csv_text(csv, candidates);
    lw_csv_text(csv, t->task->name);
    lw_csv_text(csv, command);
    lw_environment_csv(e, csv);
    return lw_csv_end_row(csv);
}
