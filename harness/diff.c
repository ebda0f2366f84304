/* SPDX-License-Identifier: BSD-3-Clause
 * diff.c: `bench diff`: two files of `bench kernels`, row by row, and an exit code that a script can go by.
 */
#include "harness/commands.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/records/difference.h"
#include "harness/records/report.h"

#include <getopt.h>
#include <math.h>
#include <string.h>

static const lw_usage usage = {
    "diff", "A.csv B.csv [options]",
    "Compares two files that `bench kernels --csv` wrote, A before and B after: which rows became slower or "
    "faster by "
    "more than the threshold, and by more than two runs of the same program differ anyway.",
    "Table\n"
    "  change   B / A - 1 of the medians; interval: between the far ends of the two intervals of the "
    "medians\n"
    "  verdict  regression, improvement: the rank test of the samples, Holm-corrected for the number of "
    "rows, the\n"
    "           intervals, and the scatter of all rows agree that it is more than the threshold\n"
    "           slower with the machine: so it is, but so is the machine's recorded peak or clock\n"
    "           not distinguishable: anything else between two stable rows\n"
    "           unstable - read with care: one of the two is not `stable`; it is not tested\n"
    "           not measured: FAILED its check in A or in B;   unpaired: only in A or only in B\n"
    "  Rows are the same where op, problem, kernel, threads and cache state are.\n"
    "\n"
    "Examples\n"
    "  bench kernels --csv before.csv; (change the code, build); bench kernels --csv after.csv\n"
    "  bench diff before.csv after.csv\n"
    "  bench diff before.csv after.csv --threshold 1% --alpha 0.01\n"
    "\n"
    "Exit codes\n"
    "  0 no regression   1 a regression   2 wrong option\n"
    "  3 a file is missing, malformed or of another schema, or no row could be tested\n"
    "  4 standard output cannot be written   6 out of memory\n",
    2};

typedef struct command {
    lw_rules rules;
    bool changes_only;
    const char *path[2];
    lw_results run[2]; /* A, B */
    lw_difference difference;
} command;

static bool parse(command *c, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_PERCENT, "threshold", 't', "PERCENT", &c->rules.threshold, .max = 1000,
         .help = "Changes of up to this are no news (default 3%)."},
        {LW_OPT_REAL, "alpha", 'a', "P", &c->rules.alpha, .min = 1e-12, .max = 0.5,
         .help = "Probability of one false verdict or more over all rows (default 0.05)."},
        {LW_OPT_PERCENT, "noise", 'n', "PERCENT", &c->rules.noise, .max = 1000,
         .help = "How much medians differ from run to run, as a standard deviation (default: from the rows, "
                 "where 8 or more of a kind are tested, else 1%, and 5% where memory bounds them)."},
        {LW_OPT_FLAG, "changes-only", .value = &c->changes_only,
         .help = "Leave out the rows that are not distinguishable."},
        {.kind = LW_OPT_END}};
    if (!lw_options_parse(&usage, table, argc, argv, code)) return false;
    if (argc - optind == 2) {
        c->path[0] = argv[optind];
        c->path[1] = argv[optind + 1];
        return true;
    }
    *code = lw_fail(LW_EXIT_USAGE, "diff", "two files are wanted: bench diff A.csv B.csv");
    return false;
}

/* ---------------------------------------------------------------- what is printed */

static lw_column columns[] = {{"row", 0},     {"A", -9},         {"B", -9},
                              {"change", -8}, {"interval", -17}, {"verdict", 0}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool print_pair(const lw_pair *p)
{
    char name[256], a[32], b[32], change[32] = "-", interval[64] = "-";
    lw_result_name(p->a ? p->a : p->b, name, sizeof name);
    lw_format_seconds(p->a ? p->a->median : NAN, a, sizeof a);
    lw_format_seconds(p->b ? p->b->median : NAN, b, sizeof b);
    if (isfinite(p->change)) snprintf(change, sizeof change, "%+.1f %%", 100 * p->change);
    if (isfinite(p->low) && isfinite(p->high))
        snprintf(interval, sizeof interval, "%+.1f .. %+.1f %%", 100 * p->low, 100 * p->high);
    const char *verdict = p->verdict != LW_CHANGE_UNPAIRED ? lw_change_name(p->verdict)
                          : p->a                           ? "unpaired: only in A"
                                                           : "unpaired: only in B";
    const char *cells[] = {name, a, b, change, interval, verdict};
    return lw_report_row(stdout, columns, COLUMNS, cells);
}

static void print_run(const char *name, const lw_results *r)
{
    const char *facts[] = {"date", "lanewise_version", "revision", "compiler", "cpu"};
    printf("%s  %s", name, lw_csv_path(r->table));
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        printf("%s%s", i ? ", " : ": ", lw_csv_cell(r->table, 0, lw_csv_column(r->table, facts[i])));
    putchar('\n');
}

/* "peak 105.0 -> 90.0 GFLOP/s (-14.3 %)" */
static void print_fact(const char *name, double a, double b, const char *unit)
{
    if (isfinite(a) && isfinite(b))
        printf("%s %.4g -> %.4g %s (%+.1f %%)", name, a, b, unit, 100 * (b / a - 1));
}

static void print_machine(const lw_difference *d)
{
    print_fact("peak", d->peak_a, d->peak_b, "GFLOP/s");
    if (isfinite(d->peak_a) && isfinite(d->ghz_a)) printf(", ");
    print_fact("clock", d->ghz_a, d->ghz_b, "GHz");
}

/* A shift of most rows is one fact, not as many regressions. */
static void print_shift(const command *c)
{
    const lw_difference *d = &c->difference;
    const double shift = log1p(d->shift);
    if (d->tested < 2 || !(fabs(shift) > fmax(0.01, log1p(c->rules.threshold) / 2))) return;
    const char *direction = shift > 0 ? "slower" : "faster";
    printf("\nMost rows are %s together, by %+.1f %% (median of %d).\n", direction, 100 * d->shift,
           d->tested);
    if (log(d->machine) / shift > 0.5) {
        printf("The machine was %s: ", direction);
        print_machine(d);
        printf(". This explains %.1f %% of it, which is taken off before rows are judged.\n",
               100 * log(d->machine) / shift);
    } else {
        printf("The machine's ");
        print_machine(d);
        printf(" does not explain it: look at the build, at memory and at what else ran before at single "
               "rows.\n");
    }
}

/* What the verdicts can be worth. */
static void print_noise(const command *c)
{
    static const char *const kinds[] = {[LW_NOISE_FMA] = "arithmetic", [LW_NOISE_MEMORY] = "memory"};
    for (int kind = 0; kind < LW_NOISE_KINDS; kind++) {
        const lw_noise *n = &c->difference.noise[kind];
        if (n->rows == 0) continue;
        printf("Rows bound by %s (%d) differ from run to run by %.2g %% (standard deviation, %s): with the "
               "threshold of "
               "%.3g %% none is called slower by less than %.2g %%.\n",
               kinds[kind], n->rows, 100 * n->value,
               n->found                   ? "found in them beyond what samples explain"
               : isfinite(c->rules.noise) ? "as given"
                                          : "assumed",
               100 * c->rules.threshold, 100 * n->bar);
    }
}

static bool print_summary(const command *c)
{
    const lw_difference *d = &c->difference;
    const char *between = "\n";
    print_shift(c);
    for (int i = 0; i < LW_CHANGES; i++) {
        if (d->of[i] == 0) continue;
        printf("%s%d %s", between, d->of[i], lw_change_name((lw_change)i));
        between = ", ";
    }
    printf(".\n");
    print_noise(c);
    return fflush(stdout) == 0;
}

static bool print_table(const command *c)
{
    const lw_difference *d = &c->difference;
    bool ok = true;
    print_run("A", &c->run[0]);
    print_run("B", &c->run[1]);
    putchar('\n');
    for (int i = 0; i < d->count; i++)
        columns[0].width = lw_result_width(d->pair[i].a ? d->pair[i].a : d->pair[i].b, columns[0].width);
    lw_report_head(stdout, columns, COLUMNS);
    for (int i = 0; i < d->count && ok; i++)
        if (!c->changes_only || d->pair[i].verdict != LW_CHANGE_NONE) ok = print_pair(&d->pair[i]);
    return ok && print_summary(c);
}

/* ---------------------------------------------------------------- the command */

static int compare(command *c)
{
    lw_difference *d = &c->difference;
    if (!lw_difference_make(d, &c->run[0], &c->run[1], &c->rules))
        return lw_fail(LW_EXIT_MEMORY, "diff", "out of memory");
    int code = LW_EXIT_OK;
    if (d->of[LW_CHANGE_UNPAIRED] == d->count)
        code = lw_fail(LW_EXIT_DATA, "diff", "no row of %s is in %s", c->path[0], c->path[1]);
    else if (!print_table(c))
        code = lw_fail(LW_EXIT_OUTPUT, "diff", "cannot write standard output");
    else if (d->tested == 0)
        code = lw_fail(LW_EXIT_DATA, "diff", "no row could be tested: none is stable in both files");
    else if (d->of[LW_CHANGE_REGRESSION] > 0)
        code = lw_fail(LW_EXIT_FAILED, "diff", "%d of %d rows became slower", d->of[LW_CHANGE_REGRESSION],
                       d->tested);
    lw_difference_free(d);
    return code;
}

int lw_cmd_diff(int argc, char **argv)
{
    command c = {.rules = {.threshold = 0.03, .alpha = 0.05, .noise = NAN}};
    int code;
    if (!parse(&c, argc, argv, &code)) return code;
    char err[512];
    for (int i = 0; i < 2 && code == LW_EXIT_OK; i++)
        if (!lw_results_read(&c.run[i], c.path[i], err, sizeof err))
            code = lw_fail(LW_EXIT_DATA, "diff", "%s", err);
    if (code == LW_EXIT_OK) code = compare(&c);
    for (int i = 0; i < 2; i++)
        lw_results_free(&c.run[i]);
    return code;
}
