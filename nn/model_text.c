/* SPDX-License-Identifier: BSD-3-Clause
 * model_text.c: reads a model's text item by item. */
#include "nn/model_text.h"

#include <ctype.h>
#include <string.h>

typedef struct cursor {
    const char *text, *at;
    lw_error *err;
} cursor;

static int column_of(const cursor *c)
{
    return (int)(c->at - c->text) + 1;
}

static char peek(cursor *c)
{
    while (isspace((unsigned char)*c->at))
        c->at++;
    return *c->at;
}

/* "model, column 7: expected a value, found ')'" */
static bool expected(cursor *c, const char *what)
{
    if (*c->at == '\0')
        return lw_refuse(c->err, LW_ERROR_MODEL, "model, column %d: expected %s, found the end", column_of(c), what);
    if (!isprint((unsigned char)*c->at))
        return lw_refuse(c->err, LW_ERROR_MODEL, "model, column %d: expected %s, found the byte 0x%02x", column_of(c), what,
                         (unsigned char)*c->at);
    return lw_refuse(c->err, LW_ERROR_MODEL, "model, column %d: expected %s, found '%c'", column_of(c), what, *c->at);
}

/* A word or a number. */
static bool read_word(cursor *c, char *word, const char *what)
{
    int length = 0;
    peek(c);
    for (const char *p = c->at; isalnum((unsigned char)*p) || (*p && strchr("_.+-", *p)); p++) {
        if (length == LW_ITEM_WORD - 1)
            return lw_refuse(c->err, LW_ERROR_MODEL, "model, column %d: '%.20s...' is too long for %s", column_of(c),
                             c->at, what);
        word[length++] = *p;
    }
    word[length] = '\0';
    if (length == 0) return expected(c, what);
    c->at += length;
    return true;
}

static bool read_arg(cursor *c, lw_item_arg *arg)
{
    peek(c);
    arg->column = column_of(c);
    arg->key[0] = '\0';
    if (!read_word(c, arg->value, "a value")) return false;
    if (peek(c) != '=') return true;
    c->at++;
    memcpy(arg->key, arg->value, sizeof arg->key);
    return read_word(c, arg->value, "a value after '='");
}

static bool read_args(cursor *c, lw_item *item)
{
    do {
        c->at++; /* past '(' or ',' */
        if (item->args == LW_ITEM_ARGS)
            return lw_refuse(c->err, LW_ERROR_MODEL, "model, column %d: %s has more than %d arguments", column_of(c),
                             item->word, LW_ITEM_ARGS);
        if (!read_arg(c, &item->arg[item->args])) return false;
        item->args++;
    } while (peek(c) == ',');
    if (*c->at != ')') return expected(c, "',' or ')'");
    c->at++;
    return true;
}

bool lw_item_is_group(const char *word)
{
    return strcmp(word, "residual") == 0 || strcmp(word, "branches") == 0;
}

static bool read_item(cursor *c, lw_item *item)
{
    if (!isalpha((unsigned char)*c->at)) return expected(c, "a layer such as conv(32,3)");
    if (!read_word(c, item->word, "a layer's name")) return false;
    item->kind = lw_item_is_group(item->word) ? LW_ITEM_GROUP : LW_ITEM_LAYER;
    if (item->kind == LW_ITEM_LAYER) return peek(c) != '(' || read_args(c, item);
    if (peek(c) != '(') return expected(c, "'(' and the layers of this group");
    c->at++;
    return true;
}

bool lw_item_next(const char *text, const char **at, bool inside, lw_item *item, lw_error *err)
{
    cursor c = {text, *at, err};
    const char next = peek(&c);
    item->args = 0;
    item->column = column_of(&c);
    if (next == '\0') {
        item->kind = LW_ITEM_END;
    } else if (inside && (next == '|' || next == ')')) {
        item->kind = next == '|' ? LW_ITEM_BAR : LW_ITEM_CLOSE;
        c.at++;
    } else if (!read_item(&c, item)) {
        return false;
    }
    *at = c.at;
    return true;
}
