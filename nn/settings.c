/* SPDX-License-Identifier: BSD-3-Clause
 * settings.c: reads and writes "name=number,name=number". */
#include "nn/settings.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 256, MOST = 32 };

static const char *skip_blanks(const char *at)
{
    while (isspace((unsigned char)*at)) at++;
    return at;
}

static void list_names(const lw_setting *table, char text[NAMES])
{
    text[0] = '\0';
    for (const lw_setting *s = table; s->name; s++) {
        size_t used = strlen(text);
        snprintf(text + used, NAMES - used, "%s%s", used ? ", " : "", s->name);
    }
}

static int find(const lw_setting *table, const char *name, size_t length)
{
    for (int i = 0; table[i].name; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0) return i;
    return -1;
}

static bool refuse_name(const lw_setting *table, const char *name, int length, const char *what, lw_error *err)
{
    char names[NAMES];
    list_names(table, names);
    if (!names[0]) return lw_refuse(err, LW_ERROR_SETTING, "%s takes no settings, got '%.*s'", what, length, name);
    return lw_refuse(err, LW_ERROR_SETTING, "%s: no setting '%.*s' (%s)", what, length, name, names);
}

/* The number at *at, which moves behind it. */
static bool read_number(const char **at, const lw_setting *s, double *value, const char *what, lw_error *err)
{
    char *end;
    const char *first = *at;
    *value = strtod(first, &end);
    *at = skip_blanks(end);
    bool plain = end != first && !isspace((unsigned char)*first) && (**at == ',' || **at == '\0');
    if (plain && *value >= s->min && *value <= s->max && (!s->whole || *value == floor(*value))) return true;
    int length = (int)strcspn(first, ",");
    return lw_refuse(err, LW_ERROR_SETTING, "%s: %s wants a %s from %g to %g, got '%.*s'", what, s->name,
                     s->whole ? "whole number" : "number", s->min, s->max, length, first);
}

bool lw_settings_read(const char *text, const lw_setting *table, double *value, const char *what, lw_error *err)
{
    uint32_t given = 0;
    for (int i = 0; table[i].name && i < MOST; i++)
        value[i] = table[i].preset;
    const char *at = skip_blanks(text ? text : "");
    while (*at) {
        size_t length = strcspn(at, "=, \t\n");
        int i = find(table, at, length);
        if (i < 0) return refuse_name(table, at, (int)strcspn(at, "=,"), what, err);
        at = skip_blanks(at + length);
        if (*at != '=') return lw_refuse(err, LW_ERROR_SETTING, "%s: %s wants a value: %s=N", what, table[i].name, table[i].name);
        if (given & 1u << i) return lw_refuse(err, LW_ERROR_SETTING, "%s: %s is given twice", what, table[i].name);
        given |= 1u << i;
        at = skip_blanks(at + 1);
        if (!read_number(&at, &table[i], &value[i], what, err)) return false;
        if (*at == ',' && !*(at = skip_blanks(at + 1)))
            return lw_refuse(err, LW_ERROR_SETTING, "%s: nothing follows the last comma", what);
    }
    return true;
}

void lw_settings_write(const lw_setting *table, const double *value, char *text, int size)
{
    text[0] = '\0';
    for (int i = 0; table[i].name; i++) {
        size_t used = strlen(text);
        if (value[i] == table[i].preset) continue;
        char number[32];
        for (int digits = 6; digits <= 17; digits++) { /* the fewest that read back as the same number */
            snprintf(number, sizeof number, "%.*g", digits, value[i]);
            if (strtod(number, NULL) == value[i]) break;
        }
        snprintf(text + used, (size_t)size - used, "%s%s=%s", used ? "," : "", table[i].name, number);
    }
}
