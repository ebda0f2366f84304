/* SPDX-License-Identifier: BSD-3-Clause
 * tune_measure.c: all kernels of a set that serve a problem, in turns, and which of them is taken. */
#include "harness/tune/tune.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/records/report.h"

#include <stdio.h>

typedef lw_tune command;

static const lw_column columns[] = {{"op", 18},      {"problem", 58}, {"set", 8},   {"own", -10},
                                    {"chosen", -10}, {"ratio", -7},   {"kernel", 0}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool print(const lw_tuned *t)
{
    const lw_compared *first = &t->row[0], *chosen = &t->row[t->chosen];
    char own[32], time[32], ratio[32];
    lw_format_seconds(first->time.median, own, sizeof own);
    lw_format_seconds(chosen->time.median, time, sizeof time);
    snprintf(ratio, sizeof ratio, "%.3f", t->chosen ? chosen->ratio.median : 1);
    const char *cells[] = {lw_op_name(t->task->problem.op), t->task->problem.text, lw_kernel_set(first->kernel), own,
                           time, ratio, chosen->kernel->name};
    return lw_report_row(stdout, columns, COLUMNS, cells);
}

static int candidates(const command *c, lw_isa isa, const lw_problem *p, const lw_kernel **out)
{
    const lw_table *table = lw_table_of(isa);
    int count = 0;
    out[count++] = lw_select_dispatched(isa, p->op, &c->cpu);
    for (size_t i = 0; out[0] && i < table->count && count < LW_MAX_VARIANTS; i++) {
        const lw_kernel *k = &table->rows[i];
        if (k->op == p->op && k != out[0] && lw_kernel_usable(k, &c->cpu) && lw_kernel_serves(k, p))
            out[count++] = k;
    }
    return count;
}

static void tell_failures(command *c, const lw_tuned *t)
{
    const lw_problem *p = &t->task->problem;
    for (int i = 0; i < t->count; i++) {
        const lw_compared *row = &t->row[i];
        if (row->verdict.pass) continue;
        c->failed++;
        lw_fail(0, "tune", "%s/%s is wrong on %s %s: %s\n  repeat: bench check --kernel %s --op %s --problem %s --seed %llu",
                row->kernel->name, lw_kernel_set(row->kernel), lw_op_name(p->op), p->text, row->verdict.detail,
                lw_kernel_set(row->kernel), lw_op_name(p->op), p->text, (unsigned long long)c->seed);
    }
}

/* Where the set's own kernel is wrong, there is nothing to hold the others against. */
static int record(command *c, lw_tuned *t)
{
    tell_failures(c, t);
    if (!t->row[0].verdict.pass) return LW_EXIT_OK;
    lw_tuned_choose(t);
    c->measured++;
    c->changed += t->chosen > 0;
    if (!lw_tune_file_add(c->csv, t, c->typed, &c->environment))
        return lw_fail(LW_EXIT_OUTPUT, "tune", "%s", lw_csv_error(c->csv));
    return print(t) ? LW_EXIT_OK : lw_fail(LW_EXIT_OUTPUT, "tune", "cannot write standard output");
}

static int tune_task(command *c, lw_isa isa, const lw_tune_task *task)
{
    const lw_kernel *kernels[LW_MAX_VARIANTS];
    const lw_problem *p = &task->problem;
    lw_workers workers = c->workers;
    lw_timing timing = c->timing;
    if (task->solo && workers.size > 1) {
        workers.size = 1;
        timing.capacity = NULL;
    }
    lw_tuned t = {.task = task, .threads = workers.size, .count = candidates(c, isa, p, kernels)};
    if (t.count < 2) return LW_EXIT_OK;
    const int code = lw_compare_problem(p, kernels, t.count, &timing, &workers, t.row);
    if (code == LW_EXIT_MEMORY)
        return lw_fail(code, "tune", "out of memory for %s %s", lw_op_name(p->op), p->text);
    return code == LW_EXIT_OK ? record(c, &t) : code;
}

int lw_tune_measure(command *c)
{
    int code = LW_EXIT_OK;
    lw_report_head(stdout, columns, COLUMNS);
    for (int i = 0; i < LW_ISA_COUNT; i++)
        for (int j = 0; c->selection.isa[i] && j < c->tasks.count && code == LW_EXIT_OK; j++)
            code = tune_task(c, (lw_isa)i, &c->tasks.task[j]);
    return code;
}
