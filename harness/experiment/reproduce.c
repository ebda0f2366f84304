/* SPDX-License-Identifier: BSD-3-Clause
 * reproduce.c: `bench reproduce`: runs the experiments that come along and compares them with their reference results. */
#define _GNU_SOURCE
#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/experiment/reference.h"
#include "harness/experiment/sweep.h"
#include "harness/interrupt.h"
#include "harness/records/folder.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { EXPERIMENTS = 64, MOST_JOBS = 8 };
#define ALPHA 0.01 /* of one row or more outside by chance */

static const lw_usage usage = {
    "reproduce", "[NAME...] [options]",
    "Runs the experiments that come along, or those named, and says of each variant whether its accuracy lies inside the "
    "interval that its reference result allows. What is finished is skipped, what was interrupted goes on.",
    "The interval\n"
    "  Around the reference mean: where the mean of these runs lies with probability 99 % for all rows together, if nothing\n"
    "  but rounding differs. docs/PROTOCOL.md says how it is made.\n"
    "\n"
    "  A variant that names a kernel set which this machine cannot run is left out, and its row says so.\n"
    "\n"
    "Files\n"
    "  experiments/shipped.txt               which experiments, in order\n"
    "  experiments/results/NAME/quick.csv    the reference results of the reduced form, and full.csv\n"
    "  results/NAME, results/quick/NAME      the runs, as `bench run` leaves them\n"
    "\n"
    "Examples\n"
    "  bench reproduce                       all, reduced: minutes\n"
    "  bench reproduce --full dropout        one, whole\n"
    "  bench reproduce --full --tables       the reference results as Markdown, without a run\n"
    "\n"
    "Exit codes\n"
    "  0 all rows are inside   1 a row is outside, or its runs came to no end   2 wrong option, or no such experiment\n"
    "  3 data; a reference is missing, or was made with another configuration   4 a file cannot be written\n"
    "  6 out of memory   130 interrupted: the same command goes on\n",
    EXPERIMENTS};

typedef struct reproduce_options {
    bool quick, full, write, tables, dry_run;
    const char *experiments, *out;
    int jobs;
} reproduce_options;

static bool parse(reproduce_options *o, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to run"},
        {LW_OPT_FLAG, "quick", .value = &o->quick, .help = "The reduced form of each experiment (default)."},
        {LW_OPT_FLAG, "full", .value = &o->full, .help = "All seeds and epochs."},
        {LW_OPT_FLAG, "dry-run", 'n', .value = &o->dry_run, .help = "Check the references against the experiments; run nothing."},
        {LW_OPT_FLAG, "tables", .value = &o->tables, .help = "Print the reference results as Markdown; run nothing."},
        {LW_OPT_FLAG, "write-reference", .value = &o->write, .help = "Make the runs the reference, instead of comparing them with it."},
        {LW_OPT_HEADING, .help = "How"},
        {LW_OPT_INT, "jobs", 'j', "N", &o->jobs, .min = 1, .max = 256, .help = "Runs at a time (default: one per CPU, at most 8)."},
        {LW_OPT_TEXT, "experiments", .arg = "DIR", .value = &o->experiments, .help = "Folder of the experiments (default: experiments)."},
        {LW_OPT_TEXT, "out", 'o', "DIR", &o->out, .help = "Folder for the results (default: results)."},
        {.kind = LW_OPT_END}};
    if (!lw_options_parse(&usage, table, argc, argv, code)) return false;
    *code = LW_EXIT_USAGE;
    if (o->quick && o->full) lw_fail(0, "reproduce", "--quick and --full are two forms; one of them, please");
    if (o->write && (o->tables || o->dry_run)) lw_fail(0, "reproduce", "--write-reference runs; without --tables and --dry-run, please");
    return !(o->quick && o->full) && !(o->write && (o->tables || o->dry_run));
}

/* ---------------------------------------------------------------- which */

typedef struct item {
    char path[512], reference_path[600], out[LW_RUN_PATH];
    lw_plan plan;
    lw_reference reference;
} item;

typedef struct reproduction {
    const reproduce_options *options;
    item *item[EXPERIMENTS];
    int items, rows, left_out, outside; /* rows: of all items; left_out: variants that cannot run here, no rows */
} reproduction;

static int add_item(reproduction *r, const char *name)
{
    const reproduce_options *o = r->options;
    int code;
    if (r->items == EXPERIMENTS) return lw_fail(LW_EXIT_USAGE, "reproduce", "more than %d experiments", EXPERIMENTS);
    item *new = calloc(1, sizeof *new);
    if (!new) return lw_fail(LW_EXIT_MEMORY, "reproduce", "out of memory");
    r->item[r->items++] = new;
    int used = snprintf(new->path, sizeof new->path, "%s/%s.ini", o->experiments, name);
    snprintf(new->reference_path, sizeof new->reference_path, "%s/results/%s/%s.csv", o->experiments, name, o->full ? "full" : "quick");
    if (used >= (int)sizeof new->path) return lw_fail(LW_EXIT_USAGE, "reproduce", "the name of folder %s is too long", o->experiments);
    if (!lw_plan_read(&new->plan, new->path, !o->full, NULL, 0, &code)) return code;
    if (strcmp(new->plan.name, name) != 0)
        return lw_fail(LW_EXIT_USAGE, "reproduce", "%s calls itself %s; its name and its file's shall be the same", new->path, new->plan.name);
    if (snprintf(new->out, sizeof new->out, "%s%s/%s", o->out, o->full ? "" : "/quick", name) >= (int)sizeof new->out)
        return lw_fail(LW_EXIT_USAGE, "reproduce", "the name of folder %s is too long", o->out);
    for (int v = 0; v < new->plan.variants; v++) {
        r->rows += !new->plan.variant[v].unusable;
        r->left_out += new->plan.variant[v].unusable != NULL;
    }
    if (o->write && !lw_plan_usable(&new->plan)) return LW_EXIT_USAGE;
    return o->write ? LW_EXIT_OK : lw_reference_read(&new->reference, new->reference_path, &new->plan);
}

/* A name a line; # begins a comment. */
static int add_shipped(reproduction *r)
{
    char path[512], *line = NULL;
    size_t size = 0;
    int code = LW_EXIT_OK;
    snprintf(path, sizeof path, "%s/shipped.txt", r->options->experiments);
    FILE *in = fopen(path, "r");
    if (!in) return lw_fail(LW_EXIT_USAGE, "reproduce", "cannot read %s, the list of experiments: %s", path, strerror(errno));
    while (code == LW_EXIT_OK && getline(&line, &size, in) > 0) {
        line[strcspn(line, "#\n")] = '\0';
        char *end = line + strlen(line);
        while (end > line && isspace((unsigned char)end[-1])) *--end = '\0';
        if (line[0]) code = add_item(r, line);
    }
    free(line);
    fclose(in);
    return code;
}

/* ---------------------------------------------------------------- running */

static int run_item(const reproduction *r, const item *t)
{
    const lw_plan *p = &t->plan;
    lw_sweep s = {.plan = p, .out = t->out, .jobs = r->options->jobs, .checkpoint_every = 500};
    s.run = calloc((size_t)p->seeds * (size_t)p->variants + 1, sizeof *s.run);
    bool ok = s.run != NULL;
    for (int seed = 0; ok && seed < p->seeds; seed++)
        for (int v = 0; ok && v < p->variants; v++)
            if (!p->variant[v].unusable) ok = lw_planned_run_init(&s.run[s.runs++], p, t->out, v, p->seed[seed]);
    int left, code = ok ? LW_EXIT_OK : lw_fail(LW_EXIT_MEMORY, "reproduce", "out of memory");
    fprintf(stderr, "== %s: %d runs\n", p->name, s.runs);
    if (ok && !lw_make_folder(t->out))
        code = lw_fail(LW_EXIT_OUTPUT, "reproduce", "cannot create folder %s: %s", t->out, strerror(errno));
    if (code == LW_EXIT_OK) code = lw_sweep_first(&s, true, &left);
    if (code == LW_EXIT_OK) code = lw_sweep_do(&s);
    free(s.run);
    return code;
}

/* ---------------------------------------------------------------- comparing */

static lw_accuracies accuracies_of(const lw_table_data *results, const char *variant, double *images)
{
    const lw_run_group *g = lw_table_group(results, variant);
    if (!g) return (lw_accuracies){0};
    *images = results->result[g->first].images;
    return (lw_accuracies){g->runs, g->test, isnan(g->sd) ? 0 : g->sd};
}

/* What to expect of a variance, whatever few runs show: that of the experiment's variants on average, as early in
 * training runs scatter more than images do, but not less than the images'. */
static double expected_variance(const item *t, double mean, double images)
{
    double sum = 0;
    int count = 0;
    for (int v = 0; v < t->plan.variants; v++) {
        const lw_accuracies a = lw_reference_of(&t->reference, t->plan.variant[v].name);
        if (a.n < 2) continue;
        sum += a.sd * a.sd;
        count++;
    }
    return fmax(count ? sum / count : 0, lw_binomial_variance(mean, images));
}

static void compare_item(reproduction *r, const item *t, const lw_table_data *results)
{
    for (int v = 0; v < t->plan.variants; v++) {
        const char *name = t->plan.variant[v].name;
        const lw_accuracies then = lw_reference_of(&t->reference, name);
        const char *unusable = t->plan.variant[v].unusable;
        if (unusable) {
            printf("| %s | %s | %.3f | | 0 | | left out: %.*s |\n", t->plan.name, name, 100 * then.mean,
                   (int)strcspn(unusable, ";"), unusable);
            continue;
        }
        double images = 1;
        const lw_accuracies now = accuracies_of(results, name, &images);
        if (now.n == 0) {
            printf("| %s | %s | %.3f | | 0 | | outside: no run came to an end |\n", t->plan.name, name, 100 * then.mean);
            r->outside++;
            continue;
        }
        const double width = lw_agreement_width(&then, &now, expected_variance(t, then.mean, images), ALPHA / r->rows);
        const bool inside = fabs(now.mean - then.mean) <= width;
        printf("| %s | %s | %.3f | %.3f | %d | %.3f | %s |\n", t->plan.name, name, 100 * then.mean, 100 * width, now.n,
               100 * now.mean, inside ? "inside" : "outside");
        r->outside += !inside;
    }
    fflush(stdout);
}

static int write_item(const item *t, const lw_table_data *results)
{
    char folder[600];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(t->reference_path, '/') - t->reference_path), t->reference_path);
    if (!lw_make_folder(folder))
        return lw_fail(LW_EXIT_OUTPUT, "reproduce", "cannot create folder %s: %s", folder, strerror(errno));
    int code = lw_reference_write(t->reference_path, &t->plan, results);
    if (code == LW_EXIT_OK) printf("%s\n", t->reference_path);
    return code;
}

static int reproduce_item(reproduction *r, const item *t)
{
    lw_table_data results;
    char *folder[1] = {(char *)t->out};
    int code = run_item(r, t);
    if (code != LW_EXIT_OK) return code;
    code = lw_table_data_read(&results, folder, 1);
    if (code == LW_EXIT_OK && r->options->write)
        code = write_item(t, &results);
    else if (code == LW_EXIT_OK)
        compare_item(r, t, &results);
    lw_table_data_free(&results);
    return code;
}

static int reproduce_all(reproduction *r)
{
    int code = LW_EXIT_OK;
    lw_interrupt_catch();
    if (!r->options->write)
        puts("| experiment | variant | reference % | +- | n | here % | |\n|---|---|--:|--:|--:|--:|---|");
    for (int i = 0; code == LW_EXIT_OK && i < r->items; i++)
        code = reproduce_item(r, r->item[i]);
    if (code != LW_EXIT_OK || r->options->write) return code;
    fprintf(stderr, "%d rows: %d inside, %d outside", r->rows, r->rows - r->outside, r->outside);
    if (r->left_out) fprintf(stderr, "; %d more want a kernel set that cannot run here", r->left_out);
    fputc('\n', stderr);
    return r->outside ? LW_EXIT_FAILED : LW_EXIT_OK;
}

/* ---------------------------------------------------------------- the command */

static int default_jobs(void)
{
    cpu_set_t all;
    if (sched_getaffinity(0, sizeof all, &all) != 0) return 1;
    return CPU_COUNT(&all) < MOST_JOBS ? CPU_COUNT(&all) : MOST_JOBS;
}

static void list_items(const reproduction *r)
{
    for (int i = 0; i < r->items; i++)
        printf("%-20s %2d variants, %d seeds, %s\n", r->item[i]->plan.name, r->item[i]->plan.variants, r->item[i]->plan.seeds,
               r->item[i]->reference_path);
}

int lw_cmd_reproduce(int argc, char **argv)
{
    reproduce_options o = {.experiments = "experiments", .out = "results"};
    reproduction r = {.options = &o};
    int code;
    if (!parse(&o, argc, argv, &code)) return code;
    if (!o.jobs) o.jobs = default_jobs();
    code = optind == argc ? add_shipped(&r) : LW_EXIT_OK;
    for (int i = optind; code == LW_EXIT_OK && i < argc; i++)
        code = add_item(&r, argv[i]);
    if (code == LW_EXIT_OK && o.tables)
        for (int i = 0; i < r.items; i++) lw_reference_print(&r.item[i]->reference, &r.item[i]->plan, stdout);
    else if (code == LW_EXIT_OK && o.dry_run)
        list_items(&r);
    else if (code == LW_EXIT_OK)
        code = reproduce_all(&r);
    for (int i = 0; i < r.items; i++) {
        lw_reference_free(&r.item[i]->reference);
        lw_plan_free(&r.item[i]->plan);
        free(r.item[i]);
    }
    return code;
}
