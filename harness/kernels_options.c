/* SPDX-License-Identifier: BSD-3-Clause
 * kernels_options.c: the command line of `bench kernels`, read and written. */
#include "harness/kernels_options.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/timing/passes.h"
#include "harness/worklist.h"

#include <string.h>

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
    "  bench kernels --op sgemm --problem 'NxN:NxN N=16..2048*2'\n"
    "  bench kernels --batch experiments/problems/lenet5.txt --out results\n"
    "  bench kernels --list-problems\n"
    "  bench kernels --op sgemm --benchmark_out=new.json --benchmark_repetitions=20\n"
    "  compare.py benchmarks old.json new.json  (Google Benchmark's tools/compare.py)\n"
    "\n"
    "Exit codes\n"
    "  0 all measured   1 a kernel failed its check   2 wrong option, kernel or problem\n"
    "  4 a file or standard output cannot be written   6 out of memory   130 interrupted, rows kept\n",
    0};

bool lw_kernels_options_parse(lw_kernels_options *o, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to measure"},
        {LW_OPT_TEXT, "kernel", 'k', "K", &o->kernel,
         .help = "Kernel sets, separated by commas: names that `bench list` shows, auto, all, peers (default: "
                 "the environment's LANEWISE_KERNEL, else auto, the best hand-written set that this CPU runs)."},
        {LW_OPT_TEXT, "peer-isa", .arg = "ISA", .value = &o->peer_isa, .choices = LW_PEER_ISA_CHOICES,
         .help = LW_PEER_ISA_HELP},
        {LW_OPT_TEXT, "op", 'o', "OP[,OP...]", &o->op, .help = "These ops only (default: all)."},
        {LW_OPT_TEXT, "problem", 'p', "P", &o->problem, .help = LW_PROBLEM_HELP},
        {LW_OPT_TEXT, "batch", 'b', "FILE", &o->batch, .help = LW_BATCH_HELP},
        {LW_OPT_TEXT, "variant", .arg = "NAME[,NAME...]", .value = &o->variant,
         .help = "Of our sets these rows only, where they serve (default: all rows)."},
        {LW_OPT_FLAG, "quick", 'q', .value = &o->quick,
         .help = "The first problems of each op, fewer samples."},
        {LW_OPT_FLAG, "list-problems", .value = &o->list_problems, .help = "Print the problems and exit."},
        {LW_OPT_HEADING, .help = "How to measure"},
        {LW_OPT_INT, "threads", 't', "N", &o->threads, .min = 1, .max = 1024,
         .help = "Threads, each bound to a CPU: one per physical core first (default 1)."},
        {LW_OPT_TEXT, "bind", 'B', "HOW", &o->bind, .help = LW_BIND_HELP},
        {LW_OPT_REAL, "min-time", .arg = "SECONDS", .value = &o->min_time, .min = 1e-3, .max = 3600,
         .help = "Time in samples per kernel and problem (default 0.3, with --quick 0.06)."},
        {LW_OPT_REAL, "precision", .arg = "PERCENT", .value = &o->precision, .min = 0.01, .max = 100,
         .help = "Go on until the 95 % interval of the median is no wider than this, in % of the median (default 3, "
                 "with --quick 5)."},
        {LW_OPT_REAL, "max-time", .arg = "SECONDS", .value = &o->max_time, .min = 1e-3, .max = 3600,
         .help = "Give up on --precision after so much time in samples; the row is then `unstable` (default: three "
                 "times --min-time)."},
        {LW_OPT_INT, "repetitions", 'r', "N", &o->repetitions, .min = 1, .max = LW_MAX_REPETITIONS,
         .help = "Exactly so many samples of each, instead of --min-time."},
        {LW_OPT_INT, "passes", .arg = "N", .value = &o->passes, .min = 1, .max = LW_MAX_PASSES,
         .help = "Spread the samples over so many passes, some problems apart and on other pages, so that their interval "
                 "holds what differs from run to run (default 4)."},
        {LW_OPT_U64, "seed", 's', "N", &o->seed,
         .help = "Seed of the operands and of the order (default 1)."},
        {LW_OPT_TEXT, "cache", .value = &o->cache, .choices = LW_CACHE_CHOICES,
         .help = "Where a call finds its operands: hot (default), where the call before left them; cold, one of many "
                 "sets that take turns, too many for the last cache; weights-cold, filters and B of sgemm alone."},
        {LW_OPT_INT, "footprint", .arg = "MIB", .value = &o->footprint, .min = 1, .max = 1 << 20,
         .help = "Most memory for cold operands, in MiB (default 256)."},
        {LW_OPT_HEADING, .help = "Where it goes"},
        LW_SINK_OPTIONS(o->sinks),
        {LW_OPT_TEXT, "samples", .arg = "FILE", .value = &o->samples,
         .help = "Also write every sample as a row of CSV, the rejected ones too."},
        LW_GBENCH_OPTIONS(&o->flags),
        {.kind = LW_OPT_END}};
    if (!lw_options_parse(&usage, table, argc, argv, code)) return false;
    *code = LW_EXIT_USAGE;
    if (!lw_gbench_flags_check(&o->flags, "kernels")) return false;
    if (o->flags.format && lw_sinks_want_stdout(&o->sinks)) {
        lw_fail(0, "kernels", "`-` and --benchmark_format both want standard output; name a file for one");
        return false;
    }
    if (o->samples && strcmp(o->samples, "-") == 0) {
        lw_fail(0, "kernels", "--samples wants a file, got '-': standard output has the table");
        return false;
    }
    if (o->flags.repetitions) o->repetitions = o->flags.repetitions;
    if (o->flags.min_seconds > 0) o->min_time = o->flags.min_seconds;
    return true;
}

lw_timing lw_kernels_timing(const lw_kernels_options *o)
{
    return (lw_timing){.sample_seconds = 2e-3,
                           .min_seconds = o->min_time > 0 ? o->min_time
                                          : o->quick      ? 0.06
                                                         : 0.3,
                           .min_samples = o->quick ? 9 : 15,
                           .precision = (o->precision > 0 ? o->precision : o->quick ? 5 : 3) / 100,
                           .max_seconds = o->max_time,
                           .repetitions = o->repetitions,
                           .passes = o->passes,
                           .cache = lw_cache_parse(o->cache),
                           .in_order = !o->flags.interleave,
                           .seed = o->seed};
}

void lw_kernels_repeat(const lw_kernels_options *o, const lw_selection *s, const lw_measurement *m, const lw_problem *p,
                       char *text, size_t size)
{
    const lw_timing timing = lw_kernels_timing(o);
    int n = snprintf(text, size, "bench kernels --kernel %s --op %s --problem %s --threads %d --seed %llu",
                     lw_kernel_set(m->kernel), lw_op_name(p->op), p->text, o->threads,
                     (unsigned long long)o->seed);
    if (n > 0 && (size_t)n < size) {
        if (o->repetitions)
            n += snprintf(text + n, size - (size_t)n, " --repetitions %d", o->repetitions);
        else
            n += snprintf(text + n, size - (size_t)n, " --min-time %g", timing.min_seconds);
        if (!o->repetitions && o->max_time > 0 && (size_t)n < size)
            n += snprintf(text + n, size - (size_t)n, " --max-time %g", o->max_time);
        if (o->passes != LW_KERNELS_PASSES && (size_t)n < size)
            n += snprintf(text + n, size - (size_t)n, " --passes %d", o->passes);
        if (timing.cache != LW_CACHE_HOT && (size_t)n < size)
            n += snprintf(text + n, size - (size_t)n, " --cache %s --footprint %d", o->cache, o->footprint);
        if ((size_t)n < size) n += snprintf(text + n, size - (size_t)n, " --precision %g", 100 * timing.precision);
        lw_peer_cap cap;
        if (m->kernel->library && (size_t)n < size && lw_sets_cap(&s->sets, "kernels", o->peer_isa, &cap))
            snprintf(text + n, size - (size_t)n, " --peer-isa %s", lw_peer_cap_name(cap));
    }
}
