/* SPDX-License-Identifier: BSD-3-Clause
 * model.c: facts about a model. */
#include "nn/model.h"

bool lw_model_wants_diff(const lw_model *model, const lw_layer *l, int input)
{
    return l->from[input] != LW_IMAGE && model->layer[l->from[input]].learns;
}

ptrdiff_t lw_layer_param_count(const lw_layer *l)
{
    ptrdiff_t count = 0;
    for (int i = 0; i < l->params; i++)
        if (!l->param[i].state) count += lw_param_count(&l->param[i]);
    return count;
}

double lw_model_flop(const lw_model *model)
{
    double sum = 0;
    for (int i = 0; i < model->layers; i++)
        sum += model->layer[i].flop;
    return sum;
}

/* A layer with parameters costs its forward pass again for its weights unless they are frozen, and once more for its
 * input where somebody before it learns; one without costs it once again. */
int lw_model_backward_passes(const lw_model *model, const lw_layer *l)
{
    if (!l->learns) return 0;
    return (l->params && !l->frozen) + (!l->params || lw_model_wants_diff(model, l, 0));
}

double lw_model_train_flop(const lw_model *model)
{
    double sum = lw_model_flop(model);
    for (int i = 0; i < model->layers; i++)
        sum += model->layer[i].flop * lw_model_backward_passes(model, &model->layer[i]);
    return sum;
}

const char *lw_model_syntax(int i)
{
    int count = 0;
    while (lw_layer_types[count]) count++;
    const lw_layer_type *const groups[] = {&lw_layer_add, &lw_layer_concat, NULL};
    const lw_layer_type *type = i < count ? lw_layer_types[i] : i - count <= 2 ? groups[i - count] : NULL;
    return type ? type->usage : NULL;
}
