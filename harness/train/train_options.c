/* SPDX-License-Identifier: BSD-3-Clause
 * train_options.c: the command line of `bench train`. */
#include "harness/train/train.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "nn/resize.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const lw_usage usage = {
    "train", "[options]",
    "Trains a network for image classification with these kernels and records every epoch. The same seed gives "
    "the same numbers, bit for bit, with any number of threads.",
    "Models\n"
    "  Layers in order, separated by spaces; the last one gives the scores of the classes, softmax belongs\n"
    "  to the loss. A name stands for a model that comes along (experiments/models/), @FILE for a file with a\n"
    "  text and # comments: accurate batchnorm-cnn inception lenet5 pytorch-mnist resnet tutorial, which is\n"
    "    " LW_MODEL_TUTORIAL "\n"
    "  Layers:\n"
    "    conv(filters,kernel[,stride=1][,pad=0|same])   maxpool(size[,stride=size][,pad=0|same])\n"
    "    dense(units)   relu   leakyrelu(slope)         avgpool(size[,stride=size][,pad=0|same])\n"
    "    dropout(rate)   flatten   globalavgpool        batchnorm([momentum=0.99][,epsilon=0.001])\n"
    "  Groups, whose parts are again layers and groups:\n"
    "    residual(body)            body(x) + x; sizes must be the same\n"
    "    residual(body|shortcut)   body(x) + shortcut(x)\n"
    "    branches(a|b|...)         the channels of a(x), b(x) ... one after the other; an empty branch passes x on\n"
    "\n"
    "Schedules\n"
    "  The learning rate in parts of --lr; lengths in epochs. Each also takes warmup=E: linearly from 0 over E epochs,\n"
    "  as in cosine(warmup=1,min=0.01).\n"
    "    constant\n"
    "    step(every=1,factor=0.1)             times `factor` every so many epochs\n"
    "    exponential(factor=0.9)              times `factor` over each epoch, a little at every step\n"
    "    polynomial(power=1,min=0)            down to `min` as a power of what is left\n"
    "    cosine(min=0,cycle=0,growth=1)       half a cosine down to `min`; with `cycle` it restarts after so many\n"
    "                                         epochs, each cycle `growth` times as long as the one before it\n"
    "    onecycle(rise=0.3,start=0.04,end=0.0001)   up to 1 during the first `rise` of the run, then down to `end`\n"
    "    plateau(factor=0.1,patience=2,delta=0.0001,min=0)   times `factor` when val_loss has not fallen by more\n"
    "                                         than `delta` for `patience` epochs\n"
    "\n"
    "Augmentation\n"
    "  As in rotate=10,translate=0.1,scale=0.1; each value is the range around nothing that is drawn from, per image and\n"
    "  epoch. `bench augment` shows what it looks like; `none` is nothing.\n"
    "    rotate=DEGREES   translate=PART of the size   scale=PART   shear=DEGREES\n"
    "    elastic=PIXELS   displacements at the points of a grid, grid=PIXELS (6) apart, smooth in between\n"
    "    erase=PROBABILITY of a black rectangle with sides up to erase-size=PART (0.4) of the image's\n"
    "    flip=PROBABILITY of left and right changing places\n"
    "\n"
    "Data\n"
    "  mnist, fashion-mnist   looked for in $LANEWISE_DATA/NAME, $LANEWISE_DATA, data/NAME and where the\n"
    "                         distribution's package puts it; every file must have the SHA-256 on record\n"
    "  DIR                    a folder with the four IDX files, plain or .gz; content that is not on record\n"
    "                         is called `unverified` in every output\n"
    "  synthetic              12,000 + 2,000 digits drawn by the program; says nothing about MNIST\n"
    "\n"
    "Files in the --out folder\n"
    "  epochs.csv   a row per epoch, as Keras' CSVLogger: epoch (from 0), accuracy, loss, val_accuracy, val_loss,\n"
    "               then ours; the column `run` leads to the row of runs.csv, `seed` tells seeds apart\n"
    "  runs.csv     a row per finished run: configuration, data, kernels, machine, results\n"
    "  profile.csv  with --profile, a row per part of a training step; gap_hot is in situ / hot\n"
    "  compare-kernels.csv   with --compare-kernels, a row per seed and set after the first\n"
    "  errors.csv   the test images that were taken for another class; confusion.csv   how often which for which\n"
    "  weights.safetensors   the parameters that were tested, with --normalize and --resize in the metadata\n"
    "  With several seeds these have names such as weights-seed2.safetensors.\n"
    "  Rows are added to files that exist already.\n"
    "\n"
    "Examples\n"
    "  bench train                                 the tutorial network on MNIST, 5 epochs\n"
    "  bench train --seeds 1..5 --out results/mnist\n"
    "  bench train --data synthetic --epochs 2 --model \"flatten dense(64) relu dense(10)\"\n"
    "  bench train --profile --epochs 1 --threads 1   where does the time go, and is it what `bench kernels` says?\n"
    "  bench train --compare-kernels scalar,avx2 --data synthetic --epochs 1 --seeds 1..5\n"
    "  python3 -c \"import pandas; print(pandas.read_csv('results/epochs.csv').groupby('seed').last())\"\n"
    "\n"
    "Exit codes\n"
    "  0 trained   2 wrong option, kernel or model   3 data   4 a file cannot be written\n"
    "  5 the loss became NaN or infinite   6 out of memory   130 interrupted: finished epochs are kept\n",
    0};

int lw_parse_seeds(const char *text, uint64_t *seed, int most)
{
    int count = 0;
    for (const char *at = text;; at++) {
        char *end;
        if (!isdigit((unsigned char)*at)) return 0;
        uint64_t first = strtoull(at, &end, 10), last = first;
        if (end[0] == '.' && end[1] == '.' && isdigit((unsigned char)end[2])) last = strtoull(end + 2, &end, 10);
        if (last < first || last - first >= (uint64_t)(most - count)) return 0;
        for (uint64_t s = first; s <= last; s++)
            seed[count++] = s;
        at = end;
        if (*at == '\0') return count;
        if (*at != ',') return 0;
    }
}

enum { TABLE = LW_TRAIN_OPTIONS };

void lw_train_defaults(lw_train_options *o)
{
    *o = (lw_train_options){.out = "results", .epochs = 5, .batch = 64, .validation_split = 0.2, .fraction = 1,
                            .given = {.model = "tutorial", .optimizer = "adam", .init = "glorot", .keep = "last", .schedule = "constant",
                                      .lr = NAN, .momentum = NAN, .weight_decay = NAN, .seed = 1}};
}

static const lw_option *what_to_train(lw_train_options *o, lw_option *row)
{
    const lw_option rows[] = {
        {LW_OPT_HEADING, .help = "What to train"},
        {LW_OPT_TEXT, "model", 'm', "NAME|@FILE|TEXT", &o->given.model,
         .help = "The network, see Models below (default: tutorial)."},
        {LW_OPT_TEXT, "data", 'd', "NAME|DIR", &o->data,
         .help = "The data set, see Data below (default: $LANEWISE_DATA if it holds the four files, else mnist)."},
        {LW_OPT_REAL, "validation-split", .arg = "F", .value = &o->validation_split, .min = 0, .max = 0.99,
         .help = "The last fraction of the training file is for validation, as in Keras (default 0.2)."},
        {LW_OPT_REAL, "fraction", .arg = "F", .value = &o->fraction, .min = 1e-6, .max = 1,
         .help = "Train on the first images only, so much of what validation leaves (default 1)."},
        {LW_OPT_TEXT, "resize", .arg = "HxW", .value = &o->resize,
         .help = "Bring all images to this size first: bilinear, and where they shrink by a triangle filter as wide as two new "
                 "pixels, so that nothing is skipped. Default: as --init-from was trained, else as they are."},
        {LW_OPT_TEXT, "normalize", .arg = "HOW", .value = &o->normalize,
         .help = "What the network sees of a pixel: unit (0 .. 1), standard (less the mean and divided by the standard "
                 "deviation of the images trained on), or MEAN,SD in parts of white, such as 0.1307,0.3081. Weights remember "
                 "it. Default: as --init-from was trained, else unit."},
        {LW_OPT_FLAG, "no-test", .value = &o->given.no_test, .help = "Do not look at the test set at the end."},
        {.kind = LW_OPT_END}};
    return memcpy(row, rows, sizeof rows);
}

static const lw_option *how_to_train(lw_train_options *o, lw_option *row)
{
    lw_train_given *r = &o->given;
    const lw_option rows[] = {
        {LW_OPT_HEADING, .help = "How to train"},
        {LW_OPT_INT, "epochs", 'e', "N", &o->epochs, .min = 1, .max = 1000000, .help = "Epochs (default 5)."},
        {LW_OPT_INT, "steps", .arg = "N", .value = &o->steps, .min = 1, .max = 1e9,
         .help = "With --compare-kernels: steps of a run, instead of whole epochs."},
        {LW_OPT_INT, "batch", 'b', "N", &o->batch, .min = 1, .max = 65536,
         .help = "Images per step (default 64); the rest of an epoch is a smaller batch."},
        {LW_OPT_TEXT, "optimizer", 'O', "NAME", &r->optimizer, .choices = "adam|adamw|rmsprop|sgd",
         .help = "adam (default), adamw, rmsprop or sgd."},
        {LW_OPT_REAL, "lr", .arg = "X", .value = &r->lr, .min = 0, .max = INFINITY,
         .help = "Learning rate (default 0.001, sgd 0.01)."},
        {LW_OPT_TEXT, "schedule", .arg = "TEXT", .value = &r->schedule,
         .help = "How the rate moves, see Schedules below (default: constant)."},
        {LW_OPT_TEXT, "augment", .arg = "TEXT", .value = &r->augment,
         .help = "What is done to each training image anew in each epoch, see Augmentation below (default: nothing)."},
        {LW_OPT_REAL, "momentum", .arg = "X", .value = &r->momentum, .min = 0, .max = 1,
         .help = "Momentum of sgd (default 0)."},
        {LW_OPT_FLAG, "nesterov", .value = &r->nesterov, .help = "Nesterov's momentum."},
        {LW_OPT_REAL, "weight-decay", .arg = "X", .value = &r->weight_decay, .min = 0, .max = INFINITY,
         .help = "On all parameters (default 0, adamw 0.004)."},
        {LW_OPT_REAL, "label-smoothing", .arg = "X", .value = &o->smoothing, .min = 0, .max = 0.99,
         .help = "Train towards labels of which X is spread over all classes (default 0); other losses are without it."},
        {LW_OPT_REAL, "ema", .arg = "D", .value = &o->ema, .min = 0, .max = 0.999999,
         .help = "Validate, test and save a moving average of the weights, which keeps D of itself at each step "
                 "(default 0: the weights themselves)."},
        {LW_OPT_INT, "patience", .arg = "N", .value = &o->patience, .min = 0, .max = 1000000,
         .help = "Stop once val_loss has not fallen for N epochs (default 0: never)."},
        {LW_OPT_TEXT, "keep", .arg = "last|best", .value = &r->keep, .choices = "last|best",
         .help = "Which weights are tested and saved: those of the last epoch (default) or those of the epoch with the "
                 "lowest val_loss."},
        {LW_OPT_TEXT, "init", .arg = "NAME", .value = &r->init, .choices = "glorot|he",
         .help = "Uniform initial weights: glorot (default, as Keras) or he; biases are zero."},
        {LW_OPT_TEXT, "init-from", .arg = "FILE", .value = &o->init_from,
         .help = "Start from the weights of an earlier training: every tensor of FILE (safetensors) that the model has by "
                 "that name and in that shape. What it has not starts as --init says."},
        {LW_OPT_TEXT, "anew", .arg = "LAYER[,LAYER...]", .value = &o->anew,
         .help = "With --init-from: these layers start as --init says all the same, such as the head for other classes."},
        {LW_OPT_TEXT, "freeze", .arg = "LAYER[,LAYER...]", .value = &o->freeze,
         .help = "Do not train these layers (names as in the model's summary). Batch normalisation that is frozen uses its "
                 "running statistics."},
        {LW_OPT_TEXT, "lr-factor", .arg = "LAYER=X[,LAYER=X...]", .value = &o->lr_factor,
         .help = "These layers learn at X times the learning rate, whatever it is at that step: below 1 for what was read "
                 "from FILE, say. Their weight decay goes by the same rate (conv2d=0.1,dense_1=2; default 1)."},
        {.kind = LW_OPT_END}};
    return memcpy(row, rows, sizeof rows);
}

static const lw_option *which_seeds(lw_train_options *o, lw_option *row)
{
    const lw_option rows[] = {
        {LW_OPT_U64, "seed", 's', "N", &o->given.seed, .help = "Seed of weights, order and dropout (default 1)."},
        {LW_OPT_TEXT, "seeds", .arg = "LIST", .value = &o->given.seeds,
         .help = "Several runs in turn, \"1..5\" or \"1,2,9\"; ends with mean and sd of the test accuracy."},
        {.kind = LW_OPT_END}};
    return memcpy(row, rows, sizeof rows);
}

static const lw_option *on_what(lw_train_options *o, lw_option *row)
{
    const lw_option rows[] = {
        {LW_OPT_HEADING, .help = "On what"},
        {LW_OPT_TEXT, "kernel", 'k', "K", &o->kernel,
         .help = "Kernel set: auto or a name that `bench list` shows (default: $LANEWISE_KERNEL, else auto)."},
        {LW_OPT_TEXT, "choice", .arg = "FILE", .value = &o->choice, .help = LW_CHOICE_HELP},
        {LW_OPT_TEXT, "variant", .arg = "NAME[,NAME...]", .value = &o->variant, .help = LW_VARIANT_HELP},
        {LW_OPT_TEXT, "compare-kernels", .arg = "K,K[,...]", .value = &o->compare,
         .help = "Train each seed under each of these sets, and show the first step at which their losses differ, how "
                 "far apart loss and weights end, and their accuracies beside the spread of the seeds; rows go to "
                 "compare-kernels.csv."},
        {LW_OPT_FLAG, "dense", .value = &o->dense,
         .help = "Compute everything. Otherwise rows and columns that no pool looks at are left out, and so are the "
                 "products with gradients that a max-pool or a ReLU made zero: the same numbers, up to rounding."},
        {.kind = LW_OPT_END}};
    return memcpy(row, rows, sizeof rows);
}

static const lw_option *where(lw_train_options *o, lw_option *row)
{
    const lw_option rows[] = {
        {LW_OPT_INT, "threads", 't', "N", &o->threads, .min = 1, .max = 1024,
         .help = "Threads (default: one per physical core that this process may use; on a hybrid CPU of the fastest kind)."},
        {LW_OPT_TEXT, "bind", 'B', "HOW", &o->bind, .help = LW_BIND_HELP},
        {LW_OPT_HEADING, .help = "Where it goes"},
        {LW_OPT_FLAG, "profile", .value = &o->profile,
         .help = "After each run, show where the time of a training step went: each layer's forward, backward-data and "
                 "backward-weights, gather, loss and optimiser, in situ, beside the same kernel calls alone, hot and "
                 "cold; rows go to profile.csv."},
        {LW_OPT_TEXT, "out", 'o', "DIR", &o->out, .help = "Folder for the results (default: results)."},
        {LW_OPT_INT, "checkpoint-every", .arg = "N", .value = &o->checkpoint_every, .min = 0, .max = 1000000000,
         .help = "Keep where the run stands in the folder, every N steps, after each epoch and on Ctrl-C (default 0: no)."},
        {LW_OPT_FLAG, "resume", .value = &o->resume,
         .help = "Go on from there: the same bits as without the interruption. Without a checkpoint it begins anew."},
        {LW_OPT_FLAG, "quiet", 'q', .value = &o->quiet, .help = "Print the results only."},
        {.kind = LW_OPT_END}};
    return memcpy(row, rows, sizeof rows);
}

static lw_option *end_of(lw_option *row)
{
    while (row->kind != LW_OPT_END) row++;
    return row;
}

void lw_train_table(lw_train_options *o, bool all, lw_option table[LW_TRAIN_OPTIONS])
{
    what_to_train(o, table);
    how_to_train(o, end_of(table));
    if (all) which_seeds(o, end_of(table));
    on_what(o, end_of(table));
    if (all) where(o, end_of(table));
    assert(end_of(table) < table + TABLE);
}

static lw_optimizer_kind optimizer_named(const char *name)
{
    lw_optimizer_kind kind = LW_SGD;
    while (strcmp(lw_optimizer_name(kind), name) != 0) kind++; /* the option's choices hold no other name */
    return kind;
}

static bool refuse(char *err, int size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool refuse(char *err, int size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err, (size_t)size, format, args);
    va_end(args);
    return false;
}

static bool resolve_choice(lw_train_options *o, char *err, int size)
{
    lw_choices c;
    o->choice = lw_choice_path(o->choice);
    if (o->compare && (o->choice || o->variant))
        return refuse(err, size, "--compare-kernels trains with the sets' own kernels: without --choice, LANEWISE_CHOICE and "
                                 "--variant, please");
    if (!o->choice) return true;
    if (!lw_choices_read(&c, o->choice, err, (size_t)size)) return false;
    memcpy(o->choice_sha256, c.sha256, sizeof o->choice_sha256);
    lw_choices_free(&c);
    return true;
}

bool lw_train_resolve(lw_train_options *o, char *err, int size)
{
    const lw_train_given *r = &o->given;
    lw_error why;
    if (!lw_model_text(r->model, o->model, &why)) return refuse(err, size, "%s", why.text);
    o->test = !r->no_test;
    o->init = strcmp(r->init, "he") == 0 ? LW_INIT_HE : LW_INIT_GLOROT;
    o->keep_best = strcmp(r->keep, "best") == 0;
    o->optimizer = lw_optimizer_default(optimizer_named(r->optimizer));
    bool sgd = o->optimizer.kind == LW_SGD;
    if (!isnan(r->lr)) o->optimizer.lr = r->lr;
    if (!isnan(r->momentum)) o->optimizer.momentum = r->momentum;
    if (!isnan(r->weight_decay)) o->optimizer.weight_decay = r->weight_decay;
    o->optimizer.nesterov = r->nesterov;
    o->seeds = 1;
    o->seed[0] = r->seed;
    if (r->seeds) o->seeds = lw_parse_seeds(r->seeds, o->seed, LW_TRAIN_SEEDS);
    if (o->seeds == 0)
        return refuse(err, size, "--seeds wants a range or a list of at most %d, such as 1..5 or 1,2,9; got '%s'",
                      LW_TRAIN_SEEDS, r->seeds);
    if (!sgd && !isnan(r->momentum))
        return refuse(err, size, "--momentum belongs to --optimizer sgd; %s has its own", r->optimizer);
    if (r->nesterov && !(o->optimizer.momentum > 0))
        return refuse(err, size, "--nesterov wants --optimizer sgd and a --momentum above 0, such as 0.9");
    if (!lw_schedule_parse(&o->schedule, r->schedule, &why)) return refuse(err, size, "--schedule: %s", why.text);
    if (!lw_augment_parse(&o->augment, r->augment && strcmp(r->augment, "none") != 0 ? r->augment : NULL, &why))
        return refuse(err, size, "--augment: %s", why.text);
    bool validates = o->patience || o->keep_best || lw_schedule_observes(&o->schedule);
    if (validates && o->validation_split == 0)
        return refuse(err, size, "%s wants a validation loss, and --validation-split 0 leaves none",
                      o->patience ? "--patience" : o->keep_best ? "--keep best" : "this --schedule");
    int size_h, size_w;
    lw_pixels pixels;
    bool measure;
    if (o->resize && !lw_resize_parse(o->resize, &size_h, &size_w, &why))
        return refuse(err, size, "--resize: %s", why.text);
    if (o->normalize && !lw_pixels_parse(&pixels, &measure, o->normalize, &why))
        return refuse(err, size, "--normalize: %s", why.text);
    if (o->anew && !o->init_from) return refuse(err, size, "--anew belongs to --init-from: without it every layer starts anew");
    if (o->init_from && !o->init_run[0] && !lw_train_hash_file(o->init_from, o->init_sha256, &why)) return refuse(err, size, "--init-from: %s", why.text);
    if (!resolve_choice(o, err, size)) return false;
    if (o->compare && (o->kernel || o->profile))
        return refuse(err, size, "--compare-kernels names the sets and only trains: without --kernel and --profile, please");
    if (o->compare && (lw_augment_is_on(&o->augment) || o->ema > 0 || o->patience || o->keep_best || o->checkpoint_every ||
                       o->resume || o->init_from || strcmp(r->schedule, "constant") != 0))
        return refuse(err, size, "--compare-kernels trains at a constant rate to the last step: without --schedule, "
                                 "--augment, --ema, --patience, --keep best, --checkpoint-every, --resume and --init-from, please");
    if (o->steps && !o->compare)
        return refuse(err, size, "--steps belongs to --compare-kernels; --epochs says how long to train");
    return true;
}

bool lw_train_parse(lw_train_options *o, int argc, char **argv, int *code)
{
    lw_option table[LW_TRAIN_OPTIONS];
    char err[1024];
    lw_train_defaults(o);
    lw_train_table(o, true, table);
    if (!lw_options_parse(&usage, table, argc, argv, code)) return false;
    if (lw_train_resolve(o, err, sizeof err)) return true;
    *code = lw_fail(LW_EXIT_USAGE, "train", "%s", err);
    return false;
}
