/* SPDX-License-Identifier: BSD-3-Clause
 * tune.h: the parts of `bench tune`: which calls are measured, and what becomes of the times. */
#ifndef LW_TUNE_H
#define LW_TUNE_H

#include "harness/compare.h"
#include "harness/records/csv.h"
#include "harness/records/environment.h"
#include "harness/worklist.h"
#include "nn/layer.h"

/* ---------------------------------------------------------------- what is measured */

typedef struct lw_tune_task {
    char name[64]; /* "conv2d_1 forward"; of a file of problems, the line's */
    lw_problem problem;
    bool solo; /* one thread makes this call, however many there are */
} lw_tune_task;

typedef struct lw_tune_tasks {
    lw_tune_task *task;
    int count, capacity;
} lw_tune_tasks;

/* A problem that is there already, or whose op does not go by size, adds nothing. false: out of memory. */
bool lw_tune_add(lw_tune_tasks *t, const char *name, const lw_problem *p, bool solo);
void lw_tune_tasks_free(lw_tune_tasks *t);

/* A network, as `bench train` and `bench infer` would call it. */
typedef struct lw_tune_model {
    const char *name; /* or @FILE, or its text */
    int h, w;         /* of its images */
    int batch, threads;
    bool dense; /* nothing is left out: see nn/elide.h */
} lw_tune_model;

/* The calls of a training step, and those with which the network answers. */
bool lw_tune_add_model(lw_tune_tasks *t, const lw_tune_model *m, const lw_dispatch *kernels, lw_error *err);

/* ---------------------------------------------------------------- what is chosen */

/* All rows of one set on one problem, that of the highest priority first. */
typedef struct lw_tuned {
    const lw_tune_task *task;
    int threads, count;
    int chosen; /* the row that is beyond doubt faster than the first by most, or the first */
    lw_compared row[LW_MAX_VARIANTS];
} lw_tuned;

void lw_tuned_choose(lw_tuned *t);

/* A file that --choice reads. NULL: `err` says why in one line. */
lw_csv *lw_tune_file_open(const char *path, char *err, int err_size);
bool lw_tune_file_add(lw_csv *csv, const lw_tuned *t, const char *command, const lw_environment *e);

/* ---------------------------------------------------------------- the command */

typedef struct lw_tune {
    /* options */
    const char *kernel, *op, *problem, *batch, *resize, *bind, *out;
    lw_tune_model model;
    int repetitions;
    double min_time;
    uint64_t seed;
    bool quick;
    char typed[4096]; /* the command itself */
    /* state */
    lw_selection selection;
    lw_tune_tasks tasks;
    lw_cpu cpu;
    lw_topology *topology;
    lw_workers workers;
    lw_timing timing;
    lw_capacity capacity;
    lw_environment environment;
    lw_csv *csv;
    int measured, changed, failed;
} lw_tune;

/* All tasks with all sets: a row of the table and of the file each. Returns an exit code; its refusal is printed, unless
 * it is INTERRUPTED. */
int lw_tune_measure(lw_tune *c);

#endif
