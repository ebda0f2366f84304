/* SPDX-License-Identifier: BSD-3-Clause
 * scan.c: words and numbers of a problem's text. */
#include "oracle/scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

lw_scan lw_scan_new(const char *text, const char *syntax, char *err, size_t err_size)
{
    return (lw_scan){.text = text, .at = text, .syntax = syntax, .err = err, .err_size = err_size};
}

bool lw_scan_refuse(lw_scan *s, const char *format, ...)
{
    if (s->failed) return false;
    s->failed = true;
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(s->err, s->err_size, "problem '%s', column %zu: %s; syntax: %s", s->text, (size_t)(s->at - s->text) + 1,
             what, s->syntax);
    return false;
}

bool lw_scan_word(lw_scan *s, const char *word)
{
    const size_t length = strlen(word);
    if (s->failed || strncmp(s->at, word, length) != 0) return false;
    s->at += length;
    return true;
}

bool lw_scan_expect(lw_scan *s, const char *word)
{
    return lw_scan_word(s, word) || lw_scan_refuse(s, "'%s' is wanted here", word);
}

bool lw_scan_whole(lw_scan *s, const char *what, long lo, long hi, long *value)
{
    if (s->failed) return false;
    if (!isdigit((unsigned char)*s->at)) return lw_scan_refuse(s, "%s wants a whole number", what);
    char *end;
    errno = 0;
    const long v = strtol(s->at, &end, 10);
    if (errno || v < lo || v > hi) return lw_scan_refuse(s, "%s wants a whole number from %ld to %ld", what, lo, hi);
    s->at = end;
    *value = v;
    return true;
}

bool lw_scan_real(lw_scan *s, const char *what, double lo, double hi, double *value)
{
    if (s->failed) return false;
    char *end;
    const double v = strtod(s->at, &end);
    if (end == s->at || isspace((unsigned char)*s->at) || !(v >= lo && v <= hi))
        return lw_scan_refuse(s, "%s wants a number from %g to %g", what, lo, hi);
    s->at = end;
    *value = v;
    return true;
}

bool lw_scan_end(lw_scan *s)
{
    return !s->failed && (*s->at == '\0' || lw_scan_refuse(s, "'%s' is not understood", s->at));
}
