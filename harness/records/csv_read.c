/* SPDX-License-Identifier: BSD-3-Clause
 * csv_read.c: cuts the text of a file apart in place. */
#include "harness/records/csv_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_text(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = NULL;
    size_t used = 0, got = 1;
    while (in && got > 0) {
        char *more = realloc(text, used + 65537);
        if (!more) break;
        text = more;
        got = fread(text + used, 1, 65536, in);
        used += got;
        text[used] = '\0';
    }
    int why = in && ferror(in) ? errno : 0;
    if (in) fclose(in);
    if (why) {
        free(text);
        text = NULL;
        errno = why;
    }
    return text;
}

/* The field at *at, without its quotes; *at moves behind it and what ends it, which is returned. */
static char *next_field(char **at, char *end)
{
    char *first = *at, *to = *at, *from = *at;
    bool quoted = *from == '"';
    if (quoted) from++;
    while (*from && (quoted || !strchr(",\r\n", *from))) {
        if (quoted && *from == '"') {
            if (from[1] != '"') {
                quoted = false;
                from++;
                continue;
            }
            from++;
        }
        *to++ = *from++;
    }
    if (*from == '\r') from++;
    *end = *from;
    *at = *from ? from + 1 : from;
    *to = '\0';
    return first;
}

static bool add(lw_csv_table *t, int *count, char *field)
{
    if (*count % 256 == 0) {
        char **more = realloc(t->field, (size_t)(*count + 256) * sizeof *more);
        if (!more) return false;
        t->field = more;
    }
    t->field[(*count)++] = field;
    return true;
}

static bool cut(lw_csv_table *t, const char *path, char *err, int size)
{
    int count = 0, in_row = 0;
    for (char *at = t->text; *at || in_row;) {
        char end;
        if (!add(t, &count, next_field(&at, &end))) {
            snprintf(err, (size_t)size, "%s: out of memory", path);
            return false;
        }
        in_row++;
        if (end == ',') continue;
        if (!t->columns) t->columns = in_row;
        if (in_row != t->columns) {
            snprintf(err, (size_t)size, "%s: row %d has %d fields, the header %d", path, t->rows, in_row, t->columns);
            return false;
        }
        t->rows++;
        in_row = 0;
    }
    t->rows -= t->rows > 0; /* the header */
    return true;
}

bool lw_csv_load(lw_csv_table *t, const char *path, char *err, int size)
{
    *t = (lw_csv_table){.text = read_text(path)};
    if (!t->text) {
        snprintf(err, (size_t)size, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    if (cut(t, path, err, size)) return true;
    lw_csv_unload(t);
    return false;
}

void lw_csv_unload(lw_csv_table *t)
{
    free(t->field);
    free(t->text);
    *t = (lw_csv_table){0};
}

int lw_csv_column(const lw_csv_table *t, const char *name)
{
    for (int i = 0; i < t->columns; i++)
        if (strcmp(t->field[i], name) == 0) return i;
    return -1;
}

const char *lw_csv_get(const lw_csv_table *t, int row, int column)
{
    return column < 0 ? "" : t->field[(row + 1) * t->columns + column];
}

double lw_csv_number(const lw_csv_table *t, int row, int column)
{
    const char *text = lw_csv_get(t, row, column);
    char *end;
    double value = strtod(text, &end);
    return end == text || *end ? NAN : value;
}
