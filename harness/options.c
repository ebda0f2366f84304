/* SPDX-License-Identifier: BSD-3-Clause
 *
 * options.c: table-driven option parsing over getopt_long, with refusals that say what would be right. */
#define _GNU_SOURCE
#include "harness/options.h"

#include "harness/exit_codes.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 64, FIRST_OPTION = 1000, HELP_OPTION = 999 };

int lw_fail(int code, const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fputs("bench", stderr);
    if (command) fprintf(stderr, " %s", command);
    fputs(": ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

/* ---------------------------------------------------------------- suggestions */

/* Edit distance with insertion, deletion and replacement, cut off at words of 31 letters. */
static int edit_distance(const char *a, const char *b)
{
    int row[32];
    size_t m = strlen(a), n = strlen(b);
    if (m > 31 || n > 31) return INT_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= m; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= n; j++) {
            int replace = diagonal + (a[i - 1] != b[j - 1]);
            int best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = replace < best ? replace : best;
        }
    }
    return row[n];
}

const char *lw_nearest(const char *word, const char *const *names, int count)
{
    const char *nearest = NULL;
    int best = (int)strlen(word) / 3 + 2; /* farther than that is another word */
    for (int i = 0; i < count; i++) {
        int distance = edit_distance(word, names[i]);
        if (strlen(word) >= 3 && strncmp(word, names[i], strlen(word)) == 0) distance = 1;
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

const char *lw_list_next(const char *list, char *name, size_t size)
{
    const size_t length = strcspn(list, ",");
    snprintf(name, size, "%.*s", (int)length, list);
    return list[length] ? list + length + 1 : NULL;
}

bool lw_choice_contains(const char *choices, const char *word)
{
    size_t length = strlen(word);
    if (strchr(word, '|')) return false;
    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (length > 0 && strncmp(at, word, length) == 0 && (at[length] == '|' || at[length] == '\0'))
            return true;
    return false;
}

/* ---------------------------------------------------------------- values */

/* Fills err with "wants ..., got ..."; false. */
static bool refuse(char *err, int size, const char *want, const char *got)
{
    snprintf(err, (size_t)size, "wants %s, got '%s'", want, got);
    return false;
}

static bool set_int(const lw_option *o, const char *text, char *err, int size)
{
    bool any = o->min == 0 && o->max == 0; /* LW_OPT_INT without a range */
    double min = any ? INT_MIN : o->min, max = any ? INT_MAX : o->max;
    char *end, want[128];
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || isspace((unsigned char)text[0]) || errno || (double)value < min ||
        (double)value > max) {
        if (any)
            snprintf(want, sizeof want, "a whole number");
        else if (max >= INT_MAX)
            snprintf(want, sizeof want, "a whole number of at least %.0f", min);
        else
            snprintf(want, sizeof want, "a whole number from %.0f to %.0f", min, max);
        return refuse(err, size, want, text);
    }
    *(int *)o->value = (int)value;
    return true;
}

static bool set_u64(const lw_option *o, const char *text, char *err, int size)
{
    char *end;
    errno = 0;
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    unsigned long long value = strtoull(text, &end, hex ? 16 : 10);
    if (!isdigit((unsigned char)text[0]) || *end || (hex && end == text + 1) || errno)
        return refuse(err, size, "a whole number from 0 to 18446744073709551615", text);
    *(uint64_t *)o->value = value;
    return true;
}

static bool set_real(const lw_option *o, const char *text, char *err, int size)
{
    bool any = o->min == 0 && o->max == 0;
    char *end, want[128];
    errno = 0;
    double value = strtod(text, &end);
    bool tiny = errno == ERANGE && fabs(value) < 1; /* a denormal is a number */
    if (end == text || *end || isspace((unsigned char)text[0]) || (errno && !tiny) || !isfinite(value) ||
        (!any && (value < o->min || value > o->max))) {
        if (any)
            snprintf(want, sizeof want, "a number");
        else if (isinf(o->max))
            snprintf(want, sizeof want, "a number of at least %g", o->min);
        else
            snprintf(want, sizeof want, "a number from %g to %g", o->min, o->max);
        return refuse(err, size, want, text);
    }
    *(double *)o->value = value;
    return true;
}

static bool set_percent(const lw_option *o, const char *text, char *err, int size)
{
    char number[64];
    const size_t length = strlen(text), sign = length > 1 && text[length - 1] == '%';
    if (length >= sizeof number) return refuse(err, size, "a percentage", text);
    snprintf(number, sizeof number, "%.*s", (int)(length - sign), text);
    if (!set_real(o, number, err, size)) return false;
    *(double *)o->value /= 100;
    return true;
}

static bool set_text(const lw_option *o, const char *text, char *err, int size)
{
    if (o->choices && !lw_choice_contains(o->choices, text)) {
        char want[256];
        snprintf(want, sizeof want, "one of %s", o->choices);
        return refuse(err, size, want, text);
    }
    if (!*text) return refuse(err, size, "a value that is not empty", text);
    *(const char **)o->value = text;
    return true;
}

static bool set_bool(const lw_option *o, const char *text, char *err, int size)
{
    const bool yes = !text || lw_choice_contains("true|yes|1", text);
    if (!yes && !lw_choice_contains("false|no|0", text)) return refuse(err, size, "true or false", text);
    *(bool *)o->value = yes;
    return true;
}

static bool add_text(const lw_option *o, const char *text, char *err, int size)
{
    lw_texts *texts = o->value;
    if (!*text) return refuse(err, size, "a value that is not empty", text);
    if (texts->count == LW_TEXTS) return refuse(err, size, "to be given less often", text);
    texts->text[texts->count++] = (char *)text; /* of argv */
    return true;
}

/* A flag is given without a value on a command line, as "yes" or "no" in a file. */
static bool set_flag(const lw_option *o, const char *text, char *err, int size)
{
    if (text && strcmp(text, "yes") != 0 && strcmp(text, "no") != 0) return refuse(err, size, "yes or no", text);
    *(bool *)o->value = !text || strcmp(text, "yes") == 0;
    return true;
}

bool lw_option_set(const lw_option *o, const char *text, char *err, int size)
{
    switch (o->kind) {
    case LW_OPT_FLAG:
        return set_flag(o, text, err, size);
    case LW_OPT_BOOL:
        return set_bool(o, text, err, size);
    case LW_OPT_INT:
        return set_int(o, text, err, size);
    case LW_OPT_U64:
        return set_u64(o, text, err, size);
    case LW_OPT_REAL:
        return set_real(o, text, err, size);
    case LW_OPT_PERCENT:
        return set_percent(o, text, err, size);
    case LW_OPT_TEXT:
        return set_text(o, text, err, size);
    case LW_OPT_TEXTS:
        return add_text(o, text, err, size);
    case LW_OPT_END:
    case LW_OPT_HEADING:
        break;
    }
    return refuse(err, size, "nothing", text);
}

const lw_option *lw_option_named(const lw_option *table, const char *name)
{
    for (; table->kind != LW_OPT_END; table++)
        if (table->kind != LW_OPT_HEADING && strcmp(table->name, name) == 0) return table;
    return NULL;
}

static bool set_value(const lw_usage *usage, const lw_option *o, const char *text)
{
    char err[512];
    if (lw_option_set(o, text, err, sizeof err)) return true;
    lw_fail(0, usage->command, "--%s %s", o->name, err);
    return false;
}

/* ---------------------------------------------------------------- parsing */

typedef struct parser {
    struct option longs[MAX_OPTIONS + 2];
    char shorts[2 * MAX_OPTIONS + 8];
} parser;

static void parser_init(parser *p, const lw_option *table)
{
    int count = 0;
    char *s = p->shorts;
    *s++ = ':'; /* tell a missing argument from an unknown option */
    *s++ = 'h';
    for (int i = 0; table[i].kind != LW_OPT_END && count < MAX_OPTIONS; i++) {
        const lw_option *o = &table[i];
        if (o->kind == LW_OPT_HEADING) continue;
        bool argument = o->kind != LW_OPT_FLAG && o->kind != LW_OPT_BOOL;
        p->longs[count++] = (struct option){o->name,
                                            argument                 ? required_argument
                                            : o->kind == LW_OPT_BOOL ? optional_argument
                                                                     : no_argument,
                                            NULL, FIRST_OPTION + i};
        if (o->letter) {
            *s++ = o->letter;
            if (argument) *s++ = ':';
        }
    }
    p->longs[count++] = (struct option){"help", no_argument, NULL, HELP_OPTION};
    p->longs[count] = (struct option){0};
    *s = '\0';
}

static const lw_option *find_letter(const lw_option *table, int letter)
{
    for (; table->kind != LW_OPT_END; table++)
        if (table->kind != LW_OPT_HEADING && table->letter && table->letter == letter) return table;
    return NULL;
}

/* The one line for an argument that getopt_long did not take. */
static void explain_bad_option(const lw_usage *usage, const lw_option *table, const parser *p, int result,
                               const char *word)
{
    const lw_option *o = optopt >= FIRST_OPTION ? &table[optopt - FIRST_OPTION] : find_letter(table, optopt);
    if (result == ':' && o) {
        lw_fail(0, usage->command, "--%s wants a value: --%s %s", o->name, o->name, o->arg ? o->arg : "X");
        return;
    }
    if (o || optopt == HELP_OPTION) {
        lw_fail(0, usage->command, "--%s takes no value, got '%s'", o ? o->name : "help", word);
        return;
    }
    if (strncmp(word, "--", 2) != 0) {
        lw_fail(0, usage->command, "unknown option '-%c' (bench %s --help lists the options)", optopt,
                usage->command);
        return;
    }
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    const char *names[MAX_OPTIONS + 2] = {NULL};
    int count = 0, begins = 0;
    for (const struct option *l = p->longs; l->name; l++) {
        names[count++] = l->name;
        begins += strncmp(l->name, name, strlen(name)) == 0;
    }
    const char *nearest = lw_nearest(name, names, count);
    if (begins > 1)
        lw_fail(0, usage->command, "option '--%s' is the beginning of several (bench %s --help lists them)",
                name, usage->command);
    else if (nearest)
        lw_fail(0, usage->command, "unknown option '--%s'; did you mean '--%s'?", name, nearest);
    else
        lw_fail(0, usage->command, "unknown option '--%s' (bench %s --help lists the options)", name,
                usage->command);
}

bool lw_options_parse(const lw_usage *usage, const lw_option *table, int argc, char **argv, int *exit_code)
{
    parser p;
    parser_init(&p, table);
    optind = 0; /* GNU: start afresh */
    opterr = 0;
    int result;
    while ((result = getopt_long(argc, argv, p.shorts, p.longs, NULL)) != -1) {
        if (result == HELP_OPTION || result == 'h') {
            lw_options_help(usage, table);
            *exit_code = LW_EXIT_OK;
            return false;
        }
        *exit_code = LW_EXIT_USAGE;
        if (result == '?' || result == ':') {
            explain_bad_option(usage, table, &p, result, argv[optind - 1]);
            return false;
        }
        const lw_option *o =
            result >= FIRST_OPTION ? &table[result - FIRST_OPTION] : find_letter(table, result);
        if (!set_value(usage, o, optarg)) return false;
    }
    if (argc - optind > usage->max_operands) {
        *exit_code = lw_fail(LW_EXIT_USAGE, usage->command, "unexpected argument '%s' (usage: bench %s %s)",
                             argv[optind + usage->max_operands], usage->command, usage->synopsis);
        return false;
    }
    *exit_code = LW_EXIT_OK;
    return true;
}
