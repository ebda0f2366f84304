/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model.h: a network as data: its text, and the layers with the sizes that follow from the input. Each layer reads
 * layers before it in the list, which is the order of the text. The last layer gives the logits; softmax belongs to
 * the loss.
 *
 *     residual( body )             body(x) + x
 *     residual( body | shortcut )  body(x) + shortcut(x)
 *     branches( a | b | ... )      the channels of a(x), b(x) ... one after the other
 *
 * Each part is layers and groups in order, as the whole model is; an empty branch passes on what it reads.
 */
#ifndef LW_MODEL_H
#define LW_MODEL_H

#include "nn/layer.h"

enum { LW_MODEL_LAYERS = LW_PROFILE_LAYERS };

/* The network of the Keras and TensorFlow tutorials: 93,322 parameters on 28x28x1. */
#define LW_MODEL_TUTORIAL                                                                                              \
    "conv(32,3) relu maxpool(2) conv(64,3) relu maxpool(2) conv(64,3) relu flatten dense(64) relu dense(10)"

typedef struct lw_model {
    lw_dims input;
    int layers, classes;
    lw_layer layer[LW_MODEL_LAYERS];
    ptrdiff_t params; /* numbers to train, unless frozen */
    int image_readers; /* how many inputs of layers the image is */
} lw_model;

/* Reads `text` for images of size `input`. On false `err` says what is wrong, in which column, and what
 * would be right. */
bool lw_model_parse(lw_model *model, const char *text, lw_dims input, lw_error *err);

/* Of one image, forward; forward and backward. Nominal: as the model says, whatever is left out. */
double lw_model_flop(const lw_model *model);
double lw_model_train_flop(const lw_model *model);
ptrdiff_t lw_layer_param_count(const lw_layer *l); /* numbers to train, unless frozen */
int lw_model_backward_passes(const lw_model *model, const lw_layer *l); /* each about as long as the forward pass */

/* Whether somebody learns from the gradient of this input. */
bool lw_model_wants_diff(const lw_model *model, const lw_layer *l, int input);

/* One line per layer type and group, NULL past the end: "conv(filters,kernel[,stride=1][,pad=0|same])". */
const char *lw_model_syntax(int i);

#endif
