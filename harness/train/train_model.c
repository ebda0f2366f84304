/* SPDX-License-Identifier: BSD-3-Clause
 * train_model.c: the model as `bench train` shows it: a line per layer, the parts of groups indented under a letter,
 * and where they meet what meets. */
#include "harness/train/train.h"

#include "nn/elide.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 72, LABEL_WIDTH = 44 /* at least */ };

/* 93322 -> "93,322" */
static const char *grouped(ptrdiff_t value, char text[32])
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%td", value), out = 0;
    for (int i = 0; i < length; i++) {
        text[out++] = digits[i];
        if ((length - i - 1) % 3 == 0 && i + 1 < length) text[out++] = ',';
    }
    text[out] = '\0';
    return text;
}

static void show_line(int width, const char *layer, lw_dims out, ptrdiff_t params, double flop)
{
    char shape[48], number[32];
    if (out.h == 1 && out.w == 1)
        snprintf(shape, sizeof shape, "%d", out.c);
    else
        snprintf(shape, sizeof shape, "%dx%dx%d", out.h, out.w, out.c);
    printf("%-*s  %-14s %12s %10.3f\n", width, layer, shape, grouped(params, number), flop * 1e-6);
}

static void append(char text[LABEL + 1], const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(char text[LABEL + 1], const char *format, ...)
{
    const size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, LABEL + 1 - used, format, args);
    va_end(args);
}

/* "  a: " before the first layer of a part, the same width before the others. */
static void append_place(char text[LABEL + 1], const char *path, const char *last)
{
    const size_t level = strlen(path);
    if (level == 0) return;
    append(text, "%*s", (int)(4 * level - 2), "");
    if (strcmp(path, last) != 0 && strncmp(path, last, level) != 0)
        append(text, "%c ", path[level - 1]);
    else
        append(text, "  ");
}

/* " of conv2d_1, max_pooling2d": what meets here. */
static void append_inputs(char text[LABEL + 1], const lw_model *model, const lw_layer *l)
{
    for (int i = 0; i < l->inputs; i++)
        append(text, "%s%s", i ? ", " : " of ", l->from[i] == LW_IMAGE ? "input" : model->layer[l->from[i]].name);
}

static void label(char text[LABEL + 1], const lw_model *model, const lw_layer *l)
{
    text[0] = '\0';
    append_place(text, l->path, l->index ? l[-1].path : "");
    append(text, "%s (%s%s", l->name, l->type->title, l->relu ? " + ReLU" : "");
    if (l->inputs > 1) append_inputs(text, model, l);
    if (l->lr_factor != 1) append(text, ", rate x %g", l->lr_factor);
    append(text, l->frozen ? ", frozen)" : ")");
    if (strlen(text) == LABEL) memcpy(text + LABEL - 4, "...)", 5);
}

static ptrdiff_t trained(const lw_model *model)
{
    ptrdiff_t count = 0;
    for (int i = 0; i < model->layers; i++)
        if (!model->layer[i].frozen) count += lw_layer_param_count(&model->layer[i]);
    return count;
}

void lw_train_show_model(const lw_train *t)
{
    static char labels[LW_MODEL_LAYERS][LABEL + 1];
    const lw_model *model = &t->model;
    char number[32];
    int width = LABEL_WIDTH;
    if (t->options.quiet) return;
    for (int i = 0; i < model->layers; i++) {
        label(labels[i], model, &model->layer[i]);
        if (width < (int)strlen(labels[i])) width = (int)strlen(labels[i]);
    }
    printf("%-*s  %-14s %12s %10s\n", width, "layer (type)", "output", "parameters", "MFLOP");
    show_line(width, "input", model->input, 0, 0);
    for (int i = 0; i < model->layers; i++)
        show_line(width, labels[i], model->layer[i].out, lw_layer_param_count(&model->layer[i]), model->layer[i].flop);
    printf("%s parameters; per image %.2f MFLOP forward, %.2f MFLOP in training\n", grouped(model->params, number),
           lw_model_flop(model) * 1e-6, lw_model_train_flop(model) * 1e-6);
    if (t->options.freeze)
        printf("%s parameters are trained, the others are frozen\n", grouped(trained(model), number));
    if (!t->options.dense)
        printf("executed, as the rest cannot reach the loss (--dense does it all): %.2f forward, at most %.2f in training\n",
               lw_model_executed_flop(model) * 1e-6, lw_model_executed_train_flop(model) * 1e-6);
    putchar('\n');
}
