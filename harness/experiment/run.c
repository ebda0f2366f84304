/* SPDX-License-Identifier: BSD-3-Clause
 * run.c: `bench run`: which runs of an experiment, where, and what to do with them. */
#define _GNU_SOURCE
#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/experiment/sweep.h"
#include "harness/experiment/table.h"
#include "harness/interrupt.h"
#include "harness/records/folder.h"

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const lw_usage usage = {
    "run", "FILE.ini [options]",
    "Runs an experiment: every variant of a file with every seed, each in its own process and folder. What is finished "
    "is skipped, what was interrupted goes on to the same bits: give the same command again.",
    "The file\n"
    "  [experiment]      name, seeds (1..5), baseline: the variant that the others are compared with (the first)\n"
    "  [base]            options of `bench train` by their long names, without dashes; flags are yes or no\n"
    "  [grid]            options with several values, batch = 32 | 64 | 128; each variant once for each combination\n"
    "  [quick]           with --quick, in place of all of these: seeds, options\n"
    "  [any other name]  a variant: what it has instead of the base's\n"
    "  init-from = FILE.ini:VARIANT starts from the weights of that variant of another experiment, whose file lies\n"
    "  beside this one, with the same seed; that run is done first, in a folder beside this one's.\n"
    "  A value may go on in indented lines; ; and # begin comments.\n"
    "\n"
    "Files in the --out folder\n"
    "  runs.csv      a row per finished run: experiment, variant, identity, then as `bench train` writes it\n"
    "  runs/ID/      configuration.txt, epochs.csv, errors.csv (misclassified test images), confusion.csv,\n"
    "                weights.safetensors, log.txt, and while it is not finished its checkpoint\n"
    "  ID is the beginning of the SHA-256 of configuration, kernel set and seed.\n"
    "\n"
    "Examples\n"
    "  bench run experiments/dropout.ini --dry-run\n"
    "  bench run experiments/dropout.ini --seeds 1..3 --jobs 2\n"
    "  bench run experiments/dropout.ini --set epochs=1 --only 'dropout-0.*' --out /tmp/try\n"
    "  bench run experiments/dropout.ini --shard 1/2 --out a    on one machine, and 2/2 on another; then\n"
    "  bench table a b\n"
    "\n"
    "Exit codes\n"
    "  0 all runs are done   2 wrong option, or something in the file is   3 data   4 a file cannot be written\n"
    "  6 out of memory   130 interrupted. A loss that becomes infinite is a result of its run and no failure.\n",
    1};

typedef struct run_options {
    lw_texts set, only;
    const char *seeds, *shard, *out, *bind;
    int jobs, threads, checkpoint_every;
    bool dry_run, quick;
} run_options;

static bool parse(run_options *o, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to run"},
        {LW_OPT_TEXTS, "set", .arg = "KEY=VALUE", .value = &o->set, .help = "In every variant, whatever the file says."},
        {LW_OPT_TEXTS, "only", .arg = "NAME", .value = &o->only,
         .help = "Only these variants: a name, its part before the grid's, or a pattern with * and ?."},
        {LW_OPT_TEXT, "seeds", .arg = "LIST", .value = &o->seeds, .help = "In place of the file's, \"1..5\" or \"1,2,9\"."},
        {LW_OPT_TEXT, "shard", .arg = "I/N", .value = &o->shard, .help = "Only every N-th run, from the I-th on."},
        {LW_OPT_FLAG, "quick", .value = &o->quick, .help = "The reduced form, as the file's [quick] says; in results/quick/NAME."},
        {LW_OPT_FLAG, "dry-run", 'n', .value = &o->dry_run, .help = "List the runs, what is done of them and what they cost."},
        {LW_OPT_HEADING, .help = "How"},
        {LW_OPT_INT, "jobs", 'j', "N", &o->jobs, .min = 1, .max = 256, .help = "Runs at a time, each on its share of the CPUs (1)."},
        {LW_OPT_INT, "threads", 't', "N", &o->threads, .min = 1, .max = 1024,
         .help = "Threads of each run (default: one per physical core of its share). They change no bit of a result."},
        {LW_OPT_TEXT, "bind", 'B', "HOW", &o->bind, .help = LW_BIND_HELP},
        {LW_OPT_INT, "checkpoint-every", .arg = "N", .value = &o->checkpoint_every, .min = 1, .max = 1000000000,
         .help = "Steps between checkpoints within an epoch (500)."},
        {LW_OPT_TEXT, "out", 'o', "DIR", &o->out, .help = "Folder for the results (default: results/NAME of the experiment)."},
        {.kind = LW_OPT_END}};
    return lw_options_parse(&usage, table, argc, argv, code);
}

/* ---------------------------------------------------------------- choosing */

static bool is_wanted(const run_options *o, const char *name)
{
    char section[LW_VARIANT_NAME];
    snprintf(section, sizeof section, "%.*s", (int)strcspn(name, "/"), name);
    for (int i = 0; i < o->only.count; i++)
        if (fnmatch(o->only.text[i], name, 0) == 0 || strcmp(o->only.text[i], section) == 0) return true;
    return o->only.count == 0;
}

static bool check_only(const run_options *o, const lw_plan *p)
{
    for (int i = 0; i < o->only.count; i++) {
        run_options one = {.only = {1, {o->only.text[i]}}};
        int found = 0;
        for (int v = 0; v < p->variants; v++)
            found += is_wanted(&one, p->variant[v].name);
        if (found) continue;
        lw_fail(0, "run", "--only %s: no such variant in %s (--dry-run lists them)", o->only.text[i], p->file.path);
        return false;
    }
    return true;
}

static bool read_shard(const char *text, int *part, int *of)
{
    char end;
    if (!text) return true;
    if (sscanf(text, "%d/%d%c", part, of, &end) == 2 && *part >= 1 && *of >= *part) return true;
    lw_fail(0, "run", "--shard wants I/N with 1 <= I <= N, such as 1/2; got '%s'", text);
    return false;
}

/* In order of seeds, so that a sweep that is cut short has seen every variant. */
static lw_planned_run *choose(const run_options *o, const lw_plan *p, const char *out, int *count)
{
    int part = 1, of = 1, number = 0;
    *count = 0;
    if (!check_only(o, p) || !read_shard(o->shard, &part, &of)) return NULL;
    lw_planned_run *runs = calloc((size_t)p->seeds * (size_t)p->variants + 1, sizeof *runs);
    for (int s = 0; runs && s < p->seeds; s++)
        for (int v = 0; v < p->variants; v++)
            if (is_wanted(o, p->variant[v].name) && number++ % of == part - 1 &&
                !lw_planned_run_init(&runs[(*count)++], p, out, v, p->seed[s])) {
                lw_fail(0, "run", "the name of folder %s is too long", out);
                free(runs);
                return NULL;
            }
    if (!runs) lw_fail(0, "run", "out of memory");
    return runs;
}

/* ---------------------------------------------------------------- listing */

static void list_runs(const lw_sweep *s)
{
    static const char *const stages[] = {"to do", "begun", "finished", "diverged"};
    double left = 0, all = 0;
    printf("%-44s %6s  %-16s  %-8s %10s\n", "variant", "seed", "identity", "stage", "TFLOP");
    for (int i = 0; i < s->runs; i++) {
        const lw_planned_run *r = &s->run[i];
        const lw_variant *v = &s->plan->variant[r->variant];
        lw_run_stage stage = lw_run_folder_stage(r);
        char work[24] = "-";
        if (!isnan(v->work)) snprintf(work, sizeof work, "%.3g", v->work * 1e-12);
        printf("%-44s %6llu  %.*s  %-8s %10s\n", v->name, (unsigned long long)r->seed, LW_IDENTITY_SHORT, r->identity,
               stages[stage], work);
        all += v->work;
        if (stage == LW_RUN_NEW || stage == LW_RUN_BEGUN) left += v->work;
    }
    if (isnan(all)) {
        printf("%d runs; what they cost is known once their data are read\n", s->runs);
        return;
    }
    /* A round number to divide by: the rate is the machine's and the network's. */
    printf("%d runs, %.3g TFLOP, %.3g of it to do: %.1f minutes for each 100 GFLOP/s that training reaches\n", s->runs,
           all * 1e-12, left * 1e-12, left / 1e11 / 60);
    int needed = 0;
    if (lw_sweep_first(s, false, &needed) == LW_EXIT_OK && needed) printf("and before them %d runs of other experiments, whose weights are needed\n", needed);
}

/* ---------------------------------------------------------------- the command */

static int do_runs(const lw_sweep *s)
{
    if (!lw_make_folder(s->out))
        return lw_fail(LW_EXIT_OUTPUT, "run", "cannot create folder %s: %s", s->out, strerror(errno));
    lw_interrupt_catch();
    int left, code = lw_sweep_first(s, true, &left);
    if (code == LW_EXIT_OK) code = lw_sweep_do(s);
    if (code != LW_EXIT_OK) return code;
    char path[LW_RUN_PATH + 16], *folder[1] = {(char *)s->out};
    snprintf(path, sizeof path, "%s/runs.csv", s->out);
    FILE *there = fopen(path, "r"); /* not if every loss became infinite */
    if (!there) return LW_EXIT_OK;
    fclose(there);
    return lw_results_print(folder, 1, LW_TABLE_MARKDOWN, stdout);
}

int lw_cmd_run(int argc, char **argv)
{
    run_options o = {.jobs = 1, .checkpoint_every = 500};
    lw_plan plan;
    int code;
    if (!parse(&o, argc, argv, &code)) return code;
    if (optind == argc) return lw_fail(LW_EXIT_USAGE, "run", "no file; bench run FILE.ini, such as experiments/baseline.ini");
    bool ok = lw_plan_read(&plan, argv[optind], o.quick, o.set.text, o.set.count, &code) && lw_plan_usable(&plan);
    if (ok && o.seeds) {
        plan.seeds = lw_parse_seeds(o.seeds, plan.seed, LW_TRAIN_SEEDS);
        ok = plan.seeds > 0;
        if (!ok) lw_fail(0, "run", "--seeds wants a range or a list, such as 1..5 or 1,2,9; got '%s'", o.seeds);
    }
    char out[LW_RUN_PATH];
    if (o.out)
        snprintf(out, sizeof out, "%s", o.out);
    else
        snprintf(out, sizeof out, "results/%s%s", o.quick ? "quick/" : "", plan.name);
    lw_sweep s = {.plan = &plan, .out = out, .bind = o.bind, .jobs = o.jobs, .threads = o.threads,
                  .checkpoint_every = o.checkpoint_every};
    if (ok) s.run = choose(&o, &plan, out, &s.runs);
    if (ok && s.run && o.dry_run)
        list_runs(&s);
    else if (ok && s.run)
        code = do_runs(&s);
    if (ok && s.run && o.dry_run) code = LW_EXIT_OK;
    free(s.run);
    lw_plan_free(&plan);
    return code;
}
