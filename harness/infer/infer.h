/* SPDX-License-Identifier: BSD-3-Clause
 * infer.h: the parts of `bench infer`: what is asked, what is measured, and how it is shown. */
#ifndef LW_INFER_H
#define LW_INFER_H

#include "harness/choice.h"
#include "harness/machine/workers.h"
#include "harness/records/sinks.h"
#include "harness/timing/stability.h"
#include "harness/timing/timing.h"
#include "nn/dataset.h"
#include "nn/inference.h"
#include "nn/image_format.h"
#include "nn/model_named.h"
#include "nn/trainer.h"

enum { LW_INFER_BATCHES = 16 };

typedef struct lw_infer {
    /* asked */
    const char *weights, *model, *data, *kernel, *bind, *predict, *choice, *variant;
    const char *batches; /* "1,64,1024" */
    int threads;
    double min_seconds;
    lw_sink_options sinks;
    char command[1024];
    /* what follows from it */
    int batch[LW_INFER_BATCHES], batch_count;
    char text[LW_MODEL_TEXT]; /* of the model */
    lw_image_format format;   /* as the weights remember it */
    lw_dispatch kernels;
    lw_choices choices;             /* those of the dispatch */
    char variants[LW_NET_VARIANTS]; /* calls that go elsewhere than the set's own kernels */
    lw_dataset set;
    lw_model trained;
    lw_inference network;
    lw_topology *topology;
    lw_workers workers;
    lw_score score; /* on the test images */
} lw_infer;

/* One batch size. */
typedef struct lw_infer_row {
    int batch;
    lw_summary time;    /* seconds per batch */
    lw_samples samples;
    double p50, p90, p99, worst; /* seconds, of calls that were timed one by one */
    int calls;                   /* so many */
    lw_disturbance others;
    lw_stability_verdict stability;
} lw_infer_row;

/* All batch sizes take turns. Returns an exit code. */
int lw_infer_measure(const lw_infer *f, lw_infer_row rows[LW_INFER_BATCHES]);

/* The network's loss and accuracy on all of `images`. Returns an exit code; its refusal is printed. */
int lw_infer_score(const lw_infer *f, lw_images images, lw_score *score);

/* Prints and records the rows. Returns an exit code. */
int lw_infer_report(const lw_infer *f, const lw_infer_row *rows, const lw_environment *e);

/* `bench infer --predict FILE`: a line per image. Returns an exit code. */
int lw_infer_predict(const lw_infer *f, lw_images images);

#endif
