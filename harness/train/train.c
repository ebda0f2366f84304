/* SPDX-License-Identifier: BSD-3-Clause
 * train.c: `bench train`: trains a network, once per seed. */
#define _GNU_SOURCE
#include "harness/train/train.h"

#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "nn/elide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- setup */

/* The command line as a shell takes it. */
static void quote_command(int argc, char **argv, char *text, size_t size)
{
    size_t n = (size_t)snprintf(text, size, "bench");
    for (int i = 0; i < argc && n < size; i++) {
        bool plain = argv[i][0] && !argv[i][strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                            "0123456789-_=./,+:")];
        n += (size_t)snprintf(text + n, size - n, plain ? " %s" : " '%s'", argv[i]);
    }
}

bool lw_train_prepare(lw_train *t, int *code)
{
    char message[1024];
    lw_error err;
    *code = LW_EXIT_USAGE;
    if (!lw_dispatch_init(&t->kernels, t->options.kernel, message, sizeof message) ||
        !lw_choices_open(&t->choices, &t->kernels, t->options.choice, t->options.variant, message, sizeof message)) {
        lw_fail(0, t->name, "%s", message);
        return false;
    }
    lw_dims input = {28, 28, 1};
    bool ok = lw_dataset_load(&t->data, t->options.data, getenv("LANEWISE_DATA"), &err);
    ok = ok && lw_train_resize(t, &err);
    if (ok) input = (lw_dims){t->data.train.h, t->data.train.w, 1};
    ok = ok && lw_model_parse(&t->model, t->options.model, input, &err) &&
         lw_dataset_check_labels(&t->data, t->model.classes, &err) &&
         (!t->options.freeze || lw_model_freeze(&t->model, t->options.freeze, &err)) &&
         (!t->options.lr_factor || lw_model_scale_rates(&t->model, t->options.lr_factor, &err)) &&
         (!t->options.anew || lw_model_has_layers(&t->model, t->options.anew, &err));
    if (!ok) {
        *code = lw_fail_error(t->name, &err);
        return false;
    }
    if (!t->options.dense) lw_model_elide(&t->model);
    lw_images_split(t->data.train, t->options.validation_split, &t->train, &t->validation);
    const double kept = t->options.fraction * (double)t->train.count;
    t->train = lw_images_part(t->train, 0, kept > 1 || t->train.count == 0 ? (ptrdiff_t)kept : 1);
    if (t->train.count == 0) {
        lw_fail(0, t->name, "--validation-split %g leaves none of %td images to train on", t->options.validation_split,
                t->data.train.count);
        return false;
    }
    if (!lw_train_normalize(t, &err)) {
        *code = lw_fail_error(t->name, &err);
        return false;
    }
    *code = LW_EXIT_MEMORY;
    t->topology = lw_topology_new();
    if (!t->topology) {
        lw_fail(0, t->name, "out of memory, or this system's topology cannot be read");
        return false;
    }
    *code = lw_workers_start(&t->workers, t->topology, t->name, t->options.bind, t->options.threads);
    if (*code != LW_EXIT_OK) return false;
    t->environment = lw_environment_now(lw_topology_machine(t->topology));
    lw_environment_team(&t->environment, &t->workers);
    return true;
}

/* ---------------------------------------------------------------- the command */

int lw_train_seeds(const lw_train *t)
{
    static double accuracy[LW_TRAIN_SEEDS];
    lw_train_records records;
    int code = lw_train_records_open(&records, t), done = 0;
    if (code == LW_EXIT_OK) {
        lw_train_show_setup(t);
        lw_train_show_model(t);
    }
    while (code == LW_EXIT_OK && done < t->options.seeds) {
        lw_train_run run = {.seed = t->options.seed[done]};
        code = lw_train_once(t, &records, &run);
        lw_run_state_free(&run.state);
        if (code == LW_EXIT_OK) accuracy[done++] = run.test.accuracy;
    }
    lw_train_show_spread(t, accuracy, done);
    if (done && !t->options.quiet) printf("results in %s: epochs.csv, runs.csv, weights\n", t->options.out);
    return lw_train_records_close(&records, code);
}

void lw_train_free(lw_train *t)
{
    lw_dataset_free(&t->data);
    lw_choices_free(&t->choices);
    if (t->topology) lw_topology_free(t->topology);
    t->topology = NULL;
}

int lw_cmd_train(int argc, char **argv)
{
    static lw_train t; /* too large for a stack */
    int code;
    t.name = "train";
    if (!lw_train_parse(&t.options, argc, argv, &code)) return code;
    quote_command(argc, argv, t.command, sizeof t.command);
    if (lw_train_prepare(&t, &code)) {
        lw_interrupt_catch();
        code = t.options.compare ? lw_train_compare(&t) : lw_train_seeds(&t);
    }
    lw_train_free(&t);
    return code;
}
