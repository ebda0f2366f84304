/* SPDX-License-Identifier: BSD-3-Clause
 * compare.c: `bench compare`: our kernels beside those of other libraries, on the same problems, interleaved. */
#include "harness/commands.h"

#include "harness/compare.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "harness/machine/peak.h"
#include "harness/variants.h"

#include <math.h>
#include <string.h>

typedef struct command {
    /* options */
    const char *kernel, *op, *problem, *batch, *variant, *peer_isa;
    lw_sink_options sinks;
    int threads, repetitions;
    double min_time;
    uint64_t seed;
    bool quick;
    /* state */
    lw_selection selection;
    lw_worklist work;
    lw_variants variants;
    lw_peer_cap cap;
    lw_cpu cpu;
    lw_topology *topology;
    lw_workers workers;
    lw_timing timing;
    lw_capacity capacity;
    double peak[LW_ISA_COUNT];
    lw_compare_report *report;
    lw_tallies tallies;
    int failed;
} command;

static const lw_usage usage = {
    "compare", "[options]",
    "Measures our kernels and those of OpenBLAS, BLIS, oneDNN and libxsmm on the same problems and operands, in the "
    "same process and in turns, each checked against the fp64 reference first. The first set named is the base; "
    "every other kernel is shown with how many times faster the base is.",
    "Table\n"
    "  ours is  median over the rounds of (their time / the base's time in the same round); above 1 ours is faster\n"
    "  95 %     interval of that median, by order statistics; where it holds 1: not distinguishable\n"
    "  Then geometric means per op against each contestant, and against the best peer of each problem.\n"
    "\n"
    "Peers\n"
    "  oneDNN chooses its own layouts; primitives and reorders are made before the clock starts, and what it leaves\n"
    "  is brought back to our layouts before it is checked. Bias and ReLU are fused as in ours. Libraries with\n"
    "  threads of their own are called from a thread that is not bound, while ours sleep.\n"
    "  Only ops that some peer offers are measured; --op names fewer. `bench list` shows which those are. With\n"
    "  --variant no peer needs to be there, and ops of which no peer but a variant is named are measured as well.\n"
    "\n"
    "Examples\n"
    "  bench compare\n"
    "  bench compare --op sgemm --threads 2 --csv sgemm.csv\n"
    "  bench compare --kernel avx2,onednn --op conv2d_fwd --problem mb64ic32ih13oc64oh11kh3ph0\n"
    "  bench compare --kernel avx2,onednn --variant conv2d_fwd_winograd_2x2 --op conv2d_fwd\n"
    "  bench compare --peer-isa any                ours against whatever the libraries choose\n"
    "\n"
    "Exit codes\n"
    "  0 all measured   1 a kernel failed its check, or nothing was measured\n"
    "  2 wrong option, kernel or problem, or no peer is there\n"
    "  4 a file or standard output cannot be written   6 out of memory   130 interrupted, rows kept\n",
    0};

static bool parse(command *c, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to compare"},
        {LW_OPT_TEXT, "kernel", 'k', "K[,K...]", &c->kernel,
         .help = "Kernel sets, the base first: names that `bench list` shows, auto, all, peers (default: auto,peers)."},
        {LW_OPT_TEXT, "peer-isa", .arg = "ISA", .value = &c->peer_isa, .choices = LW_PEER_ISA_CHOICES,
         .help = LW_PEER_ISA_HELP},
        {LW_OPT_TEXT, "op", 'o', "OP[,OP...]", &c->op, .help = "These ops only (default: all that a peer offers)."},
        {LW_OPT_TEXT, "problem", 'p', "P", &c->problem, .help = LW_PROBLEM_HELP},
        {LW_OPT_TEXT, "batch", 'b', "FILE", &c->batch, .help = LW_BATCH_HELP},
        {LW_OPT_TEXT, "variant", .arg = "NAME[,NAME...]", .value = &c->variant,
         .help = "Beside what our sets call by themselves also these rows of theirs, where they serve."},
        {LW_OPT_FLAG, "quick", 'q', .value = &c->quick, .help = "The first problems of each op, fewer samples."},
        {LW_OPT_HEADING, .help = "How to measure"},
        {LW_OPT_INT, "threads", 't', "N", &c->threads, .min = 1, .max = 1024,
         .help = "Threads for ours and for theirs (default 1)."},
        {LW_OPT_REAL, "min-time", .arg = "SECONDS", .value = &c->min_time, .min = 1e-3, .max = 3600,
         .help = "Time in samples per kernel and problem (default 0.3, with --quick 0.06)."},
        {LW_OPT_INT, "repetitions", 'r', "N", &c->repetitions, .min = 1, .max = LW_MAX_REPETITIONS,
         .help = "Exactly so many rounds, instead of --min-time."},
        {LW_OPT_U64, "seed", 's', "N", &c->seed, .help = "Seed of the operands and of the order (default 1)."},
        {LW_OPT_HEADING, .help = "Where it goes"},
        LW_SINK_OPTIONS(c->sinks),
        {.kind = LW_OPT_END}};
    return lw_options_parse(&usage, table, argc, argv, code);
}

/* ---------------------------------------------------------------- rows */

/* Of a set of ours what dispatch takes, and what is named beside it; of a peer all. Returns the new count. */
static int add_set(const command *c, int set, const lw_problem *p, const lw_kernel **out, int count)
{
    size_t rows;
    const lw_kernel *row = lw_set_rows(set, &rows);
    const lw_kernel *own = lw_set_is_peer(set) ? NULL : lw_select_dispatched((lw_isa)set, p->op, &c->cpu);
    if (own && count < LW_MAX_VARIANTS) out[count++] = own;
    for (size_t r = 0; r < rows && count < LW_MAX_VARIANTS; r++) {
        const bool wanted = row[r].library || (lw_variants_have(&c->variants, &row[r]) && lw_kernel_serves(&row[r], p));
        if (row[r].op == p->op && &row[r] != own && wanted) out[count++] = &row[r];
    }
    return count;
}

/* The kernels for a problem, the base first. 0: nothing to compare. */
static int contestants(const command *c, const lw_problem *p, const lw_kernel **out)
{
    int count = 0, others = 0;
    for (int i = 0; i < c->selection.sets.count; i++) count = add_set(c, c->selection.sets.set[i], p, out, count);
    for (int i = 0; i < count; i++) others += out[i]->library || lw_variants_have(&c->variants, out[i]);
    return others > 0 && count > 1 ? count : 0;
}

/* A row above the peak makes us look again: what was measured at start may have met a slow moment. */
static double peak_of(command *c, const lw_problem *p, const lw_compared *row)
{
    const lw_isa isa = row->kernel->isa;
    if (isa >= LW_ISA_COUNT) return NAN;
    const double rate = 1e-9 * lw_kernel_cost(row->kernel, p).executed / row->time.median;
    return c->peak[isa] = lw_peak_raise(&c->workers, isa, c->peak[isa], rate, 100);
}

static void repeat_command(const command *c, const lw_problem *p, const lw_kernel *base, const lw_kernel *k, char *text,
                           size_t size)
{
    char how[48], which[96] = "";
    if (lw_variants_have(&c->variants, k)) snprintf(which, sizeof which, " --variant %s", k->name);
    if (c->repetitions)
        snprintf(how, sizeof how, "--repetitions %d", c->repetitions);
    else
        snprintf(how, sizeof how, "--min-time %g", c->timing.min_seconds);
    snprintf(text, size, "bench %s --kernel %s%s%s --peer-isa %s --op %s --problem %s%s --threads %d --seed %llu %s",
             k == base ? "kernels" : "compare", lw_kernel_set(base), k == base ? "" : ",", k == base ? "" : lw_kernel_set(k),
             lw_peer_cap_name(c->cap), lw_op_name(p->op), p->text, which, c->workers.size, (unsigned long long)c->seed, how);
}

static void report_failure(command *c, const lw_problem *p, const lw_compared *row)
{
    c->failed++;
    lw_fail(0, "compare", "%s/%s is wrong on %s %s: %s\n  repeat: bench check --kernel %s --peer-isa %s --op %s --problem %s --seed %llu",
            row->kernel->name, lw_kernel_set(row->kernel), lw_op_name(p->op), p->text, row->verdict.detail,
            lw_kernel_set(row->kernel), lw_peer_cap_name(c->cap), lw_op_name(p->op), p->text, (unsigned long long)c->seed);
}

static const char *against_of(const command *c, const lw_kernel *k)
{
    return lw_variants_have(&c->variants, k) ? k->name : lw_kernel_set(k);
}

static int report_problem(command *c, const char *name, const lw_problem *p, const lw_compared *rows, int count)
{
    const lw_kernel *base = rows[0].kernel;
    const int best = lw_compare_best_peer(rows, count);
    for (int i = 0; i < count; i++) {
        char repeat[512];
        if (rows[i].verdict.declined) continue;
        if (!rows[i].verdict.pass) report_failure(c, p, &rows[i]);
        repeat_command(c, p, base, rows[i].kernel, repeat, sizeof repeat);
        const lw_compare_line line = {name, p, &rows[i], base, i == best, peak_of(c, p, &rows[i]), repeat};
        if (!lw_compare_report_row(c->report, &line))
            return lw_fail(LW_EXIT_OUTPUT, "compare", "%s", lw_compare_report_error(c->report));
        lw_tallies_add(&c->tallies, p->op, against_of(c, rows[i].kernel), &rows[i].ratio);
    }
    if (best >= 0) lw_tallies_add(&c->tallies, p->op, "best peer", &rows[best].ratio);
    return LW_EXIT_OK;
}

static int compare_problem(command *c, const lw_work *work)
{
    const lw_problem *p = &work->problem;
    const lw_kernel *kernels[LW_MAX_VARIANTS];
    const int count = contestants(c, p, kernels);
    if (count == 0) return LW_EXIT_OK;
    lw_compared rows[LW_MAX_VARIANTS];
    int code = lw_compare_problem(p, kernels, count, &c->timing, &c->workers, rows);
    if (code == LW_EXIT_MEMORY)
        return lw_fail(code, "compare", "out of memory for %s %s", lw_op_name(p->op), p->text);
    return code == LW_EXIT_OK ? report_problem(c, work->name, p, rows, count) : code;
}

static int compare_all(command *c)
{
    for (int i = 0; i < c->work.count; i++) {
        const int code = compare_problem(c, &c->work.item[i]);
        if (code != LW_EXIT_OK) return code;
    }
    return LW_EXIT_OK;
}

/* ---------------------------------------------------------------- the command */

static int require_contestants(const command *c)
{
    int peers = 0;
    for (int i = 0; i < c->selection.sets.count; i++) peers += lw_set_is_peer(c->selection.sets.set[i]);
    if (c->variant) return LW_EXIT_OK;
    if (peers == 0)
        return lw_fail(LW_EXIT_USAGE, "compare", "no peer among '%s' is there (bench list says why; ./scripts/peers.sh installs them)",
                       c->selection.kernel);
    if (c->selection.sets.count < 2)
        return lw_fail(LW_EXIT_USAGE, "compare", "--kernel wants two sets or more, got '%s'", c->selection.kernel);
    return LW_EXIT_OK;
}

/* Peers are opened before our threads are bound, because theirs inherit the CPUs of the thread that opens them. */
static int start(command *c)
{
    c->topology = lw_topology_new();
    if (!c->topology) return lw_fail(LW_EXIT_MEMORY, "compare", "cannot read this machine's topology");
    const lw_machine *m = lw_topology_machine(c->topology);
    if (c->threads > m->usable_cpus)
        return lw_fail(LW_EXIT_USAGE, "compare",
                       "--threads wants a whole number from 1 to %d, got '%d': this process may use %d CPU%s",
                       m->usable_cpus, c->threads, m->usable_cpus, m->usable_cpus == 1 ? "" : "s");
    if (!lw_sets_open(&c->selection.sets, "compare", c->peer_isa, c->threads)) return LW_EXIT_USAGE;
    int code = require_contestants(c);
    if (code != LW_EXIT_OK) return code;
    if (!lw_workers_init(&c->workers, c->topology, c->threads))
        return lw_fail(LW_EXIT_USAGE, "compare", "cannot start %d threads; is OMP_THREAD_LIMIT set?", c->threads);
    if (!c->workers.bound)
        lw_fail(0, "compare", "notice: threads cannot be bound to CPUs here; times will vary more");
    return LW_EXIT_OK;
}

static void measure_peaks(command *c)
{
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) c->peak[isa] = NAN;
    for (int i = 0; i < c->selection.sets.count; i++) {
        size_t count;
        const lw_kernel *rows = lw_set_rows(c->selection.sets.set[i], &count);
        const lw_isa isa = count > 0 ? rows[0].isa : LW_ISA_COUNT;
        if (isa < LW_ISA_COUNT && isnan(c->peak[isa])) c->peak[isa] = lw_peak_gflops(&c->workers, isa);
    }
}

static int run(command *c)
{
    int code = start(c);
    if (code != LW_EXIT_OK) return code;
    lw_environment environment = lw_environment_now(lw_topology_machine(c->topology));
    lw_environment_team(&environment, &c->workers);
    char err[512];
    c->report = lw_compare_report_new(&c->sinks, &environment, &c->workers, &c->selection, &code, err, sizeof err);
    if (!c->report) return lw_fail(code, "compare", "%s", err);
    if (c->workers.size > 1) {
        lw_capacity_init(&c->capacity, &c->workers);
        c->timing.capacity = &c->capacity;
        c->timing.patience = c->quick ? 1 : 3;
    }
    measure_peaks(c);
    code = lw_compare_report_head(c->report, c->peak, lw_peer_cap_name(c->cap))
               ? compare_all(c)
               : lw_fail(LW_EXIT_OUTPUT, "compare", "%s", lw_compare_report_error(c->report));
    const int rows = lw_compare_report_rows(c->report);
    if (code == LW_EXIT_OK && rows > 0 && !lw_compare_report_tallies(c->report, &c->tallies))
        code = lw_fail(LW_EXIT_OUTPUT, "compare", "%s", lw_compare_report_error(c->report));
    if (!lw_compare_report_close(c->report) && code == LW_EXIT_OK)
        code = lw_fail(LW_EXIT_OUTPUT, "compare", "cannot write the rows");
    if (code == LW_EXIT_INTERRUPTED)
        lw_fail(0, "compare", "interrupted; %d row%s kept", rows, rows == 1 ? "" : "s");
    if (code == LW_EXIT_OK && rows == 0)
        code = lw_fail(LW_EXIT_FAILED, "compare", "nothing was measured: no peer offers these ops (bench list)");
    if (code == LW_EXIT_OK && c->failed)
        code = lw_fail(LW_EXIT_FAILED, "compare", "%d of %d rows FAILED their check", c->failed, rows);
    return code;
}

int lw_cmd_compare(int argc, char **argv)
{
    char typed[4096];
    command c = {.threads = 1, .seed = 1};
    c.sinks.command = lw_command_line(argc, argv, typed, sizeof typed);
    int code;
    if (!parse(&c, argc, argv, &code)) return code;
    if (!lw_select(&c.selection, "compare", c.kernel ? c.kernel : "auto,peers", NULL, c.op, c.problem)) return LW_EXIT_USAGE;
    if (!lw_sets_cap(&c.selection.sets, "compare", c.peer_isa, &c.cap)) return LW_EXIT_USAGE;
    c.cpu = lw_cpu_detect();
    c.timing = (lw_timing){.sample_seconds = 2e-3,
                           .min_seconds = c.min_time > 0 ? c.min_time
                                          : c.quick      ? 0.06
                                                         : 0.3,
                           .min_samples = c.quick ? 7 : 15,
                           .repetitions = c.repetitions,
                           .seed = c.seed};
    code = lw_worklist_make(&c.work, &c.selection, c.batch, c.quick);
    if (code == LW_EXIT_OK) code = lw_variants_make(&c.variants, c.variant, &c.selection, &c.work);
    if (code == LW_EXIT_OK) {
        lw_interrupt_catch();
        code = run(&c);
    }
    lw_worklist_free(&c.work);
    lw_topology_free(c.topology);
    return code;
}
