/* SPDX-License-Identifier: BSD-3-Clause
 * train.h: the parts of `bench train`: its options, what it shows, and what it records. */
#ifndef LW_TRAIN_H
#define LW_TRAIN_H

#include "harness/choice.h"
#include "harness/options.h"
#include "harness/records/csv.h"
#include "harness/records/environment.h"
#include "harness/machine/workers.h"
#include "nn/finetune.h"
#include "nn/image_format.h"
#include "nn/model_named.h"
#include "nn/checkpoint.h"

#include <stdio.h>

enum { LW_TRAIN_SEEDS = 1000 };

/* ---------------------------------------------------------------- options */

/* What the option table reads and lw_train_options holds in another form. NaN and NULL: not given. */
typedef struct lw_train_given {
    const char *model, *optimizer, *init, *keep, *schedule, *augment, *seeds;
    double lr, momentum, weight_decay;
    uint64_t seed;
    bool nesterov, no_test;
} lw_train_given;

typedef struct lw_train_options {
    lw_train_given given;
    char model[LW_MODEL_TEXT]; /* its text, whatever name was given */
    const char *data, *kernel, *out, *bind;
    const char *choice, *variant;      /* see choice.h; NULL: none, also not by the environment */
    char choice_sha256[LW_SHA256_HEX]; /* of what that file chooses */
    const char *compare; /* kernel sets, separated by commas; NULL: train as usual */
    const char *resize, *normalize; /* as given; NULL: as what training starts from, else as the data set is */
    int epochs, steps, batch, threads; /* steps 0: all of the epochs'; threads 0: one per core of the fastest kind */
    double validation_split, fraction; /* of the training images that validation leaves */
    const char *init_from, *anew, *freeze; /* weights of an earlier training, NULL: none; layers, by name */
    const char *lr_factor;                 /* "layer=factor,...": see finetune.h; NULL: none */
    char init_sha256[LW_SHA256_HEX];       /* of that file */
    char init_run[LW_SHA256_HEX];          /* or the identity of the run that leaves it; "" otherwise */
    lw_optimizer optimizer;
    lw_schedule schedule;
    lw_augment augment;
    double smoothing; /* of the labels */
    double ema;      /* rate of the moving average; 0: none */
    int patience;    /* epochs; 0: no early stopping */
    bool keep_best;
    int checkpoint_every; /* steps; 0: no checkpoints */
    bool resume;
    lw_init init;
    bool test, quiet, dense, profile;
    int seeds;
    uint64_t seed[LW_TRAIN_SEEDS];
} lw_train_options;

enum { LW_TRAIN_OPTIONS = 54 };

void lw_train_defaults(lw_train_options *o);

/* The table that reads into `o`. Not `all`: only what decides what is learnt, as an experiment's variants set it. */
void lw_train_table(lw_train_options *o, bool all, lw_option table[LW_TRAIN_OPTIONS]);

/* From `given` to the rest. false: `err` says which options do not go together. */
bool lw_train_resolve(lw_train_options *o, char *err, int size);

/* All of these. false: leave with *code; the help or the refusal has been printed. */
bool lw_train_parse(lw_train_options *o, int argc, char **argv, int *code);

/* "3", "1..5", "1,2,9": how many, or 0 if it is none of these. */
int lw_parse_seeds(const char *text, uint64_t *seed, int most);

/* What decides what is learnt, one `key = value` a line, and the SHA-256 of that: options, kernel set, data and seed,
 * but no threads and no folders. `data`: what the set is called. */
void lw_train_describe(const lw_train_options *o, const char *kernel, const char *data, uint64_t seed, FILE *out);
bool lw_train_identity(const lw_train_options *o, const char *kernel, const char *data, uint64_t seed,
                       char identity[LW_SHA256_HEX]);

/* ---------------------------------------------------------------- runs */

/* What all runs of one command share. */
typedef struct lw_train {
    const char *name; /* of the command, for its refusals */
    lw_train_options options;
    lw_dispatch kernels;
    lw_choices choices; /* those of the dispatch */
    lw_topology *topology;
    lw_workers workers;
    lw_dataset data;
    lw_images train, validation;
    lw_image_format format; /* what holds: given or inherited */
    lw_pixels pixels;
    lw_model model;
    lw_environment environment;
    char command[1024]; /* that repeats it */
} lw_train;

/* From options to all else. false: leave with *code; the refusal has been printed. */
bool lw_train_prepare(lw_train *t, int *code);
void lw_train_free(lw_train *t);

/* Parts of that: the set at the size that is asked for; and once the training images are known, what is seen of them. */
bool lw_train_resize(lw_train *t, lw_error *err);
bool lw_train_normalize(lw_train *t, lw_error *err);

/* Network, trainer and augmenter at their first step; what is set up so far may be freed also after a refusal, if all
 * were zero before. note: with --init-from, the layers that start anew, else "". */
bool lw_train_start(const lw_train *t, uint64_t seed, lw_net *net, lw_trainer *trainer, lw_augmenter *augmenter,
                    char note[LW_FINETUNE_NOTE], lw_error *err);

/* All seeds of the options. Returns an exit code. */
int lw_train_seeds(const lw_train *t);

typedef struct lw_train_run {
    uint64_t seed;
    char id[40];
    lw_run_state state; /* its history is what epochs.csv shows */
    lw_score test;
    double images_per_second; /* median over the epochs */
    lw_phases phases;
    char weights[600];
    char variants[LW_NET_VARIANTS]; /* calls that go elsewhere than the set's own kernels */
} lw_train_run;

typedef struct lw_train_records lw_train_records;

/* Trains once and records it; prints its refusal and returns an exit code. */
int lw_train_once(const lw_train *t, lw_train_records *records, lw_train_run *run);

/* ---------------------------------------------------------------- shown (stdout; progress on stderr) */

/* Says it where a number might be taken for one about MNIST; "" where it is. */
const char *lw_train_data_note(const lw_train *t);
void lw_train_show_setup(const lw_train *t);
void lw_train_show_model(const lw_train *t);
void lw_train_show_epoch(const lw_train *t, const lw_epoch_result *e);
void lw_train_show_test(const lw_train *t, const lw_train_run *run);
void lw_train_show_spread(const lw_train *t, const double *accuracy, int count);

typedef struct lw_train_bar {
    bool on; /* stderr is a terminal */
    int epoch, epochs;
    double start, shown; /* seconds, monotonic */
} lw_train_bar;

lw_train_bar lw_train_bar_new(const lw_train *t, int epoch);
void lw_train_bar_show(lw_train_bar *bar, const lw_progress *p);
void lw_train_bar_clear(lw_train_bar *bar);

/* ---------------------------------------------------------------- recorded */

/* OUT/epochs.csv and OUT/runs.csv: rows are appended, so a folder collects the runs of a study. */
struct lw_train_records {
    lw_csv *epochs, *runs;
};

/* Each prints its refusal and returns an exit code. */
int lw_train_records_open(lw_train_records *r, const lw_train *t);
/* The epochs of run->state from number `first` on that the file does not have yet. */
int lw_train_records_epochs(lw_train_records *r, const lw_train *t, const lw_train_run *run, int first);
int lw_train_records_count(const lw_train *t, const char *file, const char *run); /* rows of that run in OUT/file */
int lw_train_records_run(lw_train_records *r, const lw_train *t, const lw_train_run *run);
int lw_train_records_close(lw_train_records *r, int code);
int lw_train_test(const lw_train *t, lw_train_run *run, lw_net *net); /* errors.csv, confusion.csv, run->test */
int lw_train_save_weights(const lw_train *t, lw_train_run *run, const lw_net *net);

/* `bench train --compare-kernels`: each seed under each of the sets; where they part, and how far apart they end. */
int lw_train_compare(const lw_train *t);

bool lw_train_hash_file(const char *path, char hex[LW_SHA256_HEX], lw_error *err);

/* Prints `err` as `bench COMMAND: ...` and returns the exit code of its kind. */
int lw_fail_error(const char *command, const lw_error *err);

#endif
