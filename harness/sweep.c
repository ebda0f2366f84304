/* SPDX-License-Identifier: BSD-3-Clause
 * sweep.c: templates, axes and their values. */
#include "harness/sweep.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AXES = 8, MOST_VALUES = LW_SWEEP_MOST, LONGEST = 256, LARGEST = 1000000000 };

typedef struct axis {
    char name[16];
    int count;
    long *value;
} axis;

typedef struct sweep {
    const char *text;
    char template[LONGEST];
    int axes;
    axis axis[MOST_AXES];
    char *err;
    size_t err_size;
} sweep;

static bool refuse(sweep *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(sweep *s, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(s->err, s->err_size, "problem '%s': %s", s->text, what);
    return false;
}

static size_t capitals(const char *at)
{
    size_t n = 0;
    while (isupper((unsigned char)at[n]))
        n++;
    return n;
}

/* ---------------------------------------------------------------- values of an axis */

static bool add_value(sweep *s, axis *a, long value)
{
    if (a->count == MOST_VALUES) return refuse(s, "%s has more than %d values", a->name, MOST_VALUES);
    a->value[a->count++] = value;
    return true;
}

static bool take_number(const char **at, long *value)
{
    char *end;
    if (!isdigit((unsigned char)**at)) return false;
    *value = strtol(*at, &end, 10);
    *at = end;
    return *value <= LARGEST;
}

/* "16", "16..64", "16..64*2", "16..64+8"; `item` is for messages. */
static bool take_range(sweep *s, axis *a, const char **at, const char *item)
{
    const int length = (int)strcspn(item, ",");
    long first, last, step = 1;
    bool multiply = false;
    if (!take_number(at, &first))
        return refuse(s, "%s=%.*s wants whole numbers up to 10^9: %s=16..2048*2", a->name, length, item,
                      a->name);
    last = first;
    if (strncmp(*at, "..", 2) == 0) {
        *at += 2;
        if (!take_number(at, &last))
            return refuse(s, "%s=%.*s wants an end: %s=16..2048*2", a->name, length, item, a->name);
        if (**at == '*' || **at == '+') {
            multiply = *(*at)++ == '*';
            if (!take_number(at, &step))
                return refuse(s, "%s=%.*s wants a step after '%c'", a->name, length, item,
                              multiply ? '*' : '+');
        }
    }
    if (last < first) return refuse(s, "the range %s=%.*s is empty", a->name, length, item);
    if (step == 0 || (multiply && (step == 1 || first == 0)))
        return refuse(s, "the range %s=%.*s never ends", a->name, length, item);
    for (long v = first; v <= last; v = multiply ? v * step : v + step)
        if (!add_value(s, a, v)) return false;
    return true;
}

static bool take_values(sweep *s, axis *a, const char *values)
{
    a->value = malloc(MOST_VALUES * sizeof *a->value);
    if (!a->value) return refuse(s, "out of memory");
    for (const char *at = values;; at++) {
        const char *item = at;
        if (!take_range(s, a, &at, item)) return false;
        if (*at == '\0') return true;
        if (*at != ',') return refuse(s, "'%s' in %s=%s is not understood", at, a->name, values);
    }
}

/* ---------------------------------------------------------------- words */

static bool take_axis(sweep *s, const char *word)
{
    const size_t length = strcspn(word, "=");
    if (length == 0 || length != capitals(word) || length >= sizeof s->axis[0].name)
        return refuse(s, "an axis is a word of capital letters, as in N=16..2048*2, got '%s'", word);
    if (s->axes == MOST_AXES) return refuse(s, "more than %d axes", MOST_AXES);
    for (int i = 0; i < s->axes; i++)
        if (strncmp(s->axis[i].name, word, length) == 0 && s->axis[i].name[length] == '\0')
            return refuse(s, "the axis %s is there twice", s->axis[i].name);
    axis *a = &s->axis[s->axes++];
    snprintf(a->name, sizeof a->name, "%.*s", (int)length, word);
    return take_values(s, a, word + length + 1);
}

static bool take_words(sweep *s)
{
    char copy[2 * LONGEST], *rest;
    if (strlen(s->text) >= sizeof copy) return refuse(s, "longer than %zu characters", sizeof copy - 1);
    strcpy(copy, s->text);
    for (char *word = strtok_r(copy, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
        if (strchr(word, '=')) {
            if (!take_axis(s, word)) return false;
        } else if (*s->template) {
            return refuse(s, "'%s' and '%s': one problem is wanted, then axes", s->template, word);
        } else if (strlen(word) >= LONGEST) {
            return refuse(s, "longer than %d characters", LONGEST - 1);
        } else {
            strcpy(s->template, word);
        }
    }
    if (!*s->template && s->axes > 0) strcpy(s->template, "MxK:KxN");
    return *s->template || refuse(s, "it is empty");
}

static axis *find_axis(sweep *s, const char *name, size_t length)
{
    for (int i = 0; i < s->axes; i++)
        if (strlen(s->axis[i].name) == length && strncmp(s->axis[i].name, name, length) == 0)
            return &s->axis[i];
    return NULL;
}

/* Each axis stands in the template, and what looks like an axis there has values. */
static bool match(sweep *s)
{
    bool used[MOST_AXES] = {false};
    long all = 1;
    for (const char *at = s->template; s->axes > 0 && *at; at += capitals(at) ? capitals(at) : 1) {
        const axis *a = find_axis(s, at, capitals(at));
        if (a)
            used[a - s->axis] = true;
        else if (capitals(at))
            return refuse(s, "the axis %.*s has no values; for example %.*s=16..2048*2", (int)capitals(at),
                          at, (int)capitals(at), at);
    }
    for (int i = 0; i < s->axes; i++) {
        if (!used[i]) return refuse(s, "there is no axis %s in '%s'", s->axis[i].name, s->template);
        all *= s->axis[i].count;
        if (all > LW_SWEEP_MOST) return refuse(s, "more than %d problems", LW_SWEEP_MOST);
    }
    return true;
}

/* ---------------------------------------------------------------- problems */

/* The template with the values of turn `turn`. */
static bool spell(sweep *s, long turn, char *out, size_t size)
{
    size_t length = 0;
    long index[MOST_AXES];
    for (int i = s->axes; i-- > 0; turn /= s->axis[i].count)
        index[i] = turn % s->axis[i].count;
    for (const char *at = s->template; *at && length < size;) {
        const axis *a = find_axis(s, at, capitals(at));
        length += (size_t)(a ? snprintf(out + length, size - length, "%ld", a->value[index[a - s->axis]])
                             : snprintf(out + length, size - length, "%c", *at));
        at += a ? capitals(at) : 1;
    }
    return length < size || refuse(s, "longer than %zu characters with its values", size - 1);
}

bool lw_sweep_each(const char *text, bool (*visit)(void *context, const char *problem), void *context,
                   char *err, size_t err_size)
{
    sweep s = {.text = text, .err = err, .err_size = err_size};
    bool ok = take_words(&s) && match(&s);
    long all = 1;
    for (int i = 0; i < s.axes; i++)
        all *= s.axis[i].count;
    for (long turn = 0; ok && turn < all; turn++) {
        char problem[LONGEST];
        ok = spell(&s, turn, problem, sizeof problem) && visit(context, problem);
    }
    for (int i = 0; i < s.axes; i++)
        free(s.axis[i].value);
    return ok;
}
