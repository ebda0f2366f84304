/* SPDX-License-Identifier: BSD-3-Clause
 * train_errors.c: the test, image by image: which were taken for what, in errors.csv, and how often each class for each
 * other, in confusion.csv. With these two variants can be compared on the same images. */
#define _GNU_SOURCE
#include "harness/train/train.h"

#include "harness/exit_codes.h"
#include "nn/aside.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static void put_errors(FILE *out, const lw_images *test, const int32_t *predicted)
{
    fputs("index,label,predicted\n", out);
    for (ptrdiff_t i = 0; i < test->count; i++)
        if (predicted[i] != test->labels[i]) fprintf(out, "%td,%d,%" PRId32 "\n", i, test->labels[i], predicted[i]);
}

static bool put_confusion(FILE *out, const lw_images *test, const int32_t *predicted, int classes)
{
    ptrdiff_t *count = calloc((size_t)classes * (size_t)classes, sizeof *count);
    if (!count) return false;
    for (ptrdiff_t i = 0; i < test->count; i++)
        count[test->labels[i] * classes + predicted[i]]++;
    fputs("label", out);
    for (int j = 0; j < classes; j++)
        fprintf(out, ",%d", j);
    for (int i = 0; i < classes; i++) {
        fprintf(out, "\n%d", i);
        for (int j = 0; j < classes; j++)
            fprintf(out, ",%td", count[i * classes + j]);
    }
    fputc('\n', out);
    free(count);
    return true;
}

static bool write_file(const lw_train *t, const lw_train_run *run, const char *stem, const int32_t *predicted, lw_error *err)
{
    char path[600], *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool ok = out != NULL, confusion = stem[0] == 'c';
    if (ok && confusion)
        ok = put_confusion(out, &t->data.test, predicted, t->model.classes);
    else if (ok)
        put_errors(out, &t->data.test, predicted);
    if (out && fclose(out) != 0) ok = false;
    if (t->options.seeds > 1)
        snprintf(path, sizeof path, "%s/%s-seed%" PRIu64 ".csv", t->options.out, stem, run->seed);
    else
        snprintf(path, sizeof path, "%s/%s.csv", t->options.out, stem);
    ok = ok ? lw_write_aside(path, text, size, err) : lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s", path);
    free(text);
    return ok;
}

int lw_train_test(const lw_train *t, lw_train_run *run, lw_net *net)
{
    lw_error err;
    run->test = (lw_score){NAN, NAN, 0, 0};
    if (!t->options.test) return LW_EXIT_OK;
    int32_t *predicted = lw_alloc((size_t)(t->data.test.count + 1) * sizeof *predicted);
    if (!predicted) return lw_fail(LW_EXIT_MEMORY, "train", "out of memory for the classes of %td images", t->data.test.count);
    run->test = lw_evaluate_classes(net, t->data.test, t->workers.size, predicted);
    bool ok = write_file(t, run, "errors", predicted, &err) && write_file(t, run, "confusion", predicted, &err);
    lw_free(predicted);
    return ok ? LW_EXIT_OK : lw_fail_error("train", &err);
}
