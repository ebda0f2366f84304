/* SPDX-License-Identifier: BSD-3-Clause
 * check.c: `bench check`: every kernel over the sweep of awkward problems, against the fp64 reference. */
#include "harness/commands.h"

#include "harness/records/csv.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "harness/records/report.h"
#include "harness/select.h"
#include "harness/sweep.h"
#include "harness/timing/timing.h"

#include <string.h>

typedef struct command {
    /* options */
    const char *kernel, *op, *problem, *csv, *peer_isa;
    uint64_t seed;
    int extra;
    bool quick;
    /* state */
    lw_selection selection;
    lw_cpu cpu;
    lw_csv *rows;
    FILE *out; /* the table */
    int kernels, failed, skipped;
} command;

/* What one kernel's cases came to. */
typedef struct outcome {
    const lw_kernel *kernel;
    int64_t cases;
    double worst, seconds;
    bool failed;
    int code; /* not LW_EXIT_OK: the check could not go on */
} outcome;

static const lw_usage usage = {
    "check", "[options]",
    "Checks kernels against the fp64 reference, inside the error bound that each op's contract states: a "
    "sweep of awkward sizes (each dimension from 1 past twice the tile, strides larger than rows) and "
    "random ones, with small integers (exact), random and pathological values, and buffers that end and "
    "begin at protected pages.",
    NULL, 0};

static void print_syntax(void)
{
    printf("\nProblems, for --problem\n");
    for (int op = 0; op < LW_OP_COUNT; op++)
        printf("  %-19s %s\n", lw_op_name((lw_op)op), lw_problem_syntax((lw_op)op));
    printf("\n"
           "Examples\n"
           "  bench check                                    every set that this machine runs\n"
           "  bench check --kernel avx2 --op sgemm,conv2d_fwd\n"
           "  bench check --kernel avx2 --extra 1000 --seed 7\n"
           "\n"
           "Exit codes\n"
           "  0 all kernels are right   1 a kernel is wrong, or no case ran\n"
           "  2 wrong option, kernel or problem\n"
           "  4 the CSV or standard output cannot be written   6 out of memory   130 interrupted\n");
}

static bool parse(command *c, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to check"},
        {LW_OPT_TEXT, "kernel", 'k', "K", &c->kernel,
         .help = "Kernel sets, separated by commas: names that `bench list` shows, auto, all, peers (default: "
                 "the environment's LANEWISE_KERNEL, else all of ours that this machine runs)."},
        {LW_OPT_TEXT, "peer-isa", .arg = "ISA", .value = &c->peer_isa, .choices = LW_PEER_ISA_CHOICES,
         .help = LW_PEER_ISA_HELP},
        {LW_OPT_TEXT, "op", 'o', "OP[,OP...]", &c->op, .help = "These ops only (default: all)."},
        {LW_OPT_TEXT, "problem", 'p', "P", &c->problem,
         .help = "This problem instead of the sweep, with every kind of values and placement."},
        {LW_OPT_HEADING, .help = "How"},
        {LW_OPT_FLAG, "quick", 'q', .value = &c->quick,
         .help = "One kind of values and placement per problem, in turn."},
        {LW_OPT_INT, "extra", 'x', "N", &c->extra, .min = 0, .max = 1e6,
         .help = "Random problems per kernel after the sweep (default 50, with --quick 10)."},
        {LW_OPT_U64, "seed", 's', "N", &c->seed, .help = "Seed of values and random problems (default 1)."},
        {LW_OPT_HEADING, .help = "Where it goes"},
        {LW_OPT_TEXT, "csv", 'c', "FILE|-", &c->csv,
         .help = "Also write a CSV row per kernel; `-` is standard output, and the table then goes to "
                 "standard error."},
        {.kind = LW_OPT_END}};
    return lw_options_parse(&usage, table, argc, argv, code);
}

/* ---------------------------------------------------------------- cases */

static void report_failure(const command *c, const lw_kernel *k, const lw_problem *p, lw_setting s,
                           const char *detail)
{
    char setting[96];
    fprintf(stderr,
            "bench check: %s/%s is wrong on %s %s\n"
            "  with %s: %s\n"
            "  repeat: bench check --kernel %s --op %s --problem %s --seed %llu\n",
            k->name, lw_kernel_set(k), lw_op_name(p->op), p->text,
            lw_setting_describe(s, setting, sizeof setting), detail, lw_kernel_set(k), lw_op_name(p->op),
            p->text, (unsigned long long)c->seed);
}

/* Peers promise nothing of NaN and denormals, nor that they read no byte past an operand. */
static bool within_peers_contract(lw_setting s)
{
    return s.fill != LW_FILL_PATHOLOGICAL && (s.placement == LW_PLACE_ALIGNED || s.placement == LW_PLACE_OFFSET);
}

/* One case; false: the kernel's check ends here. */
static bool check_case(const command *c, const lw_problem *p, lw_setting s, outcome *o)
{
    if (o->kernel->library && !within_peers_contract(s)) return true;
    if (lw_interrupted()) {
        o->code = LW_EXIT_INTERRUPTED;
        return false;
    }
    lw_case *operands = lw_case_new(p, s, c->seed);
    if (!operands) {
        o->code = lw_fail(LW_EXIT_MEMORY, "check", "out of memory for %s %s", lw_op_name(p->op), p->text);
        return false;
    }
    lw_verdict v = lw_case_check(operands, o->kernel);
    lw_case_free(operands);
    if (v.declined) return true;
    o->cases++;
    if (v.worst > o->worst) o->worst = v.worst;
    if (v.pass) return true;
    o->failed = true;
    report_failure(c, o->kernel, p, s, v.detail);
    return false;
}

/* All settings of one problem, or with `quick` the one whose turn it is. */
static bool check_problem(const command *c, const lw_problem *p, size_t index, bool quick, outcome *o)
{
    if (quick) return check_case(c, p, lw_setting_at(index * 5, index), o);
    for (size_t i = 0; i < LW_SETTINGS; i++)
        if (!check_case(c, p, lw_setting_at(i, index), o)) return false;
    return true;
}

typedef struct named_check {
    const command *c;
    outcome *o;
} named_check;

static bool check_named(void *context, const char *text)
{
    const named_check *n = context;
    lw_problem p;
    char err[512];
    if (!lw_problem_parse(n->o->kernel->op, text, &p, err, sizeof err)) {
        n->o->code = lw_fail(LW_EXIT_USAGE, "check", "%s", err);
        return false;
    }
    for (size_t offset = 0; offset < 15; offset++)
        if (!check_problem(n->c, &p, offset, false, n->o)) return false;
    return true;
}

/* lw_select has read the text already. */
static void check_named_problem(const command *c, outcome *o)
{
    char err[512];
    lw_sweep_each(c->problem, check_named, &(named_check){c, o}, err, sizeof err);
}

static outcome check_kernel(const command *c, const lw_kernel *k)
{
    outcome o = {.kernel = k};
    double start = lw_seconds();
    if (c->problem) {
        check_named_problem(c, &o);
    } else {
        lw_problem p;
        for (size_t i = 0; lw_problem_sweep(k->op, k->mr, k->nr, i, (size_t)c->extra, c->seed, &p); i++)
            if (!check_problem(c, &p, i, c->quick, &o)) break;
    }
    o.seconds = lw_seconds() - start;
    return o;
}

/* ---------------------------------------------------------------- rows */

static const lw_column columns[] = {{"kernel", 30}, {"set", 8},      {"cases", -8},
                                    {"worst", -8},  {"seconds", -8}, {"verdict", 0}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const char *verdict_of(const outcome *o)
{
    return o->failed ? "FAILED" : o->cases == 0 ? "NO CASE RAN" : "ok";
}

static bool print_row(const command *c, const outcome *o)
{
    char cases[32], worst[32], seconds[32];
    snprintf(cases, sizeof cases, "%lld", (long long)o->cases);
    snprintf(worst, sizeof worst, "%.4f", o->worst);
    snprintf(seconds, sizeof seconds, "%.2f", o->seconds);
    const char *cells[] = {o->kernel->name, lw_kernel_set(o->kernel), cases, worst, seconds,
                           verdict_of(o)};
    if (c->rows) {
        lw_csv_int(c->rows, 1); /* schema */
        lw_csv_text(c->rows, lw_op_name(o->kernel->op));
        lw_csv_text(c->rows, o->kernel->name);
        lw_csv_text(c->rows, lw_kernel_set(o->kernel));
        lw_csv_text(c->rows, verdict_of(o));
        lw_csv_int(c->rows, o->cases);
        lw_csv_real(c->rows, o->worst, 4);
        lw_csv_real(c->rows, o->seconds, 4);
        lw_csv_text(c->rows, c->problem ? c->problem : "");
        lw_csv_int(c->rows, c->extra);
        lw_csv_text(c->rows, c->quick ? "yes" : "no");
        char seed[32];
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)c->seed);
        lw_csv_text(c->rows, seed);
        if (!lw_csv_end_row(c->rows)) {
            lw_fail(0, "check", "%s", lw_csv_error(c->rows));
            return false;
        }
    }
    if (lw_report_row(c->out, columns, COLUMNS, cells)) return true;
    lw_fail(0, "check", "cannot write standard output");
    return false;
}

static int check_all(command *c)
{
    for (int op = 0; op < LW_OP_COUNT; op++) {
        for (int set = 0; set < LW_SET_COUNT; set++) {
            size_t count;
            const lw_kernel *rows = lw_set_rows(set, &count);
            if (!c->selection.op[op] || !lw_sets_have(&c->selection.sets, set)) continue;
            for (size_t i = 0; i < count; i++) {
                const lw_kernel *k = &rows[i];
                if (k->op != (lw_op)op) continue;
                if (!lw_kernel_usable(k, &c->cpu)) {
                    c->skipped++;
                    lw_fail(0, "check", "notice: %s/%s skipped: this CPU cannot run it", k->name,
                            lw_kernel_set(k));
                    continue;
                }
                outcome o = check_kernel(c, k);
                if (o.code != LW_EXIT_OK) return o.code;
                c->kernels++;
                c->failed += o.failed || o.cases == 0;
                if (!print_row(c, &o)) return LW_EXIT_OUTPUT;
            }
        }
    }
    return LW_EXIT_OK;
}

static int finish(const command *c, int code)
{
    if (code == LW_EXIT_INTERRUPTED) lw_fail(0, "check", "interrupted after %d kernels", c->kernels);
    if (code != LW_EXIT_OK) return code;
    if (c->kernels == 0) return lw_fail(LW_EXIT_FAILED, "check", "no case ran");
    if (c->failed) return lw_fail(LW_EXIT_FAILED, "check", "%d of %d kernels FAILED", c->failed, c->kernels);
    fprintf(c->out,
            "\n%d kernels are right, %d skipped; worst: error / bound, where 1 is the limit; seed %llu\n",
            c->kernels, c->skipped, (unsigned long long)c->seed);
    return fflush(c->out) == 0 ? code : lw_fail(LW_EXIT_OUTPUT, "check", "cannot write standard output");
}

int lw_cmd_check(int argc, char **argv)
{
    static const char *const csv_columns[] = {"schema",  "op",    "variant",     "isa",
                                              "verdict", "cases", "worst_error", "seconds",
                                              "problem", "extra", "quick",       "seed"};
    command c = {.seed = 1, .extra = -1};
    int code;
    if (!parse(&c, argc, argv, &code)) {
        if (code == LW_EXIT_OK) print_syntax();
        return code;
    }
    if (c.extra < 0) c.extra = c.quick ? 10 : 50;
    if (!lw_select(&c.selection, "check", c.kernel, "all", c.op, c.problem)) return LW_EXIT_USAGE;
    if (!lw_sets_open(&c.selection.sets, "check", c.peer_isa, 1)) return LW_EXIT_USAGE;
    c.cpu = lw_cpu_detect();
    c.out = c.csv && strcmp(c.csv, "-") == 0 ? stderr : stdout;
    char err[512];
    if (c.csv && !(c.rows = lw_csv_create(c.csv, csv_columns, sizeof csv_columns / sizeof *csv_columns, err,
                                          sizeof err)))
        return lw_fail(LW_EXIT_OUTPUT, "check", "%s", err);
    lw_interrupt_catch();
    lw_report_head(c.out, columns, COLUMNS);
    fflush(c.out);
    code = finish(&c, check_all(&c));
    if (!lw_csv_close(c.rows) && code == LW_EXIT_OK)
        code = lw_fail(LW_EXIT_OUTPUT, "check", "cannot write %s", c.csv);
    return code;
}
