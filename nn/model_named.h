/* SPDX-License-Identifier: BSD-3-Clause
 * model_named.h: models by name. They are the files of experiments/models/, which the build takes in, so a name works
 * wherever the program is. A file holds a model's text over any number of lines; '#' begins a comment. */
#ifndef LW_MODEL_NAMED_H
#define LW_MODEL_NAMED_H

#include "nn/error.h"

#include <stddef.h>

typedef struct lw_named_model {
    const char *name, *text;
} lw_named_model;

extern const lw_named_model lw_named_models[]; /* by name; NULL ends the list */

enum { LW_MODEL_TEXT = 8192 };

/* The text that `request` stands for: "@FILE" reads a file; a single word is the name of a model, unless it is a
 * layer's; anything else is the text itself. */
bool lw_model_text(const char *request, char text[LW_MODEL_TEXT], lw_error *err);

#endif
