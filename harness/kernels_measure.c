/* SPDX-License-Identifier: BSD-3-Clause
 * kernels_measure.c: from a list of problems to rows. */
#include "harness/kernels_measure.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/records/samples_report.h"
#include "harness/timing/gbench_name.h"
#include "harness/timing/passes.h"

#include <math.h>
#include <stdlib.h>

typedef lw_kernels_command command;

static bool is_named(const command *c, const lw_kernel *k)
{
    return !c->options.variant || k->library || lw_variants_have(&c->variants, k);
}

int lw_kernels_for(const command *c, const lw_problem *p, const lw_kernel *kernels[LW_MAX_VARIANTS])
{
    char name[LW_GBENCH_NAME];
    int count = lw_select_rows(&c->selection, p->op, &c->cpu, kernels, LW_MAX_VARIANTS), kept = 0;
    for (int i = 0; i < count; i++)
        if (is_named(c, kernels[i]) &&
            lw_gbench_wanted(&c->options.flags, lw_gbench_name(p, kernels[i], c->options.threads,
                                                               lw_cache_name(c->timing.cache), name, sizeof name)))
            kernels[kept++] = kernels[i];
    return kept;
}

/* ---------------------------------------------------------------- rows */

/* A peer may use an ISA that is none of ours, which then has no peak here. A row above the peak makes us look again:
 * what was measured at start may have met a slow moment. */
static double peak_of(command *c, const lw_problem *p, lw_measurement *m)
{
    const lw_isa isa = m->kernel->isa;
    const double rate = 1e-9 * lw_kernel_cost(m->kernel, p).executed / m->time.median;
    if (isa >= LW_ISA_COUNT) return NAN;
    lw_ceilings_reach(&c->ceilings, &c->workers, isa, rate);
    if (rate > c->ceilings.gflops[isa])
        m->stability = (lw_stability_verdict){LW_UNSTABLE, "faster than the FMA peak, which was measured in a slow moment"};
    return c->ceilings.gflops[isa];
}

static void tell_of_cap(command *c, const lw_measurement *m)
{
    if (!m->capped || c->told_of_cap) return;
    c->told_of_cap = true;
    lw_fail(0, "kernels",
            "notice: %d sets of operands, %.1f MiB, are fewer than the %.0f MiB that would leave the last cache behind "
            "(--footprint, at most 2048 sets); a row's bound names the level that holds them",
            m->buffers, (double)m->footprint / 1048576, (double)c->timing.cold_bytes / 1048576);
}

/* What Google Benchmark's reporters and --samples get of a row. */
static int report_aside(command *c, const lw_problem *p, const lw_measurement *m, int member)
{
    char name[LW_GBENCH_NAME];
    const lw_cost cost = lw_problem_cost(p);
    const lw_gbench_row row = {.name = lw_gbench_name(p, m->kernel, c->workers.size, lw_cache_name(m->cache), name, sizeof name),
                               .label = lw_stability_name(m->stability.stability),
                               .error = m->verdict.pass ? NULL : m->verdict.detail,
                               .family = c->problems,
                               .member = member,
                               .threads = c->workers.size,
                               .flop = cost.flop,
                               .bytes = cost.bytes,
                               .samples = &m->samples};
    if (c->gbench && !lw_gbench_report_row(c->gbench, &row))
        return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write %s",
                       c->options.flags.out ? c->options.flags.out : "Google Benchmark's report to standard output");
    if (c->samples_csv && !lw_samples_report_add(c->samples_csv, p, m, c->workers.size))
        return lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", lw_csv_error(c->samples_csv));
    return LW_EXIT_OK;
}

static int report_row(command *c, const lw_work *work, lw_measurement *m, int member)
{
    char repeat[512];
    const lw_problem *p = &work->problem;
    const char *set = lw_kernel_set(m->kernel);
    if (m->verdict.declined) return LW_EXIT_OK;
    tell_of_cap(c, m);
    lw_kernels_repeat(&c->options, &c->selection, m, p, repeat, sizeof repeat);
    if (!m->verdict.pass) {
        c->failed++;
        lw_fail(0, "kernels",
                "%s %s %s is wrong: %s\n  repeat: bench check --kernel %s --op %s --problem %s --seed %llu", set,
                m->kernel->name, p->text, m->verdict.detail, set, lw_op_name(p->op), p->text,
                (unsigned long long)c->options.seed);
    }
    if (!lw_kernels_report_row(c->report, work->name, p, m, peak_of(c, p, m), repeat))
        return lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", lw_kernels_report_error(c->report));
    return report_aside(c, p, m, member);
}

static int report_problem(command *c, const lw_work *work, const lw_measuring *m)
{
    lw_measurement results[LW_MAX_VARIANTS];
    const int count = lw_measuring_sum_up(m, results);
    int code = LW_EXIT_OK;
    for (int i = 0; i < count && code == LW_EXIT_OK; i++) code = report_row(c, work, &results[i], i);
    c->problems++;
    return code;
}

/* ---------------------------------------------------------------- passes */

/* NULL: no kernel is for it, or there is no memory, which *code then says. */
static lw_measuring *begin(const command *c, const lw_problem *p, int *code)
{
    const lw_kernel *kernels[LW_MAX_VARIANTS];
    const int count = lw_kernels_for(c, p, kernels);
    if (count == 0) return NULL;
    lw_measuring *m = lw_measuring_new(p, kernels, count, lw_select_dispatched(LW_ISA_SCALAR, p->op, &c->cpu),
                                       lw_select_dispatched(LW_ISA_AUTOVEC, p->op, &c->cpu), &c->timing, &c->workers);
    if (!m) *code = LW_EXIT_MEMORY;
    return m;
}

static int visit(command *c, lw_measuring **m, const lw_work *work, int pass)
{
    int code = LW_EXIT_OK;
    if (pass == 0) *m = begin(c, &work->problem, &code);
    if (*m) code = lw_measuring_pass(*m);
    if (code == LW_EXIT_MEMORY)
        return lw_fail(code, "kernels", "out of memory for %s %s", lw_op_name(work->problem.op), work->problem.text);
    if (code != LW_EXIT_OK || !*m) return code;
    lw_ceilings_look_again(&c->ceilings, &c->workers);
    if (lw_measuring_passes(*m) < c->timing.passes) return LW_EXIT_OK;
    code = report_problem(c, work, *m);
    lw_measuring_free(*m);
    *m = NULL;
    return code;
}

/* Ctrl-C keeps what was measured. */
static int report_rest(command *c, lw_measuring *const *m)
{
    int code = LW_EXIT_OK;
    for (int i = 0; i < c->work.count && code == LW_EXIT_OK; i++)
        if (m[i] && lw_measuring_passes(m[i]) > 0) code = report_problem(c, &c->work.item[i], m[i]);
    return code == LW_EXIT_OK ? LW_EXIT_INTERRUPTED : code;
}

int lw_kernels_measure_all(command *c)
{
    const int count = c->work.count;
    int code = LW_EXIT_OK;
    lw_visit v;
    lw_measuring **m = calloc((size_t)count + 1, sizeof *m);
    if (!m) return lw_fail(LW_EXIT_MEMORY, "kernels", "out of memory for %d problems", count);
    lw_passes passes = lw_passes_over(count, c->timing.passes, c->options.quick ? LW_PASS_LAG_QUICK : LW_PASS_LAG);
    while (code == LW_EXIT_OK && lw_passes_next(&passes, &v))
        code = visit(c, &m[v.item], &c->work.item[v.item], v.pass);
    if (code == LW_EXIT_INTERRUPTED) code = report_rest(c, m);
    for (int i = 0; i < count; i++) lw_measuring_free(m[i]);
    free(m);
    return code;
}
