/* SPDX-License-Identifier: BSD-3-Clause
 * finetune.c: layers by name: kept, at a rate of their own, started anew, or read from a file. */
#include "nn/finetune.h"

#include "nn/model_link.h"
#include "nn/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- names */

/* The length of the name at `at` and where the next one begins, NULL after the last. */
static size_t name_at(const char *at, const char **next)
{
    const size_t length = strcspn(at, ",");
    *next = at[length] ? at + length + 1 : NULL;
    return length;
}

static bool holds(const char *names, const char *name)
{
    for (const char *at = names, *next; at; at = next) {
        const size_t length = name_at(at, &next);
        if (strlen(name) == length && memcmp(name, at, length) == 0) return true;
    }
    return false;
}

static int layer_named(const lw_model *model, const char *name, size_t length)
{
    for (int i = 0; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        if (l->params && strlen(l->name) == length && memcmp(l->name, name, length) == 0) return i;
    }
    return -1;
}

static bool refuse_name(const lw_model *model, const char *name, size_t length, lw_error *err)
{
    char known[256] = "";
    for (int i = 0; i < model->layers; i++) {
        const size_t used = strlen(known);
        if (model->layer[i].params)
            snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", model->layer[i].name);
    }
    return lw_refuse(err, LW_ERROR_MODEL, "no layer '%.*s' with parameters in this model; it has: %s", (int)length, name, known);
}

bool lw_model_has_layers(const lw_model *model, const char *names, lw_error *err)
{
    for (const char *at = names, *next; at; at = next) {
        const size_t length = name_at(at, &next);
        if (layer_named(model, at, length) < 0) return refuse_name(model, at, length, err);
    }
    return true;
}

/* ---------------------------------------------------------------- layers that are kept */

bool lw_model_freeze(lw_model *model, const char *names, lw_error *err)
{
    int trained = 0;
    if (!lw_model_has_layers(model, names, err)) return false;
    for (int i = 0; i < model->layers; i++) {
        lw_layer *l = &model->layer[i];
        l->frozen = l->params && holds(names, l->name);
        trained += l->params && !l->frozen;
    }
    if (trained == 0) return lw_refuse(err, LW_ERROR_MODEL, "all layers with parameters are frozen; leave one to learn");
    lw_model_link_learning(model);
    for (int i = 0; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        if (l->frozen && l->learns && l->type == &lw_layer_batchnorm)
            return lw_refuse(err, LW_ERROR_MODEL, "%s can be frozen only where every layer before it is frozen too", l->name);
    }
    return true;
}

/* ---------------------------------------------------------------- rates of their own */

enum { MOST_RATE = 1000 };

/* One "layer=factor" of `length` characters. `named`: what was named before it. */
static bool scale_rate(lw_model *model, const char *text, size_t length, bool named[LW_MODEL_LAYERS], lw_error *err)
{
    const char *equals = memchr(text, '=', length);
    if (!equals)
        return lw_refuse(err, LW_ERROR_MODEL, "expected LAYER=FACTOR, such as dense=0.1, found '%.*s'", (int)length,
                         text);
    const size_t name = (size_t)(equals - text);
    const int at = layer_named(model, text, name);
    if (at < 0) return refuse_name(model, text, name, err);
    lw_layer *l = &model->layer[at];
    char *end;
    const double factor = strtod(equals + 1, &end);
    if (end == equals + 1 || end != text + length || !(factor > 0 && factor <= MOST_RATE))
        return lw_refuse(err, LW_ERROR_MODEL, "%s wants a factor above 0 and up to %d, got '%.*s'", l->name, MOST_RATE,
                         (int)(length - name - 1), equals + 1);
    if (l->frozen) return lw_refuse(err, LW_ERROR_MODEL, "%s is frozen and does not learn at any rate", l->name);
    if (named[at]) return lw_refuse(err, LW_ERROR_MODEL, "%s is named twice", l->name);
    named[at] = true;
    l->lr_factor = factor;
    return true;
}

bool lw_model_scale_rates(lw_model *model, const char *factors, lw_error *err)
{
    bool named[LW_MODEL_LAYERS] = {false};
    for (const char *at = factors, *next; at; at = next) {
        const size_t length = name_at(at, &next);
        if (!scale_rate(model, at, length, named, err)) return false;
    }
    return true;
}

/* ---------------------------------------------------------------- weights from a file */

bool lw_finetune_read(const char *path, lw_net *net, const char *anew, char note[LW_FINETUNE_NOTE], lw_error *err)
{
    lw_safetensors *file = lw_safetensors_open(path, err);
    int taken = 0;
    if (!file) return false;
    note[0] = '\0';
    for (int i = 0; i < net->model->layers; i++)
        for (int j = 0; j < net->model->layer[i].params; j++) {
            const lw_layer *l = &net->model->layer[i];
            const size_t used = strlen(note);
            if (!(anew && holds(anew, l->name)) && lw_safetensors_take(file, net, i, j, err))
                taken++;
            else
                snprintf(note + used, LW_FINETUNE_NOTE - used, "%s%s/%s", used ? ", " : "", l->name, l->param[j].name);
        }
    lw_safetensors_close(file);
    return taken || lw_refuse(err, LW_ERROR_DATA, "%s has no tensor of this model's names and shapes", path);
}
