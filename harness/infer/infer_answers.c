/* SPDX-License-Identifier: BSD-3-Clause
 * infer_answers.c: what the network says of images, and how often that is right. */
#include "harness/infer/infer.h"

#include "harness/exit_codes.h"
#include "harness/options.h"

#include <stdio.h>

typedef struct answers {
    const lw_inference *network;
    lw_inference_batch batch;
} answers;

static void answer(void *context, const lw_team *team)
{
    const answers *a = context;
    lw_inference_run(a->network, &a->batch, team);
}

static bool answers_of(const lw_infer *f, lw_images images, answers *a)
{
    const size_t count = (size_t)images.count;
    *a = (answers){&f->network, {images.count, images.pixels, images.labels, NULL, NULL}};
    a->batch.prob = lw_alloc((count * (size_t)f->trained.classes + 1) * sizeof(float));
    a->batch.loss = lw_alloc((count + 1) * sizeof(float));
    if (!a->batch.prob || !a->batch.loss) return false;
    lw_workers_run(&f->workers, answer, a);
    return true;
}

static void answers_free(answers *a)
{
    lw_free(a->batch.prob);
    lw_free(a->batch.loss);
}

/* The first of equals. */
static int class_of(const float *prob, int classes)
{
    int best = 0;
    for (int i = 1; i < classes; i++)
        if (prob[i] > prob[best]) best = i;
    return best;
}

int lw_infer_score(const lw_infer *f, lw_images images, lw_score *score)
{
    answers a;
    const int classes = f->trained.classes;
    double loss = 0;
    *score = (lw_score){.images = images.count};
    const bool ok = answers_of(f, images, &a);
    for (ptrdiff_t i = 0; ok && i < images.count; i++) {
        score->correct += class_of(a.batch.prob + i * classes, classes) == images.labels[i];
        loss += (double)a.batch.loss[i];
    }
    score->loss = loss / (double)images.count;
    score->accuracy = (double)score->correct / (double)images.count;
    answers_free(&a);
    return ok ? LW_EXIT_OK : lw_fail(LW_EXIT_MEMORY, "infer", "out of memory for the answers to %td images", images.count);
}

int lw_infer_predict(const lw_infer *f, lw_images images)
{
    answers a;
    const int classes = f->trained.classes;
    const bool ok = answers_of(f, images, &a);
    if (ok) puts("image,class,probability");
    for (ptrdiff_t i = 0; ok && i < images.count; i++) {
        const float *prob = a.batch.prob + i * classes;
        const int class = class_of(prob, classes);
        printf("%td,%d,%.9g\n", i, class, (double)prob[class]);
    }
    answers_free(&a);
    return ok ? LW_EXIT_OK : lw_fail(LW_EXIT_MEMORY, "infer", "out of memory for the answers to %td images", images.count);
}
