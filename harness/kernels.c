/* SPDX-License-Identifier: BSD-3-Clause
 * kernels.c: `bench kernels`: how fast the kernels are, beside the peak of this machine and the two
 * scalar baselines. */
#include "harness/commands.h"

#include "harness/kernels_measure.h"
#include "harness/records/environment.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/records/samples_report.h"
#include "harness/records/build_info.h"
#include "harness/timing/gbench_name.h"
#include "harness/options.h"

#include <math.h>
#include <string.h>

typedef lw_kernels_command command;

typedef int problem_fn(command *c, const lw_problem *p);

static int for_each_problem(command *c, problem_fn *f)
{
    for (int i = 0; i < c->work.count; i++) {
        c->name = c->work.item[i].name;
        const int code = f(c, &c->work.item[i].problem);
        if (code != LW_EXIT_OK) return code;
    }
    return LW_EXIT_OK;
}

static const lw_column problem_columns[] = {{"op", 20}, {"problem", 40}, {"MFLOP", -10}, {"MB", -10}, {"name", 0}};

static int list_problem(command *c, const lw_problem *p)
{
    char flop[32], bytes[32];
    const lw_cost cost = lw_problem_cost(p);
    snprintf(flop, sizeof flop, "%.4g", cost.flop * 1e-6);
    snprintf(bytes, sizeof bytes, "%.4g", cost.bytes * 1e-6);
    const char *cells[] = {lw_op_name(p->op), p->text, flop, bytes, c->name};
    if (lw_report_row(stdout, problem_columns, 5, cells)) return LW_EXIT_OK;
    return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write standard output");
}

static int list_problems(command *c)
{
    lw_report_head(stdout, problem_columns, 5);
    return for_each_problem(c, list_problem);
}

/* Counts the names, finds the longest, and prints them if that is all that was asked for. */
static int survey(command *c, const lw_problem *p)
{
    const lw_kernel *kernels[LW_MAX_VARIANTS];
    const int count = lw_kernels_for(c, p, kernels);
    for (int i = 0; i < count; i++) {
        char name[LW_GBENCH_NAME];
        const int length = (int)strlen(lw_gbench_name(p, kernels[i], c->options.threads, lw_cache_name(c->timing.cache), name, sizeof name));
        if (length > c->longest_name) c->longest_name = length;
        if (c->options.flags.list_tests) puts(name);
    }
    c->names += count;
    return LW_EXIT_OK;
}

static int find_names(command *c)
{
    if (!lw_sets_open(&c->selection.sets, "kernels", c->options.peer_isa, c->options.threads)) return LW_EXIT_USAGE;
    const int code = for_each_problem(c, survey);
    if (code == LW_EXIT_OK && c->names == 0 && c->options.flags.filter)
        return lw_fail(LW_EXIT_USAGE, "kernels", "--benchmark_filter '%s' matches no name (--benchmark_list_tests prints them)",
                       c->options.flags.filter);
    return code;
}

/* ---------------------------------------------------------------- the command */

static int start_workers(command *c)
{
    c->topology = lw_topology_new();
    if (!c->topology) return lw_fail(LW_EXIT_MEMORY, "kernels", "cannot read this machine's topology");
    return lw_workers_start(&c->workers, c->topology, "kernels", c->options.bind, c->options.threads);
}

/* Our sets' peaks, and those of the ISAs that the peers say they use. */
static bool needs_peak(const command *c, lw_isa isa)
{
    for (int i = 0; i < c->selection.sets.count; i++) {
        size_t count;
        const lw_kernel *rows = lw_set_rows(c->selection.sets.set[i], &count);
        if (count > 0 && rows[0].isa == isa) return true;
    }
    return false;
}

static void add_context(const command *c)
{
    lw_gbench_context("lanewise_version", lw_build_version);
    lw_gbench_context("lanewise_revision", lw_build_revision);
    lw_gbench_context("compiler", lw_build_compiler);
    lw_gbench_context("flags", lw_build_flags);
    lw_gbench_context("cpu", lw_topology_machine(c->topology)->cpu);
    lw_gbench_context("kernel", c->selection.kernel);
    lw_gbench_context("binding", c->workers.binding);
}

static int open_reports(command *c, const lw_environment *environment)
{
    char err[512];
    int code;
    c->report = lw_kernels_report_new(&c->options.sinks, environment, &c->workers, &c->selection, &code, err, sizeof err);
    if (!c->report) return lw_fail(code, "kernels", "%s", err);
    if (c->options.flags.format) lw_kernels_report_talk(c->report);
    if (c->options.samples && !(c->samples_csv = lw_samples_report_open(c->options.samples, err, sizeof err)))
        return lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", err);
    add_context(c);
    c->gbench = lw_gbench_flags_open(&c->options.flags, c->longest_name, err, sizeof err);
    return !c->gbench && err[0] ? lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", err) : LW_EXIT_OK;
}

/* Closes them all, and adds what could not be written to `code`. */
static int close_reports(command *c, int code)
{
    const bool gbench = lw_gbench_report_close(c->gbench), samples = lw_csv_close(c->samples_csv);
    const bool rows = !c->report || lw_kernels_report_close(c->report);
    if (code != LW_EXIT_OK) return code;
    if (!rows) return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write the rows");
    if (!samples) return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write %s", c->options.samples);
    if (!gbench)
        return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write %s", c->options.flags.out ? c->options.flags.out : "standard output");
    return LW_EXIT_OK;
}

/* Bytes of the largest call's operands; where they are kept out of the caches no roof can be spared. */
static double largest_footprint(const command *c)
{
    double most = 0;
    if (c->timing.cache != LW_CACHE_HOT) return INFINITY;
    for (int i = 0; i < c->work.count; i++) most = fmax(most, lw_problem_cost(&c->work.item[i].problem).bytes);
    return most;
}

static void measure_ceilings(command *c)
{
    bool wanted[LW_ISA_COUNT];
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) wanted[isa] = needs_peak(c, (lw_isa)isa);
    if (c->workers.size > 1) {
        lw_capacity_init(&c->capacity, &c->workers);
        c->timing.capacity = &c->capacity;
        c->timing.patience = c->options.quick ? 1 : 3;
    }
    lw_ceilings_measure(&c->ceilings, &c->workers, wanted, c->options.quick, largest_footprint(c));
    lw_kernels_report_ceilings(c->report, &c->ceilings);
    /* Twice the last cache: one that keeps what is used most still misses most of it. */
    const size_t last = c->ceilings.capacity[c->ceilings.capacity[LW_LEVEL_L3] ? LW_LEVEL_L3 : LW_LEVEL_L2];
    c->timing.cold_bytes = 2 * last;
    c->timing.most_bytes = (size_t)c->options.footprint << 20;
}

static int run(command *c)
{
    int code = start_workers(c);
    if (code != LW_EXIT_OK) return code;
    lw_environment environment = lw_environment_now(lw_topology_machine(c->topology));
    lw_environment_team(&environment, &c->workers);
    code = open_reports(c, &environment);
    if (code != LW_EXIT_OK) return close_reports(c, code);
    measure_ceilings(c);
    code = lw_kernels_report_head(c->report, c->ceilings.gflops)
               ? lw_kernels_measure_all(c)
               : lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", lw_kernels_report_error(c->report));
    const int rows = lw_kernels_report_rows(c->report);
    code = close_reports(c, code);
    if (code == LW_EXIT_INTERRUPTED)
        lw_fail(0, "kernels", "interrupted; %d row%s kept", rows, rows == 1 ? "" : "s");
    if (code == LW_EXIT_OK && rows == 0) code = lw_fail(LW_EXIT_FAILED, "kernels", "nothing was measured");
    if (code == LW_EXIT_OK && c->failed)
        code = lw_fail(LW_EXIT_FAILED, "kernels", "%d of %d rows FAILED their check", c->failed, rows);
    return code;
}

static int measure(command *c)
{
    c->cpu = lw_cpu_detect();
    c->timing = lw_kernels_timing(&c->options);
    int code = find_names(c);
    if (code == LW_EXIT_OK && !c->options.flags.list_tests) {
        lw_interrupt_catch();
        code = run(c);
    }
    lw_topology_free(c->topology);
    return code;
}

int lw_cmd_kernels(int argc, char **argv)
{
    char typed[4096];
    command c = {.options = LW_KERNELS_DEFAULTS};
    c.options.sinks.command = lw_command_line(argc, argv, typed, sizeof typed);
    int code;
    if (!lw_kernels_options_parse(&c.options, argc, argv, &code)) return code;
    if (!lw_select(&c.selection, "kernels", c.options.kernel, "auto", c.options.op, c.options.problem)) return LW_EXIT_USAGE;
    code = lw_worklist_make(&c.work, &c.selection, c.options.batch, c.options.quick);
    if (code == LW_EXIT_OK) code = lw_variants_make(&c.variants, c.options.variant, &c.selection, &c.work);
    if (code == LW_EXIT_OK) code = c.options.list_problems ? list_problems(&c) : measure(&c);
    lw_worklist_free(&c.work);
    lw_gbench_flags_free(&c.options.flags);
    return code;
}
