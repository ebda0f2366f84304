/* SPDX-License-Identifier: BSD-3-Clause
 * elide.c: walks a model from its end to the image, and gives max-pools to the convolutions before them. */
#include "nn/elide.h"

/* A layer that looks at less of its input leaves less to compute to the one before it, if that one can do with less. */
static void crop(lw_model *model)
{
    lw_dims wanted = model->layer[model->layers - 1].out;
    for (int i = model->layers - 1; i >= 0; i--) {
        lw_layer *l = &model->layer[i];
        const lw_layer *before = i ? l - 1 : NULL;
        if (!l->type->resize) {
            wanted = l->in;
            continue;
        }
        l->used_out = wanted;
        l->used_in = before && before->type->resize ? l->type->reach(l, wanted) : l->in;
        l->type->resize(l, l->used_in, l->used_out);
        wanted = l->used_in;
    }
}

static void pool(lw_model *model)
{
    for (int i = 1; i < model->layers; i++) {
        lw_layer *l = &model->layer[i], *before = l - 1;
        if (l->type != &lw_layer_maxpool || before->type != &lw_layer_conv) continue;
        before->pools = l->pooled = true;
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
    for (int i = model->first_param; i < model->layers; i++) {
        const lw_layer *l = &model->layer[i];
        sum += backward_flop(l) * (l->params && i > model->first_param ? 2 : 1);
    }
    return sum;
}
