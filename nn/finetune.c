/* SPDX-License-Identifier: BSD-3-Clause
 * finetune.c: layers by name: kept, started anew, or read from a file. */
#include "nn/finetune.h"

#include "nn/model_link.h"
#include "nn/safetensors.h"

#include <stdio.h>
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

static const lw_layer *layer_named(const lw_model *model, const char *name, size_t length)
{
    for (int i = 0; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        if (l->params && strlen(l->name) == length && memcmp(l->name, name, length) == 0) return l;
    }
    return NULL;
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
        if (!layer_named(model, at, length)) return refuse_name(model, at, length, err);
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
