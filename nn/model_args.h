/* SPDX-License-Identifier: BSD-3-Clause
 * model_args.h: what an item of a model's text means: its layer's type and the values of its arguments. */
#ifndef LW_MODEL_ARGS_H
#define LW_MODEL_ARGS_H

#include "nn/layer.h"
#include "nn/model_text.h"

/* NULL: `err` lists the words that are known. */
const lw_layer_type *lw_model_type(const lw_item *item, lw_error *err);

/* value[i] of type->arg[i], given or preset. false: `err` says which argument is wrong, and what it wants. */
bool lw_model_values(const lw_layer_type *type, const lw_item *item, double *value, lw_error *err);

#endif
