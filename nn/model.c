/* SPDX-License-Identifier: BSD-3-Clause
 * model.c: from a model's text to its layers: looks up types and arguments, infers sizes, folds ReLUs into
 * the layers that do them on the way. */
#include "nn/model.h"

#include "nn/model_text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const lw_layer_type *find_type(const lw_item *item, lw_error *err)
{
    char known[256] = "";
    for (int i = 0; lw_layer_types[i]; i++) {
        if (strcmp(item->word, lw_layer_types[i]->word) == 0) return lw_layer_types[i];
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? " " : "", lw_layer_types[i]->word);
    }
    lw_refuse(err, LW_ERROR_MODEL, "model, column %d: unknown layer '%s'; known: %s", item->column, item->word, known);
    return NULL;
}

/* ---------------------------------------------------------------- arguments */

static bool read_value(const lw_layer_type *type, const lw_layer_arg *want, const lw_item_arg *got, double *value,
                       lw_error *err)
{
    char *end;
    if (want->kind == LW_ARG_INT_OR_SAME && strcmp(got->value, "same") == 0) {
        *value = LW_ARG_SAME;
        return true;
    }
    *value = strtod(got->value, &end);
    bool whole = want->kind == LW_ARG_REAL || *value == floor(*value);
    if (*end == '\0' && whole && *value >= want->min && *value <= want->max) return true;
    return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s wants %s as a %snumber from %g to %g%s, got '%s'",
                     got->column, type->word, want->name, want->kind == LW_ARG_REAL ? "" : "whole ", want->min,
                     want->max, want->kind == LW_ARG_INT_OR_SAME ? " or 'same'" : "", got->value);
}

static int find_arg(const lw_layer_type *type, const lw_item_arg *got, int position)
{
    if (!got->key[0]) return position;
    for (int i = 0; i < type->args; i++)
        if (strcmp(got->key, type->arg[i].name) == 0) return i;
    return -1;
}

static bool read_values(const lw_layer_type *type, const lw_item *item, double *value, lw_error *err)
{
    bool given[LW_LAYER_ARGS] = {false};
    for (int i = 0; i < item->args; i++) {
        const lw_item_arg *got = &item->arg[i];
        int at = find_arg(type, got, i);
        if (at < 0 || at >= type->args)
            return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s has no argument %s'%s'; it is written %s",
                             got->column, type->word, got->key[0] ? "named " : "", got->key[0] ? got->key : got->value,
                             type->usage);
        if (given[at])
            return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s has %s twice", got->column, type->word,
                             type->arg[at].name);
        given[at] = true;
        if (!read_value(type, &type->arg[at], got, &value[at], err)) return false;
    }
    for (int i = 0; i < type->args; i++) {
        if (given[i]) continue;
        value[i] = type->arg[i].preset;
        if (isnan(value[i]))
            return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s lacks %s; it is written %s", item->column,
                             type->word, type->arg[i].name, type->usage);
    }
    return true;
}

/* ---------------------------------------------------------------- layers */

/* "conv2d", "conv2d_1" ..., as Keras numbers them. */
static void name_layer(const lw_model *model, lw_layer *l)
{
    int before = 0;
    for (int i = 0; i < model->layers; i++)
        before += model->layer[i].type == l->type;
    if (before)
        snprintf(l->name, sizeof l->name, "%s_%d", l->type->stem, before);
    else
        snprintf(l->name, sizeof l->name, "%s", l->type->stem);
}

static bool add_layer(lw_model *model, const lw_item *item, lw_error *err)
{
    const lw_layer_type *type = find_type(item, err);
    double value[LW_LAYER_ARGS];
    if (!type || !read_values(type, item, value, err)) return false;
    lw_layer *last = model->layers ? &model->layer[model->layers - 1] : NULL;
    if (type == &lw_layer_relu && last && last->type->takes_relu) {
        last->relu = true;
        return true;
    }
    if (model->layers == LW_MODEL_LAYERS)
        return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: more than %d layers", item->column, LW_MODEL_LAYERS);
    lw_layer *l = &model->layer[model->layers];
    *l = (lw_layer){.type = type, .index = model->layers, .in = last ? last->out : model->input};
    lw_error why;
    if (!type->build(l, value, &why))
        return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s: %s", item->column, type->word, why.text);
    if ((double)l->out.h * l->out.w * l->out.c > INT_MAX / 4)
        return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: an output of %dx%dx%d is too large", item->column,
                         l->out.h, l->out.w, l->out.c);
    l->used_in = l->in;
    l->used_out = l->out;
    l->flop = type->flop(l);
    name_layer(model, l);
    model->layers++;
    return true;
}

/* A pool directly after a layer with a ReLU does that ReLU's gradient: see layer_maxpool.c. */
static void place_masks(lw_model *model)
{
    for (int i = 1; i < model->layers; i++) {
        lw_layer *l = &model->layer[i], *before = &model->layer[i - 1];
        l->masks_input = before->masked = l->type == &lw_layer_maxpool && before->relu;
    }
}

bool lw_model_parse(lw_model *model, const char *text, lw_dims input, lw_error *err)
{
    *model = (lw_model){.input = input, .first_param = -1};
    lw_item item;
    bool end = false;
    for (const char *at = text; !end;) {
        if (!lw_item_next(text, &at, &item, &end, err)) return false;
        if (!end && !add_layer(model, &item, err)) return false;
    }
    if (model->layers == 0)
        return lw_refuse(err, LW_ERROR_MODEL, "model, column 1: no layers; for instance: flatten dense(10)");
    for (int i = 0; i < model->layers; i++) {
        ptrdiff_t count = lw_layer_param_count(&model->layer[i]);
        if (count && model->first_param < 0) model->first_param = i;
        model->params += count;
    }
    lw_dims out = model->layer[model->layers - 1].out;
    if (out.h != 1 || out.w != 1 || out.c < 2)
        return lw_refuse(err, LW_ERROR_MODEL,
                         "model, column %d: the last output is %dx%dx%d; end with dense(classes) or globalavgpool, "
                         "at least 2 classes",
                         item.column, out.h, out.w, out.c);
    if (model->params == 0)
        return lw_refuse(err, LW_ERROR_MODEL, "model, column 1: nothing to train; add a conv or a dense");
    model->classes = out.c;
    place_masks(model);
    return true;
}

/* ---------------------------------------------------------------- facts */

ptrdiff_t lw_layer_param_count(const lw_layer *l)
{
    ptrdiff_t count = 0;
    for (int i = 0; i < l->params; i++)
        count += lw_param_count(&l->param[i]);
    return count;
}

double lw_model_flop(const lw_model *model)
{
    double sum = 0;
    for (int i = 0; i < model->layers; i++)
        sum += model->layer[i].flop;
    return sum;
}

/* A layer with parameters costs its forward pass again for its weights, and once more for its input where
 * somebody before it learns; one without costs it once again. */
double lw_model_train_flop(const lw_model *model)
{
    double sum = lw_model_flop(model);
    for (int i = model->first_param; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        sum += l->flop * (l->params && i > model->first_param ? 2 : 1);
    }
    return sum;
}

const char *lw_model_syntax(int i)
{
    return lw_layer_types[i] ? lw_layer_types[i]->usage : NULL;
}
