/* SPDX-License-Identifier: BSD-3-Clause
 * resize.c: the weights of each axis once, then rows, then columns of each image. */
#include "nn/resize.h"

#include "kernels/kernels.h"

#include <math.h>
#include <stdlib.h>

/* New pixel i is the sum of weight[i * most + j] * old pixel first[i] + j. */
typedef struct axis {
    int in, out, most;
    int *first;
    float *weight; /* zero past the last */
} axis;

static void axis_fill(axis *a)
{
    const double scale = (double)a->in / a->out, support = fmax(scale, 1);
    for (int i = 0; i < a->out; i++) {
        const double centre = (i + 0.5) * scale;
        const int lo = (int)fmax(floor(centre - support + 0.5), 0), hi = (int)fmin(floor(centre + support + 0.5), a->in);
        float *weight = a->weight + (ptrdiff_t)i * a->most;
        double sum = 0;
        for (int j = lo; j < hi; j++) sum += fmax(1 - fabs(j + 0.5 - centre) / support, 0);
        for (int j = lo; j < hi; j++) weight[j - lo] = (float)(fmax(1 - fabs(j + 0.5 - centre) / support, 0) / sum);
        /* The row of weights must not reach past the old pixels. */
        a->first[i] = lo + a->most <= a->in ? lo : a->in - a->most;
        const int moved = lo - a->first[i];
        for (int j = a->most - 1; moved && j >= 0; j--) weight[j] = j >= moved ? weight[j - moved] : 0;
    }
}

static bool axis_init(axis *a, int in, int out)
{
    const int wanted = 2 * (int)ceil(fmax((double)in / out, 1)) + 1;
    *a = (axis){.in = in, .out = out, .most = wanted < in ? wanted : in};
    a->first = calloc((size_t)out, sizeof *a->first);
    a->weight = calloc((size_t)out * (size_t)a->most, sizeof *a->weight);
    if (!a->first || !a->weight) return false;
    axis_fill(a);
    return true;
}

static void axis_free(axis *a)
{
    free(a->first);
    free(a->weight);
}

static void resize_rows(const axis *x, const uint8_t *src, int rows, float *dst)
{
    for (int y = 0; y < rows; y++, src += x->in, dst += x->out)
        for (int i = 0; i < x->out; i++) {
            float sum = 0;
            for (int j = 0; j < x->most; j++) sum += x->weight[(ptrdiff_t)i * x->most + j] * src[x->first[i] + j];
            dst[i] = sum;
        }
}

static void resize_columns(const axis *y, const float *src, int columns, uint8_t *dst)
{
    for (int i = 0; i < y->out; i++, dst += columns)
        for (int c = 0; c < columns; c++) {
            float sum = 0;
            for (int j = 0; j < y->most; j++)
                sum += y->weight[(ptrdiff_t)i * y->most + j] * src[((ptrdiff_t)y->first[i] + j) * columns + c];
            dst[c] = (uint8_t)fminf(sum + 0.5f, 255); /* weights are not negative, so neither is the sum */
        }
}

bool lw_resize_images(const uint8_t *src, ptrdiff_t count, int src_h, int src_w, uint8_t *dst, int dst_h, int dst_w)
{
    axis x = {0}, y = {0};
    float *between = malloc((size_t)src_h * (size_t)dst_w * sizeof *between);
    const bool ok = between && axis_init(&x, src_w, dst_w) && axis_init(&y, src_h, dst_h);
    for (ptrdiff_t i = 0; ok && i < count; i++) {
        resize_rows(&x, src + i * src_h * src_w, src_h, between);
        resize_columns(&y, between, dst_w, dst + i * dst_h * dst_w);
    }
    axis_free(&x);
    axis_free(&y);
    free(between);
    return ok;
}

enum { MOST_SIDE = 4096 };

bool lw_resize_parse(const char *text, int *h, int *w, lw_error *err)
{
    char *end;
    const long rows = strtol(text, &end, 10), columns = *end == 'x' ? strtol(end + 1, &end, 10) : 0;
    *h = (int)rows;
    *w = (int)columns;
    if (*end == '\0' && rows >= 1 && rows <= MOST_SIDE && columns >= 1 && columns <= MOST_SIDE) return true;
    return lw_refuse(err, LW_ERROR_SETTING, "expected HEIGHTxWIDTH, each from 1 to %d, such as 32x32; got '%s'", MOST_SIDE,
                     text);
}

/* As much as a data set's file may hold (idx.c). */
#define MAX_BYTES ((double)((size_t)2 << 30))

static bool resize_part(lw_dataset *set, lw_images *images, lw_file file, int h, int w, lw_error *err)
{
    const double bytes = (double)images->count * h * w;
    if (images->count == 0) return true;
    if (bytes > MAX_BYTES)
        return lw_refuse(err, LW_ERROR_SETTING, "%td images of %dx%d take %.1f GB, at most %.1f are possible", images->count,
                         h, w, bytes * 1e-9, MAX_BYTES * 1e-9);
    uint8_t *pixels = lw_alloc((size_t)bytes);
    if (!pixels || !lw_resize_images(images->pixels, images->count, images->h, images->w, pixels, h, w)) {
        lw_free(pixels);
        return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %td images of %dx%d", images->count, h, w);
    }
    lw_free(set->memory[file]);
    set->memory[file] = pixels;
    *images = (lw_images){images->count, h, w, pixels, images->labels};
    return true;
}

bool lw_dataset_resize(lw_dataset *set, int h, int w, lw_error *err)
{
    return resize_part(set, &set->train, LW_FILE_TRAIN_IMAGES, h, w, err) &&
           resize_part(set, &set->test, LW_FILE_TEST_IMAGES, h, w, err);
}
