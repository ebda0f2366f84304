/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model_text.h: the grammar of a model's text, without its meaning.
 *
 *     model = chain
 *     chain = { item " " }
 *     item  = word [ "(" arg { "," arg } ")" ]
 *           | group "(" chain { "|" chain } ")"
 *     group = "residual" | "branches"
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

typedef enum lw_item_kind {
    LW_ITEM_LAYER,
    LW_ITEM_GROUP, /* its word and its '(' */
    LW_ITEM_BAR,   /* '|': the group's next chain */
    LW_ITEM_CLOSE, /* ')' of the group */
    LW_ITEM_END
} lw_item_kind;

typedef struct lw_item {
    lw_item_kind kind;
    char word[LW_ITEM_WORD];
    int column;
    int args;
    lw_item_arg arg[LW_ITEM_ARGS];
} lw_item;

/* Reads the next item and moves *at past it. `inside`: in a group, so that '|' and ')' may come. Columns count from
 * `text`. */
bool lw_item_next(const char *text, const char **at, bool inside, lw_item *item, lw_error *err);

/* Whether `word` opens a group. */
bool lw_item_is_group(const char *word);

#endif
