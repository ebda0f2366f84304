/* SPDX-License-Identifier: BSD-3-Clause
 *
 * csv_reader.c: one pass over the file, in place: a field is at most as long as its spelling, so its text is
 * written over where it was read. */
#define _GNU_SOURCE
#include "harness/records/csv_reader.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lw_csv_table {
    char *path, *text;
    size_t size;
    int columns, cells, capacity; /* cells: of the header, too */
    char **cell;
    int *line; /* of each cell */
};

typedef struct reader {
    lw_csv_table *t;
    char *at, *end;
    int line;
    char *err;
    size_t err_size;
} reader;

static bool refuse(reader *r, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool refuse(reader *r, int line, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (line > 0)
        snprintf(r->err, r->err_size, "%s, line %d: %s", r->t->path, line, what);
    else
        snprintf(r->err, r->err_size, "%s: %s", r->t->path, what);
    return false;
}

/* ---------------------------------------------------------------- the file */

static bool read_file(reader *r)
{
    lw_csv_table *t = r->t;
    FILE *in = fopen(t->path, "rb");
    if (!in) return refuse(r, 0, "cannot be opened: %s", strerror(errno));
    size_t capacity = 0, got;
    do {
        capacity = 2 * capacity + 65536;
        char *text = realloc(t->text, capacity + 1);
        if (!text) {
            fclose(in);
            return refuse(r, 0, "out of memory");
        }
        t->text = text;
        got = fread(text + t->size, 1, capacity - t->size, in);
        t->size += got;
    } while (t->size == capacity);
    const int error = ferror(in) ? errno : 0;
    fclose(in);
    if (error) return refuse(r, 0, "cannot be read: %s", strerror(error));
    if (t->size == 0) return refuse(r, 0, "the file is empty");
    if (memchr(t->text, '\0', t->size)) return refuse(r, 0, "not a text file: it holds a zero byte");
    t->text[t->size] = '\0';
    return true;
}

/* ---------------------------------------------------------------- fields */

static bool add_cell(reader *r, char *text, int line)
{
    lw_csv_table *t = r->t;
    if (t->cells == t->capacity) {
        const int capacity = 2 * t->capacity + 256;
        char **cell = realloc(t->cell, (size_t)capacity * sizeof *cell);
        if (cell) t->cell = cell;
        int *lines = realloc(t->line, (size_t)capacity * sizeof *lines);
        if (lines) t->line = lines;
        if (!cell || !lines) return refuse(r, 0, "out of memory");
        t->capacity = capacity;
    }
    t->cell[t->cells] = text;
    t->line[t->cells++] = line;
    return true;
}

/* Ends at the byte after the closing quote. */
static bool quoted_field(reader *r, char **end)
{
    const int begun = r->line;
    char *out = r->at;
    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at == '"' && r->at[1] == '"') {
            r->at++;
        } else if (*r->at == '"') {
            *end = out;
            r->at++;
            return true;
        }
        r->line += *r->at == '\n';
        *out++ = *r->at;
    }
    return refuse(r, begun, "a quoted field begins here and never ends");
}

static bool plain_field(reader *r, char **end)
{
    r->at += strcspn(r->at, ",\"\r\n");
    while (*r->at == '\r' && r->at[1] != '\n')
        r->at += 1 + strcspn(r->at + 1, ",\"\r\n");
    *end = r->at;
    return *r->at != '"' || refuse(r, r->line, "a quote within a field that does not begin with one");
}

/* One field and what ends it; *last: the row ends with it. */
static bool take_field(reader *r, bool *last)
{
    char *begin = r->at, *end = begin;
    const int line = r->line;
    if (!(*begin == '"' ? quoted_field(r, &end) : plain_field(r, &end))) return false;
    const char *after = r->at;
    *last = *after != ',';
    if (*after == '\r' && after[1] == '\n') after++;
    if (*last && *after != '\n' && *after != '\0')
        return refuse(r, r->line, "'%.1s' after a closing quote: a comma or the end of the line is wanted",
                      after);
    r->line += *after == '\n';
    r->at = (char *)after + (*after != '\0');
    *end = '\0'; /* only now: it may stand where `after` looked */
    return add_cell(r, begin, line);
}

static bool take_row(reader *r)
{
    lw_csv_table *t = r->t;
    const int first = t->cells, line = r->line;
    for (bool last = false; !last;)
        if (!take_field(r, &last)) return false;
    const int count = t->cells - first;
    if (t->columns == 0) t->columns = count;
    return count == t->columns || refuse(r, line, "%d field%s instead of the %d of the header", count,
                                         count == 1 ? "" : "s", t->columns);
}

static bool check_header(reader *r)
{
    const lw_csv_table *t = r->t;
    for (int i = 0; i < t->columns; i++) {
        if (!*t->cell[i]) return refuse(r, 1, "column %d of the header has no name", i + 1);
        for (int j = 0; j < i; j++)
            if (strcmp(t->cell[i], t->cell[j]) == 0)
                return refuse(r, 1, "the column '%s' is there twice", t->cell[i]);
    }
    return true;
}

static bool parse(reader *r)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* what spreadsheets put before UTF-8 */
    if (!read_file(r)) return false;
    r->at = r->t->text;
    r->end = r->t->text + r->t->size;
    if (strncmp(r->at, mark, 3) == 0) r->at += 3;
    if (!take_row(r) || !check_header(r)) return false;
    while (r->at < r->end)
        if (!take_row(r)) return false;
    return true;
}

/* ---------------------------------------------------------------- the table */

lw_csv_table *lw_csv_read(const char *path, char *err, size_t err_size)
{
    lw_csv_table *t = calloc(1, sizeof *t);
    if (t) t->path = strdup(path);
    reader r = {.t = t, .line = 1, .err = err, .err_size = err_size};
    if (!t || !t->path) {
        snprintf(err, err_size, "%s: out of memory", path);
    } else if (parse(&r)) {
        return t;
    }
    lw_csv_table_free(t);
    return NULL;
}

void lw_csv_table_free(lw_csv_table *t)
{
    if (!t) return;
    free(t->path);
    free(t->text);
    free(t->cell);
    free(t->line);
    free(t);
}

const char *lw_csv_path(const lw_csv_table *t)
{
    return t->path;
}

int lw_csv_row_count(const lw_csv_table *t)
{
    return t->cells / t->columns - 1;
}

int lw_csv_line(const lw_csv_table *t, int row)
{
    return t->line[(row + 1) * t->columns];
}

int lw_csv_column(const lw_csv_table *t, const char *name)
{
    for (int i = 0; i < t->columns; i++)
        if (strcmp(t->cell[i], name) == 0) return i;
    return -1;
}

const char *lw_csv_cell(const lw_csv_table *t, int row, int column)
{
    return column < 0 ? "" : t->cell[(row + 1) * t->columns + column];
}

bool lw_csv_number(const lw_csv_table *t, int row, int column, double *value, char *err, size_t err_size)
{
    const char *text = lw_csv_cell(t, row, column);
    char *end;
    *value = NAN;
    if (!*text) return true;
    const double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v)) {
        snprintf(err, err_size, "%s, line %d: %s wants a number, got '%.40s'", t->path, lw_csv_line(t, row),
                 t->cell[column], text);
        return false;
    }
    *value = v;
    return true;
}
