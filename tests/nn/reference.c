/* SPDX-License-Identifier: BSD-3-Clause
 * reference.c: one plain loop per layer. */
#include "reference.h"

#include "kernels/philox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void reference_open(reference *r, const network *of, lw_pass pass)
{
    *r = (reference){of, malloc((size_t)of->net.values * sizeof(double)), pass};
    assert_non_null(r->params);
    for (ptrdiff_t i = 0; i < of->net.values; i++)
        r->params[i] = of->net.params[i];
}

void reference_close(reference *r)
{
    free(r->params);
}

/* ---------------------------------------------------------------- layers */

static void convolve(const lw_conv2d_shape *s, const double *src, const double *wei, const double *bias,
                     double *dst)
{
    for (int y = 0; y < s->oh; y++)
        for (int x = 0; x < s->ow; x++)
            for (int o = 0; o < s->oc; o++) {
                double sum = bias[o];
                for (int h = 0; h < s->ih; h++)
                    for (int w = 0; w < s->iw; w++) {
                        const int r = h - (y * s->sh - s->ph), q = w - (x * s->sw - s->pw);
                        if (r < 0 || r >= s->kh || q < 0 || q >= s->kw) continue;
                        for (int i = 0; i < s->ic; i++)
                            sum += src[(h * s->iw + w) * s->ic + i] *
                                   wei[((r * s->kw + q) * s->ic + i) * s->oc + o];
                    }
                dst[(y * s->ow + x) * s->oc + o] = sum;
            }
}

static void pool(const lw_pool_shape *s, const double *src, double *dst)
{
    for (int y = 0; y < s->oh; y++)
        for (int x = 0; x < s->ow; x++)
            for (int c = 0; c < s->c; c++) {
                double most = -INFINITY;
                for (int h = 0; h < s->ih; h++)
                    for (int w = 0; w < s->iw; w++) {
                        const int r = h - (y * s->sh - s->ph), q = w - (x * s->sw - s->pw);
                        if (r >= 0 && r < s->kh && q >= 0 && q < s->kw)
                            most = fmax(most, src[(h * s->iw + w) * s->c + c]);
                    }
                dst[(y * s->ow + x) * s->c + c] = most;
            }
}

static void multiply(const lw_layer *l, const double *src, const double *wei, const double *bias, double *dst)
{
    for (int o = 0; o < l->out.c; o++) {
        dst[o] = bias[o];
        for (int i = 0; i < l->in.c; i++)
            dst[o] += src[i] * wei[i * l->out.c + o];
    }
}

/* Padding is not counted. */
static void average_windows(const lw_pool_shape *s, const double *src, double *dst)
{
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->oh * s->ow * s->c; i++) {
        const int c = (int)(i % s->c), y = (int)(i / s->c / s->ow) * s->sh - s->ph;
        const int x = (int)(i / s->c % s->ow) * s->sw - s->pw;
        double sum = 0;
        int positions = 0;
        for (int h = y; h < y + s->kh; h++)
            for (int w = x; w < x + s->kw; w++) {
                if (h < 0 || h >= s->ih || w < 0 || w >= s->iw) continue;
                sum += src[(h * s->iw + w) * s->c + c];
                positions++;
            }
        dst[i] = sum / positions;
    }
}

static void average(const lw_layer *l, const double *src, double *dst)
{
    const int positions = l->in.h * l->in.w;
    for (int c = 0; c < l->in.c; c++) {
        dst[c] = 0;
        for (int p = 0; p < positions; p++)
            dst[c] += src[p * l->in.c + c] / positions;
    }
}

/* The mask of kernels.h, word by word; `first`: number of this image's first value in the batch. */
static void drop(const lw_layer *l, const lw_pass *p, ptrdiff_t first, double *values)
{
    const uint64_t stream = UINT64_C(3) << 56 | p->epoch << 36 | (p->step * 256 + (uint64_t)l->index);
    for (ptrdiff_t v = 0; v < lw_dims_count(l->out); v++) {
        const uint64_t i = (uint64_t)(first + v), b = 8 * (i / 32) + i % 8;
        const lw_philox_block counter = {
            {(uint32_t)b, (uint32_t)(b >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)}};
        const lw_philox_block random = lw_philox(counter, (uint32_t)p->seed, (uint32_t)(p->seed >> 32));
        const bool keep = random.word[i % 32 / 8] >= (double)l->of.rate * 0x1p32;
        values[v] = keep ? values[v] / (1 - (double)l->of.rate) : 0;
    }
}

static void add(const lw_layer *l, const double *a, const double *b, double *dst)
{
    for (ptrdiff_t i = 0; i < lw_dims_count(l->out); i++)
        dst[i] = a[i] + b[i];
}

static void concatenate(const lw_layer *l, const double *const *src, double *dst)
{
    for (int at = 0; at < l->out.h * l->out.w; at++)
        for (int i = 0; i < l->inputs; i++)
            for (int c = 0; c < l->of.channels[i]; c++)
                *dst++ = src[i][at * l->of.channels[i] + c];
}

/* The whole batch: its own statistics in training, else the running ones. */
static void normalise(const reference *r, int at, const double *src, double *dst)
{
    const lw_layer *l = &r->of->model.layer[at];
    const double *param[4];
    const ptrdiff_t rows = (ptrdiff_t)r->pass.mb * l->out.h * l->out.w;
    for (int j = 0; j < 4; j++)
        param[j] = r->params + (r->of->net.tensors[at].param[j] - r->of->net.params);
    for (int c = 0; c < l->out.c; c++) {
        double mean = r->pass.training ? 0 : param[2][c], var = r->pass.training ? 0 : param[3][c];
        for (ptrdiff_t i = 0; r->pass.training && i < rows; i++)
            mean += src[i * l->out.c + c] / (double)rows;
        for (ptrdiff_t i = 0; r->pass.training && i < rows; i++)
            var += pow(src[i * l->out.c + c] - mean, 2) / (double)rows;
        for (ptrdiff_t i = c; i < rows * l->out.c; i += l->out.c) {
            dst[i] = param[0][c] * (src[i] - mean) / sqrt(var + (double)l->of.norm.epsilon) + param[1][c];
            if (l->relu) dst[i] = fmax(dst[i], 0);
        }
    }
}

/* ---------------------------------------------------------------- network */

/* One image. */
static void run_layer(const reference *r, int at, int image, const double *const *all, double *dst)
{
    const lw_layer *l = &r->of->model.layer[at];
    const double *param[LW_LAYER_PARAMS], *src = all[0];
    const ptrdiff_t count = lw_dims_count(l->out);
    for (int j = 0; j < l->params; j++)
        param[j] = r->params + (r->of->net.tensors[at].param[j] - r->of->net.params);
    if (l->type == &lw_layer_conv)
        convolve(&l->of.conv, src, param[0], param[1], dst);
    else if (l->type == &lw_layer_dense)
        multiply(l, src, param[0], param[1], dst);
    else if (l->type == &lw_layer_maxpool)
        pool(&l->of.pool, src, dst);
    else if (l->type == &lw_layer_avgpool)
        average_windows(&l->of.pool, src, dst);
    else if (l->type == &lw_layer_globalavgpool)
        average(l, src, dst);
    else if (l->type == &lw_layer_add)
        add(l, all[0], all[1], dst);
    else if (l->type == &lw_layer_concat)
        concatenate(l, all, dst);
    else
        memcpy(dst, src, (size_t)count * sizeof *dst);
    if (l->type == &lw_layer_dropout && r->pass.training) drop(l, &r->pass, image * count, dst);
    for (ptrdiff_t i = 0; (l->relu || l->type == &lw_layer_relu) && i < count; i++)
        dst[i] = fmax(dst[i], 0);
    for (ptrdiff_t i = 0; l->type == &lw_layer_leakyrelu && i < count; i++)
        if (dst[i] < 0) dst[i] *= (double)l->of.slope;
}

static double cross_entropy(const double *logits, int classes, int label, double smoothing)
{
    double most = logits[0], sum = 0, wanted = (1 - smoothing) * logits[label];
    for (int j = 1; j < classes; j++)
        most = fmax(most, logits[j]);
    for (int j = 0; j < classes; j++)
        sum += exp(logits[j] - most);
    for (int j = 0; j < classes; j++)
        wanted += smoothing / classes * logits[j];
    return log(sum) + most - wanted;
}

static double *room(ptrdiff_t count)
{
    double *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    return values;
}

/* The outputs of all layers for the whole batch: value[0] is the input, value[i + 1] that of layer i. */
static void run_network(const reference *r, double **value)
{
    const lw_model *model = &r->of->model;
    const int mb = r->pass.mb;
    const ptrdiff_t inputs = mb * lw_dims_count(model->input);
    value[0] = room(inputs);
    for (ptrdiff_t i = 0; i < inputs; i++)
        value[0][i] = r->of->net.input[i];
    for (int i = 0; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        const ptrdiff_t count = lw_dims_count(l->out);
        value[i + 1] = room(mb * count);
        if (l->type == &lw_layer_batchnorm) {
            normalise(r, i, value[l->from[0] + 1], value[i + 1]);
            continue;
        }
        for (int image = 0; image < mb; image++) {
            const double *src[LW_LAYER_INPUTS];
            for (int j = 0; j < l->inputs; j++) {
                const lw_dims d = l->from[j] == LW_IMAGE ? model->input : model->layer[l->from[j]].out;
                src[j] = value[l->from[j] + 1] + image * lw_dims_count(d);
            }
            run_layer(r, i, image, src, value[i + 1] + image * count);
        }
    }
}

double reference_loss(const reference *r, double *logits)
{
    const lw_model *model = &r->of->model;
    double *value[LW_MODEL_LAYERS + 1], loss = 0;
    run_network(r, value);
    const double *last = value[model->layers];
    for (int image = 0; image < r->pass.mb; image++)
        loss += cross_entropy(last + image * model->classes, model->classes, r->of->net.label[image],
                              (double)r->pass.smoothing) / r->pass.mb;
    if (logits) memcpy(logits, last, (size_t)(r->pass.mb * model->classes) * sizeof *logits);
    for (int i = 0; i <= model->layers; i++)
        free(value[i]);
    return loss;
}

double reference_slope(reference *r, ptrdiff_t at, double h)
{
    const double was = r->params[at];
    r->params[at] = was + h;
    const double above = reference_loss(r, NULL);
    r->params[at] = was - h;
    const double below = reference_loss(r, NULL);
    r->params[at] = was;
    return (above - below) / (2 * h);
}
