/* SPDX-License-Identifier: BSD-3-Clause
 * model_link.h: what follows from who reads whom in a model whose layers are there. */
#ifndef LW_MODEL_LINK_H
#define LW_MODEL_LINK_H

#include "nn/model.h"

/* Fills in readers, learns, in_place, passes_diff and the masks of ReLUs, and the model's counts. */
void lw_model_link(lw_model *model);

/* `learns` alone, again: what is frozen has changed. */
void lw_model_link_learning(lw_model *model);

#endif
