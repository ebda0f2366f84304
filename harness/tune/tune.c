/* SPDX-License-Identifier: BSD-3-Clause
 * tune.c: `bench tune`: measures all kernels of a set that serve a problem, and writes down which one to take. */
#include "harness/tune/tune.h"

#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "nn/resize.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef lw_tune command;

static const lw_usage usage = {
    "tune", "--out FILE [options]",
    "Measures, in turns and in one process, all kernels of a set that serve a problem, each checked against the fp64 "
    "reference first, and writes the fastest into a file that --choice of bench train and bench infer reads. A kernel "
    "takes the place of the one that the set calls by itself only where it is faster beyond doubt: the 95 % interval "
    "of the ratio of their times lies below 1.",
    "Table\n"
    "  own    time of the kernel that the set calls by itself; chosen: of the one that is chosen\n"
    "  ratio  median over the rounds of (time of the chosen kernel / time of the set's own in the same round)\n"
    "  Problems for which a set has one kernel are not measured. Of a network they are the calls of a training step,\n"
    "  and those with which it answers: of the size that `bench infer` cuts batches into, on one thread.\n"
    "\n"
    "Examples\n"
    "  bench tune --model tutorial --batch-size 64 --threads 2 --out tutorial.csv\n"
    "  bench train --choice tutorial.csv --threads 2\n"
    "  bench tune --kernel avx2 --op conv2d_fwd --batch experiments/problems/tutorial.txt --out choice.csv\n"
    "\n"
    "Exit codes\n"
    "  0 written   1 a kernel failed its check, or there was nothing to choose\n"
    "  2 wrong option, kernel, problem or model   4 the file cannot be written   6 out of memory\n"
    "  130 interrupted: the file is as it was\n",
    0};

static bool parse(command *c, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to choose"},
        {LW_OPT_TEXT, "kernel", 'k', "K[,K...]", &c->kernel,
         .help = "Kernel sets: names that `bench list` shows, auto, all (default: $LANEWISE_KERNEL, else auto)."},
        {LW_OPT_TEXT, "model", 'm', "NAME|@FILE|TEXT", &c->model.name,
         .help = "For the calls of this network, as `bench train` describes models."},
        {LW_OPT_INT, "batch-size", .arg = "N", .value = &c->model.batch, .min = 1, .max = 65536,
         .help = "Images of its training step (default 64)."},
        {LW_OPT_TEXT, "resize", .arg = "HxW", .value = &c->resize,
         .help = "Size of its images (default 28x28)."},
        {LW_OPT_FLAG, "dense", .value = &c->model.dense, .help = "As `bench train --dense` calls them."},
        {LW_OPT_TEXT, "op", 'o', "OP[,OP...]", &c->op,
         .help = "Without --model: these ops only (default: all)."},
        {LW_OPT_TEXT, "problem", 'p', "P", &c->problem, .help = LW_PROBLEM_HELP},
        {LW_OPT_TEXT, "batch", 'b', "FILE", &c->batch, .help = LW_BATCH_HELP},
        {LW_OPT_FLAG, "quick", 'q', .value = &c->quick,
         .help = "The first problems of each op, fewer samples."},
        {LW_OPT_HEADING, .help = "How to measure"},
        {LW_OPT_INT, "threads", 't', "N", &c->model.threads, .min = 1, .max = 1024,
         .help = "Threads (default 1)."},
        {LW_OPT_TEXT, "bind", 'B', "HOW", &c->bind, .help = LW_BIND_HELP},
        {LW_OPT_REAL, "min-time", .arg = "SECONDS", .value = &c->min_time, .min = 1e-3, .max = 3600,
         .help = "Time in samples per kernel and problem (default 0.3, with --quick 0.06)."},
        {LW_OPT_INT, "repetitions", 'r', "N", &c->repetitions, .min = 1, .max = LW_MAX_REPETITIONS,
         .help = "Exactly so many rounds, instead of --min-time."},
        {LW_OPT_U64, "seed", 's', "N", &c->seed,
         .help = "Seed of the operands and of the order (default 1)."},
        {LW_OPT_HEADING, .help = "Where it goes"},
        {LW_OPT_TEXT, "out", .arg = "FILE", .value = &c->out, .help = "The choice, whole or not at all."},
        {.kind = LW_OPT_END}};
    return lw_options_parse(&usage, table, argc, argv, code);
}

/* ---------------------------------------------------------------- which calls */

static int add_problems(command *c)
{
    lw_worklist work;
    int code = lw_worklist_make(&work, &c->selection, c->batch, c->quick);
    for (int i = 0; i < work.count && code == LW_EXIT_OK; i++)
        if (!lw_tune_add(&c->tasks, work.item[i].name, &work.item[i].problem, false))
            code = lw_fail(LW_EXIT_MEMORY, "tune", "out of memory for %d problems", work.count);
    lw_worklist_free(&work);
    return code;
}

/* Which calls a network makes does not depend on the set, so any will do. */
static int add_model(command *c)
{
    lw_dispatch kernels;
    char message[1024];
    lw_error err;
    if (c->op || c->problem || c->batch)
        return lw_fail(LW_EXIT_USAGE, "tune",
                       "--model names the problems itself: without --op, --problem and --batch, please");
    if (c->resize && !lw_resize_parse(c->resize, &c->model.h, &c->model.w, &err))
        return lw_fail(LW_EXIT_USAGE, "tune", "--resize: %s", err.text);
    if (!lw_dispatch_init(&kernels, "auto", message, sizeof message))
        return lw_fail(LW_EXIT_USAGE, "tune", "%s", message);
    if (lw_tune_add_model(&c->tasks, &c->model, &kernels, &err)) return LW_EXIT_OK;
    return lw_fail(err.kind == LW_ERROR_MEMORY ? LW_EXIT_MEMORY : LW_EXIT_USAGE, "tune", "%s", err.text);
}

/* ---------------------------------------------------------------- the command */

static int start(command *c)
{
    c->topology = lw_topology_new();
    if (!c->topology) return lw_fail(LW_EXIT_MEMORY, "tune", "cannot read this machine's topology");
    const int code = lw_workers_start(&c->workers, c->topology, "tune", c->bind, c->model.threads);
    if (code != LW_EXIT_OK) return code;
    c->environment = lw_environment_now(lw_topology_machine(c->topology));
    lw_environment_team(&c->environment, &c->workers);
    if (c->workers.size > 1) {
        lw_capacity_init(&c->capacity, &c->workers);
        c->timing.capacity = &c->capacity;
        c->timing.patience = c->quick ? 1 : 3;
    }
    return LW_EXIT_OK;
}

/* Beside the file that it then replaces. */
static int write_file(command *c)
{
    char aside[1024], err[1200];
    if (snprintf(aside, sizeof aside, "%s.part", c->out) >= (int)sizeof aside)
        return lw_fail(LW_EXIT_USAGE, "tune", "--out: a name of fewer than %zu characters is wanted",
                       sizeof aside - 5);
    c->csv = lw_tune_file_open(aside, err, sizeof err);
    if (!c->csv) return lw_fail(LW_EXIT_OUTPUT, "tune", "%s", err);
    int code = lw_tune_measure(c);
    if (!lw_csv_close(c->csv) && code == LW_EXIT_OK)
        code = lw_fail(LW_EXIT_OUTPUT, "tune", "cannot write %s", aside);
    if (code == LW_EXIT_INTERRUPTED) lw_fail(0, "tune", "interrupted; %s is as it was", c->out);
    if (code == LW_EXIT_OK && c->measured == 0)
        code = lw_fail(LW_EXIT_FAILED, "tune",
                       "nothing to choose: for none of these problems does '%s' have two kernels",
                       c->selection.kernel);
    if (code == LW_EXIT_OK && rename(aside, c->out) != 0)
        code = lw_fail(LW_EXIT_OUTPUT, "tune", "cannot write %s: %s", c->out, strerror(errno));
    if (code != LW_EXIT_OK) remove(aside);
    return code;
}

static int run(command *c)
{
    int code = start(c);
    if (code == LW_EXIT_OK) code = write_file(c);
    if (code != LW_EXIT_OK) return code;
    printf("\n%s: %d problem%s, %d to another kernel than the set's own\n", c->out, c->measured,
           c->measured == 1 ? "" : "s", c->changed);
    return c->failed ? lw_fail(LW_EXIT_FAILED, "tune", "%d kernels FAILED their check and are not chosen",
                               c->failed)
                     : LW_EXIT_OK;
}

static int require_sets(const command *c)
{
    if (!c->out) return lw_fail(LW_EXIT_USAGE, "tune", "--out FILE says where the choice goes");
    for (int i = 0; i < c->selection.sets.count; i++)
        if (lw_set_is_peer(c->selection.sets.set[i]))
            return lw_fail(LW_EXIT_USAGE, "tune", "--kernel wants sets of our own; %s chooses for itself",
                           lw_set_name(c->selection.sets.set[i]));
    return LW_EXIT_OK;
}

int lw_cmd_tune(int argc, char **argv)
{
    static command c; /* too large for a stack */
    int code;
    c = (command){.seed = 1, .model = {.h = 28, .w = 28, .batch = 64, .threads = 1}};
    lw_command_line(argc, argv, c.typed, sizeof c.typed);
    if (!parse(&c, argc, argv, &code)) return code;
    if (!lw_select(&c.selection, "tune", c.kernel, "auto", c.op, c.problem)) return LW_EXIT_USAGE;
    code = require_sets(&c);
    c.cpu = lw_cpu_detect();
    c.timing = (lw_timing){.sample_seconds = 2e-3,
                           .min_seconds = c.min_time > 0 ? c.min_time
                                          : c.quick      ? 0.06
                                                         : 0.3,
                           .min_samples = c.quick ? 7 : 15,
                           .repetitions = c.repetitions,
                           .seed = c.seed};
    if (code == LW_EXIT_OK) code = c.model.name ? add_model(&c) : add_problems(&c);
    lw_interrupt_catch();
    if (code == LW_EXIT_OK) code = run(&c);
    lw_tune_tasks_free(&c.tasks);
    if (c.topology) lw_topology_free(c.topology);
    return code;
}
