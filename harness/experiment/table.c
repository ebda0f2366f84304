/* SPDX-License-Identifier: BSD-3-Clause
 * table.c: groups of runs as Markdown or CSV, and the command `bench table`. */
#define _GNU_SOURCE
#include "harness/experiment/table.h"

#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/experiment/table_data.h"
#include "harness/options.h"

#include <getopt.h>
#include <math.h>
#include <string.h>

/* "-" where there is no number. */
static const char *number(char text[24], const char *format, double value)
{
    if (isnan(value)) return "-";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, 24, format, value);
#pragma GCC diagnostic pop
    return text;
}

static void print_markdown(const lw_table_data *r, FILE *out)
{
    char t[8][24];
    fputs("| experiment | variant | n | test % | sd | binomial | val % | vs baseline | p (Holm) | verdict | images/s | s |\n"
          "|---|---|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|\n", out);
    for (int i = 0; i < r->groups; i++) {
        const lw_run_group *g = &r->group[i];
        bool compared = g->pairs > 0;
        fprintf(out, "| %s | %s | %d | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", g->experiment, g->variant, g->runs,
                number(t[0], "%.3f", 100 * g->test), number(t[1], "%.3f", 100 * g->sd),
                number(t[2], "%.3f", 100 * g->binomial), number(t[3], "%.3f", 100 * g->val),
                compared ? number(t[4], "%+.3f", 100 * g->difference) : "", compared ? number(t[5], "%.3g", g->p) : "",
                lw_table_verdict(r, g), number(t[6], "%.0f", g->rate), number(t[7], "%.1f", g->seconds));
    }
}

/* Empty where there is no number. */
static void put(FILE *out, double value, bool known)
{
    if (known && isfinite(value))
        fprintf(out, ",%.9g", value);
    else
        fputc(',', out);
}

static void print_csv(const lw_table_data *r, FILE *out)
{
    fputs("experiment,variant,n,test_accuracy,sd,binomial,val_accuracy,pairs,difference,p,verdict,images_per_second,seconds\n", out);
    for (int i = 0; i < r->groups; i++) {
        const lw_run_group *g = &r->group[i];
        fprintf(out, "%s,\"%s\",%d", g->experiment, g->variant, g->runs);
        put(out, g->test, true);
        put(out, g->sd, true);
        put(out, g->binomial, true);
        put(out, g->val, true);
        fprintf(out, ",%d", g->pairs);
        put(out, g->difference, g->pairs > 0);
        put(out, g->p, g->pairs > 0);
        fprintf(out, ",%s", lw_table_verdict(r, g));
        put(out, g->rate, true);
        put(out, g->seconds, true);
        fputc('\n', out);
    }
}

int lw_results_print(char *const *folder, int folders, lw_table_format format, FILE *out)
{
    lw_table_data r;
    int code = lw_table_data_read(&r, folder, folders);
    if (code == LW_EXIT_OK && format == LW_TABLE_CSV)
        print_csv(&r, out);
    else if (code == LW_EXIT_OK)
        print_markdown(&r, out);
    lw_table_data_free(&r);
    return code;
}

/* ---------------------------------------------------------------- bench table */

static const lw_usage usage = {
    "table", "DIR... [options]",
    "Prints the table of one or more result folders of `bench run`: shards of a sweep, or several experiments.",
    "Columns\n"
    "  n              runs (seeds); a run that lies in two folders counts once\n"
    "  test %         mean accuracy at the end of training; sd over the seeds\n"
    "  binomial       standard error of that accuracy from the number of test images alone\n"
    "  vs baseline    mean difference to the experiment's baseline, seed by seed\n"
    "  p (Holm)       two-sided: paired t over the common seeds; with one, McNemar's exact test on the images; corrected\n"
    "                 for the number of variants\n"
    "  verdict        `better` or `worse` below p = 0.05, else `not distinguishable`\n"
    "\n"
    "Examples\n"
    "  bench table results/dropout\n"
    "  bench table shard1 shard2 --format csv > table.csv\n"
    "\n"
    "Exit codes\n"
    "  0 printed   2 wrong option   3 a folder holds no results   6 out of memory\n",
    LW_TEXTS};

int lw_cmd_table(int argc, char **argv)
{
    const char *format = "markdown";
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "Output"},
        {LW_OPT_TEXT, "format", 'f', "NAME", &format, .choices = "markdown|csv", .help = "markdown (default) or csv."},
        {.kind = LW_OPT_END}};
    int code;
    if (!lw_options_parse(&usage, table, argc, argv, &code)) return code;
    if (optind == argc) return lw_fail(LW_EXIT_USAGE, "table", "no folder; bench table DIR..., as `bench run --out DIR` made it");
    return lw_results_print(argv + optind, argc - optind, strcmp(format, "csv") == 0 ? LW_TABLE_CSV : LW_TABLE_MARKDOWN, stdout);
}
