/* SPDX-License-Identifier: BSD-3-Clause
 * model_args.c: a layer's type from its word, and its arguments from theirs. */
#include "nn/model_args.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const lw_layer_type *lw_model_type(const lw_item *item, lw_error *err)
{
    char known[256] = "";
    for (int i = 0; lw_layer_types[i]; i++) {
        if (strcmp(item->word, lw_layer_types[i]->word) == 0) return lw_layer_types[i];
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s ", lw_layer_types[i]->word);
    }
    lw_refuse(err, LW_ERROR_MODEL, "model, column %d: unknown layer '%s'; known: %sresidual branches", item->column, item->word,
              known);
    return NULL;
}

static bool read_value(const lw_layer_type *type, const lw_layer_arg *want, const lw_item_arg *got, double *value,
                       lw_error *err)
{
    char *end;
    if (want->kind == LW_ARG_INT_OR_SAME && strcmp(got->value, "same") == 0) {
        *value = LW_ARG_SAME;
        return true;
    }
    *value = strtod(got->value, &end);
    bool whole = want->kind == LW_ARG_REAL || *value == floor(*value);
    if (*end == '\0' && whole && *value >= want->min && *value <= want->max) return true;
    return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s wants %s as a %snumber from %g to %g%s, got '%s'",
                     got->column, type->word, want->name, want->kind == LW_ARG_REAL ? "" : "whole ", want->min,
                     want->max, want->kind == LW_ARG_INT_OR_SAME ? " or 'same'" : "", got->value);
}

static int find_arg(const lw_layer_type *type, const lw_item_arg *got, int position)
{
    if (!got->key[0]) return position;
    for (int i = 0; i < type->args; i++)
        if (strcmp(got->key, type->arg[i].name) == 0) return i;
    return -1;
}

bool lw_model_values(const lw_layer_type *type, const lw_item *item, double *value, lw_error *err)
{
    bool given[LW_LAYER_ARGS] = {false};
    for (int i = 0; i < item->args; i++) {
        const lw_item_arg *got = &item->arg[i];
        int at = find_arg(type, got, i);
        if (at < 0 || at >= type->args)
            return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s has no argument %s'%s'; it is written %s",
                             got->column, type->word, got->key[0] ? "named " : "", got->key[0] ? got->key : got->value,
                             type->usage);
        if (given[at])
            return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s has %s twice", got->column, type->word,
                             type->arg[at].name);
        given[at] = true;
        if (!read_value(type, &type->arg[at], got, &value[at], err)) return false;
    }
    for (int i = 0; i < type->args; i++) {
        if (given[i]) continue;
        value[i] = type->arg[i].preset;
        if (isnan(value[i]))
            return lw_refuse(err, LW_ERROR_MODEL, "model, column %d: %s lacks %s; it is written %s", item->column,
                             type->word, type->arg[i].name, type->usage);
    }
    return true;
}
