/* SPDX-License-Identifier: BSD-3-Clause
 * verify.c: `bench verify`: measures the rows of a published file again, and says which come out as stated.
 */
#include "harness/commands.h"

#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "harness/records/report.h"
#include "harness/rerun.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <string.h>

static const lw_usage usage = {
    "verify", "FILE.csv [options]",
    "Measures the rows of a file that `bench kernels --csv` wrote again, each by the command that it "
    "carries, and "
    "says row by row whether what comes out lies inside the interval that the file states.",
    "Table\n"
    "  stated   median of the file, and its 95 % interval;   now: the same of this machine\n"
    "  ratio    now / stated\n"
    "  scaled   on another CPU: the ratio after both times are counted in their machine's FMA peak; it is "
    "what is judged\n"
    "  verdict  inside: the two intervals meet;   within: they do not, but the medians differ by no more "
    "than\n"
    "           --tolerance, as medians do from run to run;   outside: slower or faster than that\n"
    "           unstable now - read with care: farther apart than that, but what disturbs it now may be why\n"
    "           not measured: the row cannot be run here, or was FAILED\n"
    "\n"
    "Examples\n"
    "  bench verify published.csv\n"
    "  bench verify published.csv --rows 10 --tolerance 5%\n"
    "\n"
    "Exit codes\n"
    "  0 all rows inside or within   1 a row lies outside   2 wrong option\n"
    "  3 the file is missing, malformed or of another schema, or no row of it could be measured\n"
    "  4 standard output cannot be written   6 out of memory   130 interrupted\n",
    1};

typedef struct command {
    double tolerance;
    int rows;
    const char *path;
    lw_results stated;
    int inside, within, outside, unstable, missing;
} command;

static bool parse(command *c, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_INT, "rows", 'n', "N", &c->rows, .min = 1, .max = INT_MAX, .help = "The first N rows only."},
        {LW_OPT_PERCENT, "tolerance", 't', "PERCENT", &c->tolerance, .max = 1000,
         .help = "How far medians may lie apart where the intervals do not meet (default 3%)."},
        {.kind = LW_OPT_END}};
    if (!lw_options_parse(&usage, table, argc, argv, code)) return false;
    if (argc - optind == 1) {
        c->path = argv[optind];
        return true;
    }
    *code = lw_fail(LW_EXIT_USAGE, "verify", "a file is wanted: bench verify FILE.csv");
    return false;
}

/* ---------------------------------------------------------------- one row */

static lw_column columns[] = {{"row", 0},    {"stated", -9}, {"interval", -22}, {"now", -9},
                              {"ratio", -7}, {"scaled", -7}, {"verdict", 0}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const char *judge(command *c, const lw_result *stated, const lw_result *now, double scale)
{
    /* Without an interval the median stands for it. */
    const double low = isfinite(stated->low) ? stated->low : stated->median;
    const double high = isfinite(stated->high) ? stated->high : stated->median;
    const double now_low = scale * (isfinite(now->low) ? now->low : now->median);
    const double now_high = scale * (isfinite(now->high) ? now->high : now->median);
    const double ratio = scale * now->median / stated->median;
    if (now_low <= high && now_high >= low) {
        c->inside++;
        return "inside";
    }
    if (ratio <= 1 + c->tolerance && ratio >= 1 / (1 + c->tolerance)) {
        c->within++;
        return "within";
    }
    if (strcmp(now->verdict, "unstable") == 0) {
        c->unstable++;
        return "unstable now - read with care";
    }
    c->outside++;
    return ratio > 1 ? "outside: slower" : "outside: faster";
}

/* A time times the peak of its machine is a number of FLOP that could have been done: what two CPUs can be
 * compared by. */
static double scale_between(const lw_result *stated, const lw_result *now)
{
    const double scale = now->peak / stated->peak;
    return strcmp(stated->cpu, now->cpu) != 0 && isfinite(scale) ? scale : 1;
}

static int show(command *c, const lw_result *stated, const lw_result *now, const char *why)
{
    char name[256], before[32], low[32], high[32], interval[72] = "-", after[32] = "-", ratio[32] = "-",
                                                   scaled[32] = "-";
    const char *verdict = why;
    lw_result_name(stated, name, sizeof name);
    lw_format_seconds(stated->median, before, sizeof before);
    if (isfinite(stated->low) && isfinite(stated->high))
        snprintf(interval, sizeof interval, "%s .. %s", lw_format_seconds(stated->low, low, sizeof low),
                 lw_format_seconds(stated->high, high, sizeof high));
    if (now && isfinite(now->median) && isfinite(stated->median)) {
        const double scale = scale_between(stated, now);
        lw_format_seconds(now->median, after, sizeof after);
        snprintf(ratio, sizeof ratio, "%.3f", now->median / stated->median);
        if (scale != 1) snprintf(scaled, sizeof scaled, "%.3f", scale * now->median / stated->median);
        verdict = judge(c, stated, now, scale);
    } else {
        c->missing++;
    }
    const char *cells[] = {name, before, interval, after, ratio, scaled, verdict};
    if (lw_report_row(stdout, columns, COLUMNS, cells)) return LW_EXIT_OK;
    return lw_fail(LW_EXIT_OUTPUT, "verify", "cannot write standard output");
}

/* ---------------------------------------------------------------- rows that took turns */

static const lw_result *find(const lw_results *now, const lw_result *stated)
{
    for (int i = 0; i < now->count; i++)
        if (lw_result_same_row(&now->row[i], stated)) return &now->row[i];
    return NULL;
}

/* Rows `first` .. `end` - 1, by one command. */
static int verify_group(command *c, int first, int end, lw_rerun *rerun)
{
    lw_results now;
    char err[512] = "not measured", why[600];
    int code = lw_rerun_now(rerun, &now, err, sizeof err);
    if (code == LW_EXIT_INTERRUPTED || lw_interrupted()) {
        lw_results_free(&now);
        return LW_EXIT_INTERRUPTED;
    }
    if (code == LW_EXIT_MEMORY) return lw_fail(code, "verify", "%s", err);
    snprintf(why, sizeof why, "%s%s", now.count == 0 ? "not measured: " : "not measured",
             now.count == 0 ? err : "");
    code = LW_EXIT_OK;
    for (int i = first; i < end && code == LW_EXIT_OK; i++)
        code = show(c, &c->stated.row[i], find(&now, &c->stated.row[i]), why);
    lw_results_free(&now);
    return code;
}

/* All of them before the first is run. */
static int check_commands(const command *c)
{
    for (int i = 0; i < c->rows; i++) {
        lw_rerun rerun;
        char err[256];
        if (!lw_rerun_parse(&rerun, c->stated.row[i].command, err, sizeof err))
            return lw_fail(LW_EXIT_DATA, "verify", "%s, line %d: %s", c->path, c->stated.row[i].line, err);
    }
    return LW_EXIT_OK;
}

static int verify_rows(command *c)
{
    const int rows = c->rows;
    int code = LW_EXIT_OK;
    for (int first = 0, end; first < rows && code == LW_EXIT_OK; first = end) {
        lw_rerun rerun, next;
        char err[256];
        end = first + 1;
        lw_rerun_parse(&rerun, c->stated.row[first].command, err, sizeof err);
        while (end < rows && lw_rerun_parse(&next, c->stated.row[end].command, err, sizeof err) &&
               lw_rerun_join(&rerun, &next))
            end++;
        code = verify_group(c, first, end, &rerun);
    }
    return code;
}

static int sum_up(const command *c)
{
    const int measured = c->inside + c->within + c->outside;
    printf("\n%d of %d rows inside, %d within %.3g %%, %d outside, %d unstable now, %d not measured.\n",
           c->inside, measured + c->unstable + c->missing, c->within, 100 * c->tolerance, c->outside,
           c->unstable, c->missing);
    if (fflush(stdout) != 0) return lw_fail(LW_EXIT_OUTPUT, "verify", "cannot write standard output");
    if (measured + c->unstable == 0)
        return lw_fail(LW_EXIT_DATA, "verify", "no row of %s could be measured here", c->path);
    if (c->outside > 0)
        return lw_fail(LW_EXIT_FAILED, "verify", "%d of %d rows lie outside", c->outside, measured);
    return LW_EXIT_OK;
}

static int verify(command *c)
{
    if (c->rows > c->stated.count) c->rows = c->stated.count;
    int code = check_commands(c);
    if (code != LW_EXIT_OK) return code;
    const lw_csv_table *t = c->stated.table;
    const char *facts[] = {"date", "lanewise_version", "revision", "compiler", "cpu"};
    printf("%s", c->path);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        printf("%s%s", i ? ", " : ": ", lw_csv_cell(t, 0, lw_csv_column(t, facts[i])));
    printf("\n\n");
    for (int i = 0; i < c->stated.count; i++)
        columns[0].width = lw_result_width(&c->stated.row[i], columns[0].width);
    lw_report_head(stdout, columns, COLUMNS);
    lw_interrupt_catch();
    code = verify_rows(c);
    if (code == LW_EXIT_INTERRUPTED)
        return lw_fail(code, "verify", "interrupted after %d rows",
                       c->inside + c->within + c->outside + c->unstable + c->missing);
    return code == LW_EXIT_OK ? sum_up(c) : code;
}

int lw_cmd_verify(int argc, char **argv)
{
    command c = {.tolerance = 0.03, .rows = INT_MAX};
    int code;
    char err[512];
    if (!parse(&c, argc, argv, &code)) return code;
    if (!lw_results_read(&c.stated, c.path, err, sizeof err))
        return lw_fail(LW_EXIT_DATA, "verify", "%s", err);
    code = verify(&c);
    lw_results_free(&c.stated);
    return code;
}
