/* SPDX-License-Identifier: BSD-3-Clause
 * train_records.c: what a training run leaves behind: rows of epochs.csv and runs.csv, and the weights. */
#define _GNU_SOURCE
#include "harness/train/train.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/records/folder.h"
#include "nn/elide.h"
#include "nn/safetensors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keras' CSVLogger first, by its names. */
static const char *const epoch_columns[] = {
    "epoch", "accuracy", "loss", "val_accuracy", "val_loss", "seconds", "images_per_second",
    "lr",    "seed",     "data", "kernel",       "threads",  "run"};

static const char *const run_columns[] = {
    "schema",         "run",          "model",         "parameters",  "train_mflop",    "executed_mflop", "data",
    "data_verified",  "data_sha256",  "data_folder",   "images",      "val_images",     "test_images",
    "epochs",         "batch",        "optimizer",     "lr",          "momentum",       "nesterov",
    "weight_decay",   "beta1",        "beta2",         "epsilon",     "init",           "validation_split",
    "seed",           "kernel",       "threads",       "binding",     "schedule",
    "ema",            "patience",     "keep",          "augment",       "label_smoothing",
    "fraction",       "init_from",    "init_sha256", "anew",          "freeze",
    "lr_factor",      "resize",         "normalize",     "pixel_mean",  "pixel_sd",
    "epochs_run",  "tested_epoch", "accuracy",       "loss",
    "val_accuracy",   "val_loss",     "test_accuracy", "test_loss",   "test_correct",   "images_per_second",
    "gflops",         "seconds",      "data_seconds",  "augment_seconds", "forward_seconds",
    "backward_seconds", "optimizer_seconds", "evaluate_seconds", "weights",
    "choice",         "choice_sha256",  "variants",      LW_ENVIRONMENT_COLUMNS,          "command"};

enum { DIGITS = 9 }; /* enough to tell any two fp32 numbers apart */

int lw_fail_error(const char *command, const lw_error *err)
{
    static const int codes[] = {[LW_ERROR_MODEL] = LW_EXIT_USAGE,
                                [LW_ERROR_SETTING] = LW_EXIT_USAGE,
                                [LW_ERROR_DATA] = LW_EXIT_DATA,
                                [LW_ERROR_OUTPUT] = LW_EXIT_OUTPUT,
                                [LW_ERROR_MEMORY] = LW_EXIT_MEMORY};
    return lw_fail(codes[err->kind], command, "%s", err->text);
}

static lw_csv *open_csv(const char *folder, const char *name, const char *const *columns, int count)
{
    char path[600], err[700];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    lw_csv *csv = lw_csv_append(path, columns, count, err, sizeof err);
    if (!csv) lw_fail(0, "train", "%s", err);
    return csv;
}

int lw_train_records_open(lw_train_records *r, const lw_train *t)
{
    const char *out = t->options.out;
    *r = (lw_train_records){0};
    if (!lw_make_folder(out))
        return lw_fail(LW_EXIT_OUTPUT, "train", "cannot create folder %s: %s", out, strerror(errno));
    r->epochs = open_csv(out, "epochs.csv", epoch_columns, sizeof epoch_columns / sizeof *epoch_columns);
    if (r->epochs) r->runs = open_csv(out, "runs.csv", run_columns, sizeof run_columns / sizeof *run_columns);
    return r->runs ? LW_EXIT_OK : LW_EXIT_OUTPUT;
}

static int end_row(lw_csv *csv)
{
    return lw_csv_end_row(csv) ? LW_EXIT_OK : lw_fail(LW_EXIT_OUTPUT, "train", "%s", lw_csv_error(csv));
}

static void put_u64(lw_csv *csv, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    lw_csv_text(csv, text);
}

static int put_epoch(lw_csv *csv, const lw_train *t, const lw_train_run *run, const lw_epoch_result *e)
{
    lw_csv_int(csv, e->epoch);
    lw_csv_real(csv, e->accuracy, DIGITS);
    lw_csv_real(csv, e->loss, DIGITS);
    lw_csv_real(csv, e->val_accuracy, DIGITS);
    lw_csv_real(csv, e->val_loss, DIGITS);
    lw_csv_real(csv, e->seconds, 6);
    lw_csv_real(csv, (double)e->images / e->seconds, 6);
    lw_csv_real(csv, e->lr, DIGITS);
    put_u64(csv, run->seed);
    lw_csv_text(csv, t->data.name);
    lw_csv_text(csv, lw_isa_name(t->kernels.isa));
    lw_csv_int(csv, t->workers.size);
    lw_csv_text(csv, run->id);
    return end_row(csv);
}

int lw_train_records_epochs(lw_train_records *r, const lw_train *t, const lw_train_run *run, int first)
{
    int code = LW_EXIT_OK;
    for (int i = first; code == LW_EXIT_OK && i < run->state.finished; i++)
        code = put_epoch(r->epochs, t, run, &run->state.history[i]);
    return code;
}

/* A name is long and holds a date, so that it stands in no other field. */
int lw_train_records_count(const lw_train *t, const char *file, const char *run)
{
    char path[600], *line = NULL;
    size_t size = 0;
    int count = 0;
    snprintf(path, sizeof path, "%s/%s", t->options.out, file);
    FILE *in = fopen(path, "r");
    while (in && getline(&line, &size, in) > 0)
        count += strstr(line, run) != NULL;
    free(line);
    if (in) fclose(in);
    return count;
}

static void put_configuration(lw_csv *csv, const lw_train *t, const lw_train_run *run)
{
    const lw_train_options *o = &t->options;
    lw_csv_int(csv, o->epochs);
    lw_csv_int(csv, o->batch);
    lw_csv_text(csv, lw_optimizer_name(o->optimizer.kind));
    lw_csv_real(csv, o->optimizer.lr, DIGITS);
    lw_csv_real(csv, o->optimizer.momentum, DIGITS);
    lw_csv_text(csv, o->optimizer.nesterov ? "yes" : "no");
    lw_csv_real(csv, o->optimizer.weight_decay, DIGITS);
    lw_csv_real(csv, o->optimizer.beta1, DIGITS);
    lw_csv_real(csv, o->optimizer.beta2, DIGITS);
    lw_csv_real(csv, o->optimizer.epsilon, DIGITS);
    lw_csv_text(csv, o->init == LW_INIT_HE ? "he" : "glorot");
    lw_csv_real(csv, o->validation_split, DIGITS);
    put_u64(csv, run->seed);
    lw_csv_text(csv, lw_isa_name(t->kernels.isa));
    lw_csv_int(csv, t->workers.size);
    lw_csv_text(csv, t->workers.binding);
    char schedule[LW_SCHEDULE_TEXT];
    lw_schedule_text(&o->schedule, schedule);
    lw_csv_text(csv, schedule);
    lw_csv_real(csv, o->ema, DIGITS);
    lw_csv_int(csv, o->patience);
    lw_csv_text(csv, o->keep_best ? "best" : "last");
    char augment[LW_AUGMENT_TEXT];
    lw_augment_text(&o->augment, augment);
    lw_csv_text(csv, augment);
    lw_csv_real(csv, o->smoothing, DIGITS);
    lw_csv_real(csv, o->fraction, DIGITS);
    lw_csv_text(csv, o->init_from ? o->init_from : "");
    lw_csv_text(csv, o->init_sha256);
    lw_csv_text(csv, o->anew ? o->anew : "");
    lw_csv_text(csv, o->freeze ? o->freeze : "");
    lw_csv_text(csv, o->lr_factor ? o->lr_factor : "");
    lw_csv_text(csv, t->format.resize);
    lw_csv_text(csv, t->format.normalize);
    lw_csv_real(csv, t->pixels.mean, DIGITS);
    lw_csv_real(csv, t->pixels.sd, DIGITS);
}

/* The epoch whose weights were tested. */
static const lw_epoch_result *tested_epoch(const lw_train *t, const lw_train_run *run)
{
    const lw_run_state *s = &run->state;
    return &s->history[t->options.keep_best && s->best_epoch >= 0 ? s->best_epoch : s->finished - 1];
}

static void put_results(lw_csv *csv, const lw_train *t, const lw_train_run *run)
{
    const lw_epoch_result *e = tested_epoch(t, run);
    lw_csv_int(csv, run->state.finished);
    lw_csv_int(csv, e->epoch);
    lw_csv_real(csv, e->accuracy, DIGITS);
    lw_csv_real(csv, e->loss, DIGITS);
    lw_csv_real(csv, e->val_accuracy, DIGITS);
    lw_csv_real(csv, e->val_loss, DIGITS);
    lw_csv_real(csv, run->test.accuracy, DIGITS);
    lw_csv_real(csv, run->test.loss, DIGITS);
    if (t->options.test)
        lw_csv_int(csv, run->test.correct);
    else
        lw_csv_text(csv, "");
    lw_csv_real(csv, run->images_per_second, 6);
    lw_csv_real(csv, run->images_per_second * lw_model_train_flop(&t->model) * 1e-9, 6);
    lw_csv_real(csv, run->state.seconds, 6);
    for (int i = 0; i < LW_PHASES; i++)
        lw_csv_real(csv, run->phases.seconds[i], 6);
    lw_csv_text(csv, run->weights);
}

int lw_train_records_run(lw_train_records *r, const lw_train *t, const lw_train_run *run)
{
    lw_csv *csv = r->runs;
    lw_csv_int(csv, 5); /* schema */
    lw_csv_text(csv, run->id);
    lw_csv_text(csv, t->options.model);
    lw_csv_int(csv, t->model.params);
    lw_csv_real(csv, lw_model_train_flop(&t->model) * 1e-6, 6);
    lw_csv_real(csv, lw_model_executed_train_flop(&t->model) * 1e-6, 6);
    lw_csv_text(csv, t->data.name);
    lw_csv_text(csv, t->data.verified ? "yes" : "no");
    lw_csv_text(csv, t->data.sha256);
    lw_csv_text(csv, t->data.folder);
    lw_csv_int(csv, t->train.count);
    lw_csv_int(csv, t->validation.count);
    lw_csv_int(csv, t->data.test.count);
    put_configuration(csv, t, run);
    put_results(csv, t, run);
    lw_csv_text(csv, t->options.choice ? t->options.choice : "");
    lw_csv_text(csv, t->options.choice_sha256);
    lw_csv_text(csv, run->variants);
    lw_environment_csv(&t->environment, csv);
    lw_csv_text(csv, t->command);
    return end_row(csv);
}

int lw_train_records_close(lw_train_records *r, int code)
{
    bool epochs = lw_csv_close(r->epochs), runs = lw_csv_close(r->runs);
    if (code == LW_EXIT_OK && !(epochs && runs)) return lw_fail(LW_EXIT_OUTPUT, "train", "cannot close the CSV files");
    return code;
}

int lw_train_save_weights(const lw_train *t, lw_train_run *run, const lw_net *net)
{
    char seed[24], pixels[LW_PIXELS_TEXT];
    lw_pixels_text(&t->pixels, pixels);
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    if (t->options.seeds > 1)
        snprintf(run->weights, sizeof run->weights, "%s/weights-seed%s.safetensors", t->options.out, seed);
    else
        snprintf(run->weights, sizeof run->weights, "%s/weights.safetensors", t->options.out);
    const lw_metadata metadata[] = {{"format", "lanewise"}, {"model", t->options.model}, {"data", t->data.name},
                                    {"data_sha256", t->data.sha256}, {"seed", seed}, {"run", run->id},
                                    {"normalize", pixels}, {"resize", t->format.resize}};
    lw_error err;
    if (lw_safetensors_write(run->weights, net, metadata, sizeof metadata / sizeof *metadata, &err)) return LW_EXIT_OK;
    return lw_fail_error("train", &err);
}
