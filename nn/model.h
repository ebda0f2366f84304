/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model.h: a network as data: its text, and the layers with the sizes that follow from the input.
 * The last layer gives the logits; softmax belongs to the loss.
 */
#ifndef LW_MODEL_H
#define LW_MODEL_H

#include "nn/layer.h"

enum { LW_MODEL_LAYERS = 64 };

/* The network of the Keras and TensorFlow tutorials: 93,322 parameters on 28x28x1. */
#define LW_MODEL_TUTORIAL                                                                                              \
    "conv(32,3) relu maxpool(2) conv(64,3) relu maxpool(2) conv(64,3) relu flatten dense(64) relu dense(10)"

typedef struct lw_model {
    lw_dims input;
    int layers, classes;
    lw_layer layer[LW_MODEL_LAYERS];
    ptrdiff_t params; /* numbers to train */
    int first_param;  /* the first layer that has parameters; none before it needs a gradient */
} lw_model;

/* Reads `text` for images of size `input`. On false `err` says what is wrong, in which column, and what
 * would be right. */
bool lw_model_parse(lw_model *model, const char *text, lw_dims input, lw_error *err);

/* Of one image, forward; forward and backward. Nominal: as the model says, whatever is left out. */
double lw_model_flop(const lw_model *model);
double lw_model_train_flop(const lw_model *model);
ptrdiff_t lw_layer_param_count(const lw_layer *l);

/* One line per layer type for --help, NULL past the end: "conv(filters,kernel[,stride=1][,pad=0|same])". */
const char *lw_model_syntax(int i);

#endif
