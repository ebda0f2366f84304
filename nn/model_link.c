/* SPDX-License-Identifier: BSD-3-Clause
 * model_link.c: who reads whom, and what may therefore share memory or work. */
#include "nn/model_link.h"

static void count_readers(lw_model *model)
{
    for (int i = 0; i < model->layers; i++)
        for (int j = 0; j < model->layer[i].inputs; j++) {
            const int from = model->layer[i].from[j];
            ++*(from == LW_IMAGE ? &model->image_readers : &model->layer[from].readers);
        }
}

static void count_params(lw_model *model)
{
    for (int i = 0; i < model->layers; i++) model->params += lw_layer_param_count(&model->layer[i]);
}

void lw_model_link_learning(lw_model *model)
{
    for (int i = 0; i < model->layers; i++) {
        lw_layer *l = &model->layer[i];
        l->learns = l->params > 0 && !l->frozen;
        for (int j = 0; j < l->inputs; j++) l->learns |= lw_model_wants_diff(model, l, j);
    }
}

/* Only a tensor with one reader may be overwritten by it, or handed on as a gradient. A pool directly after a layer
 * with a ReLU does that ReLU's gradient, if nobody else reads the layer: see layer_maxpool.c. */
static void share(lw_model *model)
{
    for (int i = 0; i < model->layers; i++) {
        lw_layer *l = &model->layer[i], *before = l->from[0] == LW_IMAGE ? NULL : &model->layer[l->from[0]];
        const bool alone = (before ? before->readers : model->image_readers) == 1;
        l->in_place = alone && l->type->in_place;
        l->passes_diff = l->in_place || (alone && l->type->passes_diff);
        if (before && alone && before->relu && l->type == &lw_layer_maxpool) l->masks_input = before->masked = true;
    }
}

void lw_model_link(lw_model *model)
{
    count_readers(model);
    count_params(model);
    lw_model_link_learning(model);
    share(model);
}
