/* SPDX-License-Identifier: BSD-3-Clause
 * train.h: the parts of `bench train`: its options, what it shows, and what it records. */
#ifndef LW_TRAIN_H
#define LW_TRAIN_H

#include "harness/records/csv.h"
#include "harness/records/environment.h"
#include "harness/machine/workers.h"
#include "nn/trainer.h"

enum { LW_TRAIN_SEEDS = 1000 };

/* ---------------------------------------------------------------- options */

typedef struct lw_train_options {
    const char *model, *data, *kernel, *out, *bind;
    const char *compare; /* kernel sets, separated by commas; NULL: train as usual */
    int epochs, steps, batch, threads; /* steps 0: all of the epochs'; threads 0: one per core of the fastest kind */
    double validation_split;
    lw_optimizer optimizer;
    lw_init init;
    bool test, quiet, dense, profile;
    int seeds;
    uint64_t seed[LW_TRAIN_SEEDS];
} lw_train_options;

/* false: leave with *code; the help or the refusal has been printed. */
bool lw_train_parse(lw_train_options *o, int argc, char **argv, int *code);

/* "3", "1..5", "1,2,9": how many, or 0 if it is none of these. */
int lw_parse_seeds(const char *text, uint64_t *seed, int most);

/* ---------------------------------------------------------------- runs */

/* What all runs of one command share. */
typedef struct lw_train {
    lw_train_options options;
    lw_dispatch kernels;
    lw_topology *topology;
    lw_workers workers;
    lw_dataset data;
    lw_images train, validation;
    lw_model model;
    lw_environment environment;
    char command[1024]; /* that repeats it */
} lw_train;

typedef struct lw_train_epoch {
    int epoch; /* from 0 */
    lw_progress train;
    lw_score validation;
    double seconds; /* training alone, without validation */
} lw_train_epoch;

typedef struct lw_train_run {
    uint64_t seed;
    char id[40];
    lw_train_epoch last;
    lw_score test;
    double images_per_second; /* median over the epochs */
    double seconds;           /* of the whole run with validation, without the test */
    char weights[600];
} lw_train_run;

/* ---------------------------------------------------------------- shown (stdout; progress on stderr) */

void lw_train_show_setup(const lw_train *t);
void lw_train_show_model(const lw_train *t);
void lw_train_show_epoch(const lw_train *t, const lw_train_epoch *e);
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
double lw_train_now(void); /* seconds, monotonic */

/* ---------------------------------------------------------------- recorded */

/* OUT/epochs.csv and OUT/runs.csv: rows are appended, so a folder collects the runs of a study. */
typedef struct lw_train_records {
    lw_csv *epochs, *runs;
} lw_train_records;

/* Each prints its refusal and returns an exit code. */
int lw_train_records_open(lw_train_records *r, const lw_train *t);
int lw_train_records_epoch(lw_train_records *r, const lw_train *t, const lw_train_run *run, const lw_train_epoch *e);
int lw_train_records_run(lw_train_records *r, const lw_train *t, const lw_train_run *run);
int lw_train_records_close(lw_train_records *r, int code);
int lw_train_make_folder(const char *path); /* and those above it */
int lw_train_save_weights(const lw_train *t, lw_train_run *run, const lw_net *net);

/* `bench train --compare-kernels`: each seed under each of the sets; where they part, and how far apart they end. */
int lw_train_compare(const lw_train *t);

/* Prints `err` as `bench COMMAND: ...` and returns the exit code of its kind. */
int lw_fail_error(const char *command, const lw_error *err);

#endif
