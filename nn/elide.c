/* SPDX-License-Identifier: BSD-3-Clause
 * elide.c: walks a model from its end to the image, and gives max-pools to the convolutions before them. */
#include "nn/elide.h"

/* Whether that layer can do with less, for all who look at it. One that works element by element gives what it gets. */
static bool may_crop(const lw_model *model, int at)
{
    if (at == LW_IMAGE) return false;
    const lw_layer *l = &model->layer[at];
    if (!l->type->resize || l->readers != 1) return false;
    return !l->type->in_place || may_crop(model, l->from[0]);
}

/* A layer that looks at less of its input leaves less to compute to the one before it. */
static void crop_outputs(lw_model *model)
{
    for (int i = model->layers - 1; i >= 0; i--) {
        const lw_layer *l = &model->layer[i];
        if (l->type->resize && may_crop(model, l->from[0]))
            model->layer[l->from[0]].used_out = l->type->reach(l, l->used_out);
    }
}

static void crop(lw_model *model)
{
    crop_outputs(model);
    for (int i = 0; i < model->layers; i++) {
        lw_layer *l = &model->layer[i];
        if (!l->type->resize) continue;
        if (l->from[0] != LW_IMAGE) l->used_in = model->layer[l->from[0]].used_out;
        l->type->resize(l, l->used_in, l->used_out);
    }
}

static void pool(lw_model *model)
{
    for (int i = 0; i < model->layers; i++) {
        lw_layer *l = &model->layer[i], *before = l->from[0] == LW_IMAGE ? NULL : &model->layer[l->from[0]];
        if (l->type != &lw_layer_maxpool || !before || before->type != &lw_layer_conv || before->readers != 1) continue;
        before->pools = l->pooled = l->passes_diff = true;
        before->of.pool = l->of.pool;
        before->masked = l->masks_input = false; /* the convolution's kernels do its ReLU */
    }
}

void lw_model_elide(lw_model *model)
{
    crop(model);
    pool(model);
}

double lw_model_executed_flop(const lw_model *model)
{
    double sum = 0;
    for (int i = 0; i < model->layers; i++) sum += model->layer[i].type->flop(&model->layer[i]);
    return sum;
}

/* One pass backward, for weights or for data. */
static double backward_flop(const lw_layer *l)
{
    const lw_conv2d_shape *c = &l->of.conv;
    const lw_pool_shape *p = &l->of.pool;
    const double dense = l->type->flop(l);
    const double sparse = 2.0 * p->oh * p->ow * c->oc * c->kh * c->kw * c->ic;
    return l->pools && sparse < dense ? sparse : dense;
}

double lw_model_executed_train_flop(const lw_model *model)
{
    double sum = lw_model_executed_flop(model);
    for (int i = 0; i < model->layers; i++)
        sum += backward_flop(&model->layer[i]) * lw_model_backward_passes(model, &model->layer[i]);
    return sum;
}
