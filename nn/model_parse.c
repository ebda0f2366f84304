/* SPDX-License-Identifier: BSD-3-Clause
 * model_parse.c: from a model's text to its layers: chains of layers, groups of chains, and the sizes of each; folds
 * ReLUs into the layers that do them on the way. */
#include "nn/model.h"

#include "nn/model_args.h"
#include "nn/model_link.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct builder {
    lw_model *model;
    const char *text, *at;
    lw_item item; /* the last one read */
    int column;   /* of the last layer or group that was kept */
    int level;
    char path[LW_LAYER_LEVELS + 1]; /* of the next layer */
    lw_error *err;
} builder;

static bool refuse_group(const builder *b, const lw_item *group, const char *what)
{
    return lw_refuse(b->err, LW_ERROR_MODEL, "model, column %d: %s", group->column, what);
}

/* ---------------------------------------------------------------- one layer */

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

static lw_dims dims_of(const lw_model *model, int at)
{
    return at == LW_IMAGE ? model->input : model->layer[at].out;
}

/* A layer of this type that reads `from`, not yet sized. NULL: there are too many. */
static lw_layer *new_layer(builder *b, const lw_layer_type *type, const lw_item *item, const int *from, int inputs)
{
    lw_model *model = b->model;
    if (model->layers == LW_MODEL_LAYERS) {
        lw_refuse(b->err, LW_ERROR_MODEL, "model, column %d: more than %d layers", item->column, LW_MODEL_LAYERS);
        return NULL;
    }
    lw_layer *l = &model->layer[model->layers];
    *l = (lw_layer){.type = type, .index = model->layers, .inputs = inputs, .in = dims_of(model, from[0]),
                    .lr_factor = 1};
    memcpy(l->path, b->path, sizeof l->path);
    memcpy(l->from, from, (size_t)inputs * sizeof *from);
    return l;
}

/* What build or join made of it joins the model, if it is not too large. */
static bool keep_layer(builder *b, lw_layer *l, const lw_item *item)
{
    if ((double)l->out.h * l->out.w * l->out.c > INT_MAX / 4)
        return lw_refuse(b->err, LW_ERROR_MODEL, "model, column %d: an output of %dx%dx%d is too large", item->column,
                         l->out.h, l->out.w, l->out.c);
    l->used_in = l->in;
    l->used_out = l->out;
    l->flop = l->type->flop(l);
    name_layer(b->model, l);
    b->model->layers++;
    b->column = item->column;
    return true;
}

/* The layer of b->item, which reads *last and becomes it. `joins`: *last is the layer before it in its chain. */
static bool add_layer(builder *b, int *last, bool joins)
{
    const lw_layer_type *type = lw_model_type(&b->item, b->err);
    double value[LW_LAYER_ARGS];
    if (!type || !lw_model_values(type, &b->item, value, b->err)) return false;
    if (type == &lw_layer_relu && joins && b->model->layer[*last].type->takes_relu) {
        b->model->layer[*last].relu = true;
        b->column = b->item.column;
        return true;
    }
    lw_error why;
    lw_layer *l = new_layer(b, type, &b->item, last, 1);
    if (!l) return false;
    if (!type->build(l, value, &why))
        return lw_refuse(b->err, LW_ERROR_MODEL, "model, column %d: %s: %s", b->item.column, type->word, why.text);
    *last = l->index;
    return keep_layer(b, l, &b->item);
}

/* ---------------------------------------------------------------- groups */

static bool add_join(builder *b, const lw_layer_type *type, const lw_item *group, const int *end, int count, int *last)
{
    lw_dims in[LW_LAYER_INPUTS];
    lw_error why;
    for (int i = 0; i < count; i++) in[i] = dims_of(b->model, end[i]);
    lw_layer *l = new_layer(b, type, group, end, count);
    if (!l) return false;
    if (!type->join(l, in, &why))
        return lw_refuse(b->err, LW_ERROR_MODEL, "model, column %d: %s: %s", group->column, type->word, why.text);
    *last = l->index;
    return keep_layer(b, l, group);
}

static bool build_chain(builder *b, int *last);

/* The chains of a group, each from `from`; where they end. */
static bool build_chains(builder *b, const lw_item *group, int from, int *end, int *count)
{
    *count = 0;
    b->level++;
    do {
        if (*count == LW_LAYER_INPUTS)
            return lw_refuse(b->err, LW_ERROR_MODEL, "model, column %d: %s has more than %d parts", b->item.column,
                             group->word, LW_LAYER_INPUTS);
        end[*count] = from;
        b->path[b->level - 1] = (char)('a' + *count);
        if (!build_chain(b, &end[(*count)++])) return false;
    } while (b->item.kind == LW_ITEM_BAR);
    b->path[--b->level] = '\0';
    return b->item.kind == LW_ITEM_CLOSE ||
           lw_refuse(b->err, LW_ERROR_MODEL, "model, column %d: %s( of column %d lacks its ')'", b->item.column,
                     group->word, group->column);
}

static bool build_group(builder *b, int *last)
{
    const lw_item group = b->item;
    int end[LW_LAYER_INPUTS], count;
    if (b->level == LW_LAYER_LEVELS) return refuse_group(b, &group, "too many groups inside one another");
    if (!build_chains(b, &group, *last, end, &count)) return false;
    if (strcmp(group.word, "branches") == 0)
        return count >= 2 ? add_join(b, &lw_layer_concat, &group, end, count, last)
                          : refuse_group(b, &group, "branches wants two or more: branches(conv(8,1)|maxpool(3,1,same))");
    if (end[0] == *last || count > 2)
        return refuse_group(b, &group, "residual wants a body, and at most one shortcut: residual(conv(8,3,pad=same)|conv(8,1))");
    if (count == 1) end[count++] = *last;
    return add_join(b, &lw_layer_add, &group, end, count, last);
}

/* Layers from *last, which becomes the last of them, up to what does not belong to the chain: that is in b->item. */
static bool build_chain(builder *b, int *last)
{
    const int from = *last;
    for (;;) {
        if (!lw_item_next(b->text, &b->at, b->level > 0, &b->item, b->err)) return false;
        if (b->item.kind == LW_ITEM_LAYER) {
            if (!add_layer(b, last, *last != from)) return false;
        } else if (b->item.kind == LW_ITEM_GROUP) {
            if (!build_group(b, last)) return false;
        } else {
            return true;
        }
    }
}

/* ---------------------------------------------------------------- the whole */

bool lw_model_parse(lw_model *model, const char *text, lw_dims input, lw_error *err)
{
    *model = (lw_model){.input = input};
    builder b = {.model = model, .text = text, .at = text, .err = err};
    int last = LW_IMAGE;
    if (!build_chain(&b, &last)) return false;
    if (model->layers == 0)
        return lw_refuse(err, LW_ERROR_MODEL, "model, column 1: no layers; for instance: flatten dense(10)");
    lw_model_link(model);
    lw_dims out = model->layer[last].out;
    if (out.h != 1 || out.w != 1 || out.c < 2)
        return lw_refuse(err, LW_ERROR_MODEL,
                         "model, column %d: the last output is %dx%dx%d; end with dense(classes) or globalavgpool, "
                         "at least 2 classes",
                         b.column, out.h, out.w, out.c);
    if (model->params == 0)
        return lw_refuse(err, LW_ERROR_MODEL, "model, column 1: nothing to train; add a conv or a dense");
    model->classes = out.c;
    return true;
}
