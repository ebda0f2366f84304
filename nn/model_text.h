/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model_text.h: the grammar of a model's text, without its meaning.
 *
 *     model = item { " " item }
 *     item  = word [ "(" arg { "," arg } ")" ]
 *     arg   = [ word "=" ] value
 *
 * Spaces are free around every sign; line breaks count as spaces.
 */
#ifndef LW_MODEL_TEXT_H
#define LW_MODEL_TEXT_H

#include "nn/error.h"

enum { LW_ITEM_ARGS = 8, LW_ITEM_WORD = 32 };

typedef struct lw_item_arg {
    char key[LW_ITEM_WORD]; /* "" for an argument by position */
    char value[LW_ITEM_WORD];
    int column; /* of the argument, from 1 */
} lw_item_arg;

typedef struct lw_item {
    char word[LW_ITEM_WORD];
    int column;
    int args;
    lw_item_arg arg[LW_ITEM_ARGS];
} lw_item;

/* Reads the next item and moves *at past it. *end: there is none. Columns count from `text`. */
bool lw_item_next(const char *text, const char **at, lw_item *item, bool *end, lw_error *err);

#endif
