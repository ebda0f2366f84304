/* SPDX-License-Identifier: BSD-3-Clause
 * kernels.c: `bench kernels`: how fast the kernels are, beside the peak of this machine and the two
 * scalar baselines. */
#include "harness/commands.h"

#include "harness/records/environment.h"
#include "harness/exit_codes.h"
#include "harness/gbench_flags.h"
#include "harness/interrupt.h"
#include "harness/records/kernels_report.h"
#include "harness/records/samples_report.h"
#include "harness/records/build_info.h"
#include "harness/timing/gbench_name.h"
#include "harness/timing/measure.h"
#include "harness/options.h"
#include "harness/machine/ceilings.h"
#include "harness/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct command {
    /* options */
    const char *kernel, *op, *problem, *csv, *peer_isa, *bind;
    const char *samples, *cache;
    int footprint;
    lw_gbench_flags flags;
    int threads, repetitions;
    double min_time, max_time, precision;
    uint64_t seed;
    bool quick, list_problems;
    /* state */
    lw_selection selection;
    lw_cpu cpu;
    lw_topology *topology;
    lw_workers workers;
    lw_timing timing;
    lw_ceilings ceilings;
    lw_capacity capacity;
    bool told_of_cap;
    lw_kernels_report *report;
    lw_gbench_report *gbench;
    lw_csv *samples_csv;
    int names, longest_name, problems, failed;
} command;

static const lw_usage usage = {
    "kernels", "[options]",
    "Measures kernels: for each op and each problem, the time of a call, the rate, the share of the FMA peak "
    "measured in the same process with the same threads, and the speed-up over the scalar sources compiled without "
    "(scalar) and with (autovec) the compiler's vectoriser. Each kernel is checked against the fp64 "
    "reference before it is timed; a wrong kernel has no speed.",
    "Table\n"
    "  time     median over the samples of one call, operands in cache where they fit (hot), or as --cache says\n"
    "  mad      median absolute deviation of the samples, in % of the median\n"
    "  rate     GFLOP/s where a call does 2 or more FLOP per byte of its operands, else GB/s; with a star, nominal\n"
    "           FLOP of which fewer are executed: peak and bound then count the executed ones\n"
    "  peak     share of the FMA peak of that set, for rates in GFLOP/s\n"
    "  bound    what the roofline says limits the call with its operands in cache, and the share of that\n"
    "           bound that was reached: FMA, or the level that most of the operands must come from\n"
    "  scalar   how many times faster than scalar; autovec: than autovec; same threads, same rounds\n"
    "  rejected samples of a team that were taken while its threads did not have their CPUs to themselves\n"
    "  verdict  stable; unstable: others took CPU time, or the 95 % interval of the median stayed wider than\n"
    "           --precision, or the second half of the samples is elsewhere than the first; unknown: fewer than six\n"
    "           samples. The first reason that holds is printed. docs/PROTOCOL.md has the rules.\n"
    "\n"
    "Examples\n"
    "  bench --kernel avx2                      (a command line without a command means `bench kernels`)\n"
    "  bench kernels --op sgemm,conv2d_fwd --quick\n"
    "  bench kernels --op conv2d_fwd --problem mb64ic32ih13oc64oh11kh3ph0 --threads 2\n"
    "  bench kernels --op sgemm --problem 512x512:512x512 --csv - | python3 plot.py\n"
    "  bench kernels --list-problems\n"
    "  bench kernels --op sgemm --benchmark_out=new.json --benchmark_repetitions=20\n"
    "  compare.py benchmarks old.json new.json  (Google Benchmark's tools/compare.py)\n"
    "\n"
    "Exit codes\n"
    "  0 all measured   1 a kernel failed its check   2 wrong option, kernel or problem\n"
    "  4 the CSV or standard output cannot be written   6 out of memory   130 interrupted, rows kept\n",
    0};

static bool parse(command *c, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to measure"},
        {LW_OPT_TEXT, "kernel", 'k', "K", &c->kernel,
         .help = "Kernel sets, separated by commas: names that `bench list` shows, auto, all, peers (default: "
                 "the environment's LANEWISE_KERNEL, else auto, the best hand-written set that this CPU runs)."},
        {LW_OPT_TEXT, "peer-isa", .arg = "ISA", .value = &c->peer_isa, .choices = LW_PEER_ISA_CHOICES,
         .help = LW_PEER_ISA_HELP},
        {LW_OPT_TEXT, "op", 'o', "OP[,OP...]", &c->op, .help = "These ops only (default: all)."},
        {LW_OPT_TEXT, "problem", 'p', "P", &c->problem,
         .help = "This problem instead of the default list; without --op, on each op that it fits. "
                 "`bench check --help` shows how each op's problems are spelt."},
        {LW_OPT_FLAG, "quick", 'q', .value = &c->quick,
         .help = "The first problems of each op, fewer samples."},
        {LW_OPT_FLAG, "list-problems", .value = &c->list_problems, .help = "Print the problems and exit."},
        {LW_OPT_HEADING, .help = "How to measure"},
        {LW_OPT_INT, "threads", 't', "N", &c->threads, .min = 1, .max = 1024,
         .help = "Threads, each bound to a CPU: one per physical core first (default 1)."},
        {LW_OPT_TEXT, "bind", 'B', "HOW", &c->bind, .help = LW_BIND_HELP},
        {LW_OPT_REAL, "min-time", .arg = "SECONDS", .value = &c->min_time, .min = 1e-3, .max = 3600,
         .help = "Time in samples per kernel and problem (default 0.3, with --quick 0.06)."},
        {LW_OPT_REAL, "precision", .arg = "PERCENT", .value = &c->precision, .min = 0.01, .max = 100,
         .help = "Go on until the 95 % interval of the median is no wider than this, in % of the median (default 3, "
                 "with --quick 5)."},
        {LW_OPT_REAL, "max-time", .arg = "SECONDS", .value = &c->max_time, .min = 1e-3, .max = 3600,
         .help = "Give up on --precision after so much time in samples; the row is then `unstable` (default: three "
                 "times --min-time)."},
        {LW_OPT_INT, "repetitions", 'r', "N", &c->repetitions, .min = 1, .max = LW_MAX_REPETITIONS,
         .help = "Exactly so many samples of each, instead of --min-time."},
        {LW_OPT_U64, "seed", 's', "N", &c->seed,
         .help = "Seed of the operands and of the order (default 1)."},
        {LW_OPT_TEXT, "cache", .value = &c->cache, .choices = LW_CACHE_CHOICES,
         .help = "Where a call finds its operands: hot (default), where the call before left them; cold, one of many "
                 "sets that take turns, too many for the last cache; weights-cold, filters and B of sgemm alone."},
        {LW_OPT_INT, "footprint", .arg = "MIB", .value = &c->footprint, .min = 1, .max = 1 << 20,
         .help = "Most memory for cold operands, in MiB (default 256)."},
        {LW_OPT_HEADING, .help = "Where it goes"},
        {LW_OPT_TEXT, "csv", 'c', "FILE|-", &c->csv,
         .help = "Also write the rows as CSV; `-` is standard output, and the table then goes to standard "
                 "error."},
        {LW_OPT_TEXT, "samples", .arg = "FILE", .value = &c->samples,
         .help = "Also write every sample as a row of CSV, the rejected ones too."},
        LW_GBENCH_OPTIONS(&c->flags),
        {.kind = LW_OPT_END}};
    if (!lw_options_parse(&usage, table, argc, argv, code)) return false;
    *code = LW_EXIT_USAGE;
    if (!lw_gbench_flags_check(&c->flags, "kernels")) return false;
    if (c->flags.format && c->csv && strcmp(c->csv, "-") == 0) {
        lw_fail(0, "kernels", "--csv - and --benchmark_format both want standard output; name a file for one");
        return false;
    }
    if (c->samples && strcmp(c->samples, "-") == 0) {
        lw_fail(0, "kernels", "--samples wants a file, got '-': standard output has the table");
        return false;
    }
    if (c->flags.repetitions) c->repetitions = c->flags.repetitions;
    if (c->flags.min_seconds > 0) c->min_time = c->flags.min_seconds;
    return true;
}

/* The problems of `op`: the one that was named, or the default list. NULL-terminated; `one` holds it. */
static const char *const *problems_of(const command *c, lw_op op, const char **one)
{
    if (!c->problem) return lw_problem_defaults(op, c->quick);
    one[0] = c->problem;
    one[1] = NULL;
    return one;
}

static const lw_column problem_columns[] = {{"op", 20}, {"problem", 40}, {"MFLOP", -10}, {"MB", -10}};

static int list_problem(command *c, const lw_problem *p)
{
    (void)c;
    char flop[32], bytes[32];
    const lw_cost cost = lw_problem_cost(p);
    snprintf(flop, sizeof flop, "%.4g", cost.flop * 1e-6);
    snprintf(bytes, sizeof bytes, "%.4g", cost.bytes * 1e-6);
    const char *cells[] = {lw_op_name(p->op), p->text, flop, bytes};
    if (lw_report_row(stdout, problem_columns, 4, cells)) return LW_EXIT_OK;
    return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write standard output");
}

/* The command that measures this row again. */
static void repeat_command(const command *c, const lw_measurement *m, const lw_problem *p, char *text,
                           size_t size)
{
    int n = snprintf(text, size, "bench kernels --kernel %s --op %s --problem %s --threads %d --seed %llu",
                     lw_kernel_set(m->kernel), lw_op_name(p->op), p->text, c->workers.size,
                     (unsigned long long)c->seed);
    if (n > 0 && (size_t)n < size) {
        if (c->repetitions)
            n += snprintf(text + n, size - (size_t)n, " --repetitions %d", c->repetitions);
        else
            n += snprintf(text + n, size - (size_t)n, " --min-time %g", c->timing.min_seconds);
        if (!c->repetitions && c->max_time > 0 && (size_t)n < size)
            n += snprintf(text + n, size - (size_t)n, " --max-time %g", c->max_time);
        if (c->timing.cache != LW_CACHE_HOT && (size_t)n < size)
            n += snprintf(text + n, size - (size_t)n, " --cache %s --footprint %d", c->cache, c->footprint);
        if ((size_t)n < size) n += snprintf(text + n, size - (size_t)n, " --precision %g", 100 * c->timing.precision);
        lw_peer_cap cap;
        if (m->kernel->library && (size_t)n < size && lw_sets_cap(&c->selection.sets, "kernels", c->peer_isa, &cap))
            snprintf(text + n, size - (size_t)n, " --peer-isa %s", lw_peer_cap_name(cap));
    }
}

/* A peer may use an ISA that is none of ours, which then has no peak here. A row above the peak makes us look again:
 * what was measured at start may have met a slow moment. */
static double peak_of(command *c, const lw_problem *p, lw_measurement *m)
{
    const lw_isa isa = m->kernel->isa;
    const double rate = 1e-9 * lw_problem_cost(p).executed / m->time.median;
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

/* The kernels for a problem: those of the selected sets whose names pass the filter. */
static int kernels_for(const command *c, const lw_problem *p, const lw_kernel **kernels)
{
    char name[LW_GBENCH_NAME];
    int count = lw_select_rows(&c->selection, p->op, &c->cpu, kernels, LW_MAX_VARIANTS), kept = 0;
    for (int i = 0; i < count; i++)
        if (lw_gbench_wanted(&c->flags, lw_gbench_name(p, kernels[i], c->threads, lw_cache_name(c->timing.cache), name, sizeof name)))
            kernels[kept++] = kernels[i];
    return kept;
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
                       c->flags.out ? c->flags.out : "Google Benchmark's report to standard output");
    if (c->samples_csv && !lw_samples_report_add(c->samples_csv, p, m, c->workers.size))
        return lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", lw_csv_error(c->samples_csv));
    return LW_EXIT_OK;
}

static int measure_problem(command *c, const lw_problem *p)
{
    const lw_kernel *kernels[LW_MAX_VARIANTS];
    lw_measurement results[LW_MAX_VARIANTS];
    int count = kernels_for(c, p, kernels);
    if (count == 0) return LW_EXIT_OK;
    int code =
        lw_measure(p, kernels, count, lw_select_dispatched(LW_ISA_SCALAR, p->op, &c->cpu),
                   lw_select_dispatched(LW_ISA_AUTOVEC, p->op, &c->cpu), &c->timing, &c->workers, results);
    if (code == LW_EXIT_MEMORY)
        return lw_fail(code, "kernels", "out of memory for %s %s", lw_op_name(p->op), p->text);
    lw_ceilings_look_again(&c->ceilings, &c->workers);
    for (int i = 0; i < count && code == LW_EXIT_OK; i++) {
        char repeat[512];
        if (results[i].verdict.declined) continue;
        tell_of_cap(c, &results[i]);
        repeat_command(c, &results[i], p, repeat, sizeof repeat);
        if (!results[i].verdict.pass) {
            c->failed++;
            lw_fail(
                0, "kernels",
                "%s %s %s is wrong: %s\n  repeat: bench check --kernel %s --op %s --problem %s --seed %llu",
                lw_kernel_set(kernels[i]), kernels[i]->name, p->text, results[i].verdict.detail,
                lw_kernel_set(kernels[i]), lw_op_name(p->op), p->text, (unsigned long long)c->seed);
        }
        if (!lw_kernels_report_row(c->report, p, &results[i], peak_of(c, p, &results[i]), repeat))
            return lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", lw_kernels_report_error(c->report));
        code = report_aside(c, p, &results[i], i);
    }
    c->problems++;
    return code;
}

typedef int problem_fn(command *c, const lw_problem *p);

static int for_each_problem(command *c, problem_fn *f)
{
    for (int op = 0; op < LW_OP_COUNT; op++) {
        const char *one[2];
        for (const char *const *p = problems_of(c, (lw_op)op, one); c->selection.op[op] && *p; p++) {
            lw_problem problem;
            char err[512];
            if (!lw_problem_parse((lw_op)op, *p, &problem, err, sizeof err))
                return lw_fail(LW_EXIT_USAGE, "kernels", "%s", err);
            int code = f(c, &problem);
            if (code != LW_EXIT_OK) return code;
        }
    }
    return LW_EXIT_OK;
}

/* Counts the names, finds the longest, and prints them if that is all that was asked for. */
static int survey(command *c, const lw_problem *p)
{
    const lw_kernel *kernels[LW_MAX_VARIANTS];
    const int count = kernels_for(c, p, kernels);
    for (int i = 0; i < count; i++) {
        char name[LW_GBENCH_NAME];
        const int length = (int)strlen(lw_gbench_name(p, kernels[i], c->threads, lw_cache_name(c->timing.cache), name, sizeof name));
        if (length > c->longest_name) c->longest_name = length;
        if (c->flags.list_tests) puts(name);
    }
    c->names += count;
    return LW_EXIT_OK;
}

static int find_names(command *c)
{
    if (!lw_sets_open(&c->selection.sets, "kernels", c->peer_isa, c->threads)) return LW_EXIT_USAGE;
    const int code = for_each_problem(c, survey);
    if (code == LW_EXIT_OK && c->names == 0 && c->flags.filter)
        return lw_fail(LW_EXIT_USAGE, "kernels", "--benchmark_filter '%s' matches no name (--benchmark_list_tests prints them)",
                       c->flags.filter);
    return code;
}

/* ---------------------------------------------------------------- the command */

static int start_workers(command *c)
{
    c->topology = lw_topology_new();
    if (!c->topology) return lw_fail(LW_EXIT_MEMORY, "kernels", "cannot read this machine's topology");
    return lw_workers_start(&c->workers, c->topology, "kernels", c->bind, c->threads);
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
    c->report = lw_kernels_report_new(c->csv, environment, &c->workers, &c->selection, err, sizeof err);
    if (!c->report) return lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", err);
    if (c->flags.format) lw_kernels_report_table(c->report, stderr);
    if (c->samples && !(c->samples_csv = lw_samples_report_open(c->samples, err, sizeof err)))
        return lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", err);
    add_context(c);
    c->gbench = lw_gbench_flags_open(&c->flags, c->longest_name, err, sizeof err);
    return !c->gbench && err[0] ? lw_fail(LW_EXIT_OUTPUT, "kernels", "%s", err) : LW_EXIT_OK;
}

/* Closes them all, and adds what could not be written to `code`. */
static int close_reports(command *c, int code)
{
    const bool gbench = lw_gbench_report_close(c->gbench), samples = lw_csv_close(c->samples_csv);
    const bool rows = !c->report || lw_kernels_report_close(c->report);
    if (code != LW_EXIT_OK) return code;
    if (!rows) return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write %s", c->csv ? c->csv : "standard output");
    if (!samples) return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write %s", c->samples);
    if (!gbench)
        return lw_fail(LW_EXIT_OUTPUT, "kernels", "cannot write %s", c->flags.out ? c->flags.out : "standard output");
    return LW_EXIT_OK;
}

static void measure_ceilings(command *c)
{
    bool wanted[LW_ISA_COUNT];
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) wanted[isa] = needs_peak(c, (lw_isa)isa);
    if (c->workers.size > 1) {
        lw_capacity_init(&c->capacity, &c->workers);
        c->timing.capacity = &c->capacity;
        c->timing.patience = c->quick ? 1 : 3;
    }
    lw_ceilings_measure(&c->ceilings, &c->workers, wanted, c->quick);
    lw_kernels_report_ceilings(c->report, &c->ceilings);
    /* Twice the last cache: one that keeps what is used most still misses most of it. */
    const size_t last = c->ceilings.capacity[c->ceilings.capacity[LW_LEVEL_L3] ? LW_LEVEL_L3 : LW_LEVEL_L2];
    c->timing.cold_bytes = 2 * last;
    c->timing.most_bytes = (size_t)c->footprint << 20;
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
    lw_kernels_report_head(c->report, c->ceilings.gflops);
    code = for_each_problem(c, measure_problem);
    const int rows = lw_kernels_report_rows(c->report);
    code = close_reports(c, code);
    if (code == LW_EXIT_INTERRUPTED)
        lw_fail(0, "kernels", "interrupted; %d row%s kept", rows, rows == 1 ? "" : "s");
    if (code == LW_EXIT_OK && rows == 0) code = lw_fail(LW_EXIT_FAILED, "kernels", "nothing was measured");
    if (code == LW_EXIT_OK && c->failed)
        code = lw_fail(LW_EXIT_FAILED, "kernels", "%d of %d rows FAILED their check", c->failed, rows);
    return code;
}

int lw_cmd_kernels(int argc, char **argv)
{
    command c = {.threads = 1, .seed = 1, .cache = "hot", .footprint = 256, .flags = LW_GBENCH_DEFAULTS};
    int code;
    if (!parse(&c, argc, argv, &code)) return code;
    if (!lw_select(&c.selection, "kernels", c.kernel, "auto", c.op, c.problem)) return LW_EXIT_USAGE;
    c.cpu = lw_cpu_detect();
    if (c.list_problems) {
        lw_report_head(stdout, problem_columns, 4);
        return for_each_problem(&c, list_problem);
    }
    c.timing = (lw_timing){.sample_seconds = 2e-3,
                           .min_seconds = c.min_time > 0 ? c.min_time
                                          : c.quick      ? 0.06
                                                         : 0.3,
                           .min_samples = c.quick ? 7 : 15,
                           .precision = (c.precision > 0 ? c.precision : c.quick ? 5 : 3) / 100,
                           .max_seconds = c.max_time,
                           .repetitions = c.repetitions,
                           .cache = lw_cache_parse(c.cache),
                           .in_order = !c.flags.interleave,
                           .seed = c.seed};
    code = find_names(&c);
    if (code == LW_EXIT_OK && !c.flags.list_tests) {
        lw_interrupt_catch();
        code = run(&c);
    }
    lw_gbench_flags_free(&c.flags);
    lw_topology_free(c.topology);
    return code;
}
