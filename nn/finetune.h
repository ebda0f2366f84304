/* SPDX-License-Identifier: BSD-3-Clause
 *
 * finetune.h: training that starts from weights of an earlier one. Tensors are found by name and must have the same
 * shape; layers can be left out of that, to start anew, layers can be kept as they are, and layers can learn at a rate
 * of their own.
 */
#ifndef LW_FINETUNE_H
#define LW_FINETUNE_H

#include "nn/net.h"

enum { LW_FINETUNE_NOTE = 512 };

/* The layers named in `names`, separated by commas, are not trained. Each must have parameters, and some other layer
 * must be left to learn. Batch normalisation then uses its running statistics in training as well, as in Keras, and
 * can only be frozen where nothing before it learns. Before lw_net_init and lw_model_elide. */
bool lw_model_freeze(lw_model *model, const char *names, lw_error *err);

/* "conv2d=0.1,dense_1=2": these layers learn by so much of the learning rate, more than 0 and at most 1000. Each must
 * have parameters, not be frozen and be named once. After lw_model_freeze. */
bool lw_model_scale_rates(lw_model *model, const char *factors, lw_error *err);

/* Reads each tensor of `net` that the file has in the same shape, but none of the layers in `anew` (may be NULL).
 * `note` says which tensors stayed as they were, "" for none. false: the file cannot be read, or has none of them. */
bool lw_finetune_read(const char *path, lw_net *net, const char *anew, char note[LW_FINETUNE_NOTE], lw_error *err);

/* Whether each of `names` is a layer with parameters. */
bool lw_model_has_layers(const lw_model *model, const char *names, lw_error *err);

#endif
