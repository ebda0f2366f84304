/* SPDX-License-Identifier: BSD-3-Clause
 * train.c: `bench train`: trains a network, once per seed. */
#define _GNU_SOURCE
#include "harness/train/train.h"

#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "harness/train/train_profile.h"
#include "nn/elide.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static bool prepare(lw_train *t, int *code)
{
    char message[1024];
    lw_error err;
    *code = LW_EXIT_USAGE;
    if (!lw_dispatch_init(&t->kernels, t->options.kernel, message, sizeof message)) {
        lw_fail(0, "train", "%s", message);
        return false;
    }
    lw_dims input = {28, 28, 1};
    bool ok = lw_dataset_load(&t->data, t->options.data, getenv("LANEWISE_DATA"), &err);
    if (ok) input = (lw_dims){t->data.train.h, t->data.train.w, 1};
    ok = ok && lw_model_parse(&t->model, t->options.model, input, &err) &&
         lw_dataset_check_labels(&t->data, t->model.classes, &err);
    if (!ok) {
        *code = lw_fail_error("train", &err);
        return false;
    }
    if (!t->options.dense) lw_model_elide(&t->model);
    lw_images_split(t->data.train, t->options.validation_split, &t->train, &t->validation);
    if (t->train.count == 0) {
        lw_fail(0, "train", "--validation-split %g leaves none of %td images to train on", t->options.validation_split,
                t->data.train.count);
        return false;
    }
    *code = LW_EXIT_MEMORY;
    t->topology = lw_topology_new();
    if (!t->topology) {
        lw_fail(0, "train", "out of memory, or this system's topology cannot be read");
        return false;
    }
    *code = lw_workers_start(&t->workers, t->topology, "train", t->options.bind, t->options.threads);
    if (*code != LW_EXIT_OK) return false;
    t->environment = lw_environment_now(lw_topology_machine(t->topology));
    lw_environment_team(&t->environment, &t->workers);
    return true;
}

/* ---------------------------------------------------------------- a run */

typedef struct batch_watch {
    lw_train_bar bar;
} batch_watch;

static bool on_batch(void *context, const lw_progress *progress)
{
    batch_watch *watch = context;
    lw_train_bar_show(&watch->bar, progress);
    return !lw_interrupted();
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void name_run(lw_train_run *run)
{
    struct timespec now;
    struct tm utc;
    char date[24];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(date, sizeof date, "%Y%m%dT%H%M%S", &utc);
    snprintf(run->id, sizeof run->id, "%s.%03dZ-s%llu", date, (int)(now.tv_nsec / 1000000),
             (unsigned long long)run->seed);
}

static int diverged(const lw_train *t, const lw_train_run *run, int epoch, const char *where, double loss)
{
    return lw_fail(LW_EXIT_DIVERGED, "train",
                   "the loss became %s in epoch %d, %s (seed %llu, lr %g); a smaller --lr may help", isnan(loss) ? "NaN" : "infinite", epoch + 1, where, (unsigned long long)run->seed,
                   t->options.optimizer.lr);
}

static int train_epoch(const lw_train *t, lw_trainer *trainer, lw_train_run *run, int epoch)
{
    batch_watch watch = {lw_train_bar_new(t, epoch)};
    lw_train_epoch *e = &run->last;
    trainer->on_batch = on_batch;
    trainer->context = &watch;
    e->epoch = epoch;
    double start = lw_train_now();
    lw_outcome outcome = lw_trainer_epoch(trainer, epoch, &e->train);
    e->seconds = lw_train_now() - start;
    lw_train_bar_clear(&watch.bar);
    char where[64];
    snprintf(where, sizeof where, "step %td of %td", e->train.step, e->train.steps);
    if (outcome == LW_DIVERGED) return diverged(t, run, epoch, where, e->train.loss);
    if (outcome == LW_STOPPED)
        return lw_fail(LW_EXIT_INTERRUPTED, "train", "interrupted in epoch %d after %s; the rows of finished epochs are kept",
                       epoch + 1, where);
    e->validation = lw_evaluate(trainer->net, t->validation, trainer->threads);
    if (t->validation.count && !isfinite(e->validation.loss))
        return diverged(t, run, epoch, "at validation", e->validation.loss);
    return LW_EXIT_OK;
}

static int train_epochs(const lw_train *t, lw_train_records *records, lw_trainer *trainer, lw_train_run *run)
{
    double *rates = malloc((size_t)t->options.epochs * sizeof *rates), start = lw_train_now();
    if (!rates) return lw_fail(LW_EXIT_MEMORY, "train", "out of memory for the rates of %d epochs", t->options.epochs);
    int code = LW_EXIT_OK;
    for (int epoch = 0; epoch < t->options.epochs && code == LW_EXIT_OK; epoch++) {
        code = train_epoch(t, trainer, run, epoch);
        if (code != LW_EXIT_OK) break;
        rates[epoch] = (double)run->last.train.images / run->last.seconds;
        lw_train_show_epoch(t, &run->last);
        code = lw_train_records_epoch(records, t, run, &run->last);
    }
    run->seconds = lw_train_now() - start;
    if (code == LW_EXIT_OK) run->images_per_second = median(rates, t->options.epochs);
    free(rates);
    return code;
}

static int train_run(const lw_train *t, lw_train_records *records, lw_train_run *run)
{
    lw_net net;
    lw_trainer trainer;
    lw_error err;
    int threads = t->workers.size;
    name_run(run);
    if (!lw_net_init(&net, &t->model, &t->kernels, t->options.batch, threads, &err)) return lw_fail_error("train", &err);
    lw_net_init_params(&net, t->options.init, run->seed);
    if (!lw_trainer_init(&trainer, &net, &t->options.optimizer, t->train, run->seed, threads, &err)) {
        lw_net_free(&net);
        return lw_fail_error("train", &err);
    }
    static lw_profile profile; /* too large for a stack */
    if (t->options.profile) {
        lw_profile_init(&profile);
        trainer.profile = &profile;
    }
    int code = train_epochs(t, records, &trainer, run);
    if (code == LW_EXIT_OK) {
        run->test = t->options.test ? lw_evaluate(&net, t->data.test, threads) : (lw_score){NAN, NAN, 0, 0};
        code = lw_train_save_weights(t, run, &net);
    }
    if (code == LW_EXIT_OK) code = lw_train_records_run(records, t, run);
    if (code == LW_EXIT_OK) lw_train_show_test(t, run);
    if (code == LW_EXIT_OK && t->options.profile)
        code = lw_train_profile(t, run, &net, &trainer.optimizer, &profile);
    lw_profile_free(&profile);
    lw_trainer_free(&trainer);
    lw_net_free(&net);
    return code;
}

static int train_seeds(const lw_train *t)
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
        code = train_run(t, &records, &run);
        if (code == LW_EXIT_OK) accuracy[done++] = run.test.accuracy;
    }
    lw_train_show_spread(t, accuracy, done);
    if (done && !t->options.quiet) printf("results in %s: epochs.csv, runs.csv, weights\n", t->options.out);
    return lw_train_records_close(&records, code);
}

int lw_cmd_train(int argc, char **argv)
{
    static lw_train t; /* too large for a stack */
    int code;
    if (!lw_train_parse(&t.options, argc, argv, &code)) return code;
    quote_command(argc, argv, t.command, sizeof t.command);
    if (prepare(&t, &code)) {
        lw_interrupt_catch();
        code = t.options.compare ? lw_train_compare(&t) : train_seeds(&t);
    }
    lw_dataset_free(&t.data);
    if (t.topology) lw_topology_free(t.topology);
    return code;
}
