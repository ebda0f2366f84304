/* SPDX-License-Identifier: BSD-3-Clause
 * lr_find.c: `bench lr-find`: the command line of the learning-rate range test. */
#define _GNU_SOURCE
#include "harness/train/lr_find.h"

#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/records/sinks.h"

#include <stdio.h>
#include <string.h>

static const lw_usage usage = {
    "lr-find", "[options]",
    "Looks for a learning rate: trains for some steps while the rate grows exponentially, and shows at which rates the "
    "loss falls and where it breaks out (the range test of Smith, 2017). Models, data and the other options of "
    "training are those of `bench train`, whose --help explains them.",
    "Models, Augmentation and Data are explained below the options of `bench train --help`.\n"
    "\n"
    "What is suggested\n"
    "  The loss of each batch, taken before its step, goes into an exponential moving average (--beta, bias\n"
    "  corrected). The test stops early when that average is above 4 times its lowest, or when the loss becomes NaN\n"
    "  or infinite: both are results. Of the curve, two rates are printed, and the first is the suggestion:\n"
    "    a tenth of the rate at which the smoothed loss is lowest\n"
    "    the rate at which the smoothed loss falls most steeply against the logarithm of the rate\n"
    "  The first 1/(1 - beta) steps count for neither. A loss that never fell suggests nothing.\n"
    "\n"
    "Files\n"
    "  --csv    a row per step: learning_rate, loss, smoothed_loss, and what they were measured with\n"
    "  --plot   both losses against the rate, with the two rates marked\n"
    "\n"
    "Examples\n"
    "  bench lr-find --plot rates.svg\n"
    "  bench lr-find --optimizer sgd --momentum 0.9 --batch 128 --steps 400 --csv rates.csv\n"
    "\n"
    "Exit codes\n"
    "  0 done, also where the loss broke out   2 wrong option, kernel or model   3 data   4 a file cannot be written\n"
    "  6 out of memory   130 interrupted: the rows so far are kept\n",
    0};

/* What does not describe model, data or step, or says what the test itself decides. */
static const char *const not_ours[] = {"epochs", "steps", "lr", "schedule", "ema", "patience", "keep", "no-test",
                                       "seeds", "compare-kernels", "profile", "out", "checkpoint-every", "resume"};

static bool is_ours(const lw_option *option)
{
    for (size_t i = 0; option->name && i < sizeof not_ours / sizeof *not_ours; i++)
        if (strcmp(option->name, not_ours[i]) == 0) return false;
    return true;
}

enum { OWN = 7 };

/* Our options, then those of training that are left. */
static void make_table(lw_lr_find *f, lw_option table[OWN + LW_TRAIN_OPTIONS])
{
    const lw_option own[OWN] = {
        {LW_OPT_HEADING, .help = "What to try"},
        {LW_OPT_REAL, "from", .arg = "X", .value = &f->from, .min = 1e-30, .max = 1e30,
         .help = "Rate of the first step (1e-6)."},
        {LW_OPT_REAL, "to", .arg = "X", .value = &f->to, .min = 1e-30, .max = 1e30,
         .help = "Rate of the last step (1)."},
        {LW_OPT_INT, "steps", .arg = "N", .value = &f->steps, .min = 2, .max = 1000000,
         .help = "Training steps (200)."},
        {LW_OPT_REAL, "beta", .arg = "X", .value = &f->beta, .min = 0, .max = 0.999,
         .help = "What the smoothed loss keeps of itself at each step (0.9)."},
        {LW_OPT_TEXT, "csv", 'c', "FILE|-", &f->csv,
         .help = "Write a CSV row per step; `-` is standard output, and the table then goes to standard error."},
        {LW_OPT_TEXT, "plot", .arg = "FILE.svg", .value = &f->plot, .help = "Draw the curve, as SVG."}};
    lw_option all[LW_TRAIN_OPTIONS];
    memcpy(table, own, sizeof own);
    lw_option *end = table + OWN;
    lw_train_table(&f->train.options, true, all);
    for (const lw_option *o = all; o->kind != LW_OPT_END; o++)
        if (is_ours(o)) *end++ = *o;
    *end = (lw_option){.kind = LW_OPT_END};
}

static bool parse(lw_lr_find *f, int argc, char **argv, int *code)
{
    lw_option table[OWN + LW_TRAIN_OPTIONS];
    char err[1024];
    lw_train_defaults(&f->train.options);
    make_table(f, table);
    if (!lw_options_parse(&usage, table, argc, argv, code)) return false;
    *code = LW_EXIT_USAGE;
    if (!(f->from < f->to))
        return lw_fail(0, "lr-find", "--from wants a rate below --to, which is %g; got %g", f->to, f->from);
    if (!lw_train_resolve(&f->train.options, err, sizeof err)) return lw_fail(0, "lr-find", "%s", err);
    return true;
}

int lw_cmd_lr_find(int argc, char **argv)
{
    static lw_lr_find f; /* too large for a stack */
    int code;
    f = (lw_lr_find){.train.name = "lr-find", .from = 1e-6, .to = 1, .steps = 200, .beta = 0.9};
    if (!parse(&f, argc, argv, &code)) return code;
    lw_command_line(argc, argv, f.train.command, sizeof f.train.command);
    f.out = f.csv && strcmp(f.csv, "-") == 0 ? stderr : stdout;
    if (lw_train_prepare(&f.train, &code)) {
        lw_interrupt_catch();
        code = lw_lr_find_open(&f);
        if (code == LW_EXIT_OK) code = lw_lr_find_run(&f);
        code = lw_lr_find_close(&f, code);
    }
    lw_train_free(&f.train);
    return code;
}
