/* SPDX-License-Identifier: BSD-3-Clause
 *
 * csv.c: RFC 4180 rows with plain '\n' ends. */
#define _GNU_SOURCE
#include "harness/records/csv.h"

#include "harness/records/rowfile.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lw_csv {
    lw_rowfile *file;
    int columns, filled; /* values of the row so far */
    char *name;
    char error[512]; /* that of the file goes before */
};

/* A field, quoted where RFC 4180 asks for it. */
static void put_field(lw_csv *csv, const char *value)
{
    lw_rowfile *f = csv->file;
    if (csv->filled++) lw_rowfile_put(f, ",", 1);
    if (!value[strcspn(value, ",\"\r\n")]) {
        lw_rowfile_puts(f, value);
        return;
    }
    lw_rowfile_put(f, "\"", 1);
    for (const char *c = value; *c; c++) {
        if (*c == '"') lw_rowfile_put(f, "\"", 1);
        lw_rowfile_put(f, c, 1);
    }
    lw_rowfile_put(f, "\"", 1);
}

static bool write_row(lw_csv *csv)
{
    csv->filled = 0;
    lw_rowfile_put(csv->file, "\n", 1);
    return lw_rowfile_end(csv->file);
}

static lw_csv *csv_new(const char *path, bool keep, const char *const *columns, int count, char *err,
                       int err_size)
{
    lw_csv *csv = calloc(1, sizeof *csv);
    if (csv) csv->name = strdup(path);
    if (!csv || !csv->name)
        snprintf(err, (size_t)err_size, "%s: out of memory", path);
    else
        csv->file = lw_rowfile_open(path, keep, err, (size_t)err_size);
    if (!csv || !csv->file) {
        lw_csv_close(csv);
        return NULL;
    }
    csv->columns = count;
    for (int i = 0; i < count; i++)
        put_field(csv, columns[i]); /* the header is the first row */
    return csv;
}

static lw_csv *give_up(lw_csv *csv, char *err, int err_size)
{
    snprintf(err, (size_t)err_size, "%s", lw_csv_error(csv));
    lw_csv_close(csv);
    return NULL;
}

lw_csv *lw_csv_create(const char *path, const char *const *columns, int count, char *err, int err_size)
{
    lw_csv *csv = csv_new(path, false, columns, count, err, err_size);
    return !csv || write_row(csv) ? csv : give_up(csv, err, err_size);
}

/* ---------------------------------------------------------------- appending */

/* Bytes up to the end of the last row that is whole: a line feed within quotes ends no row. */
static size_t whole_rows(const char *text, size_t size)
{
    size_t end = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"') quoted = !quoted;
        if (text[i] == '\n' && !quoted) end = i + 1;
    }
    return end;
}

/* `header` stands at the file's beginning; with CRLF it is the same header, from a spreadsheet. */
static bool begins_with(const char *text, size_t whole, const char *header, size_t length)
{
    if (whole <= length || memcmp(text, header, length) != 0) return false;
    return text[length] == '\n' || (whole > length + 1 && text[length] == '\r' && text[length + 1] == '\n');
}

/* Leaves the file with whole rows below this header, or with nothing. *fresh: the header is to be written. */
static bool repair(lw_csv *csv, bool *fresh)
{
    size_t size = 0, length;
    char *text = lw_rowfile_read(csv->file, &size);
    if (!text) return false;
    const char *header = lw_rowfile_row(csv->file, &length);
    const size_t whole = whole_rows(text, size);
    /* A file that holds only a beginning of this header is one whose writer was killed at once. */
    *fresh = whole == 0 && size <= length && memcmp(text, header, size) == 0;
    const bool same = begins_with(text, whole, header, length);
    free(text);
    if (!*fresh && !same) {
        snprintf(csv->error, sizeof csv->error,
                 "%s: its header is not the one of this version; move the file away or name another",
                 csv->name);
        return false;
    }
    if (whole == size) return true;
    fprintf(stderr, "bench: %s ended within a row (its writer was stopped); %zu bytes cut off\n", csv->name,
            size - whole);
    return lw_rowfile_cut(csv->file, whole);
}

lw_csv *lw_csv_append(const char *path, const char *const *columns, int count, char *err, int err_size)
{
    lw_csv *csv = csv_new(path, true, columns, count, err, err_size);
    bool fresh = true;
    if (!csv) return NULL;
    if (lw_rowfile_regular(csv->file) && !repair(csv, &fresh)) return give_up(csv, err, err_size);
    if (!fresh) {
        lw_rowfile_drop(csv->file);
        csv->filled = 0;
        return csv;
    }
    return write_row(csv) ? csv : give_up(csv, err, err_size);
}

/* ---------------------------------------------------------------- rows */

void lw_csv_text(lw_csv *csv, const char *value)
{
    put_field(csv, value ? value : "");
}

void lw_csv_int(lw_csv *csv, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    put_field(csv, text);
}

void lw_csv_real(lw_csv *csv, double value, int digits)
{
    char text[64] = "";
    if (isfinite(value)) snprintf(text, sizeof text, "%.*g", digits, value);
    put_field(csv, text);
}

void lw_csv_record(lw_csv *csv, const lw_record *r)
{
    for (int i = 0; i < lw_record_count(r); i++)
        put_field(csv, lw_record_value(r, i));
}

bool lw_csv_end_row(lw_csv *csv)
{
    assert(csv->filled == csv->columns);
    return write_row(csv);
}

const char *lw_csv_error(const lw_csv *csv)
{
    return csv->error[0] ? csv->error : lw_rowfile_error(csv->file);
}

bool lw_csv_close(lw_csv *csv)
{
    if (!csv) return true;
    const bool ok = lw_rowfile_close(csv->file);
    free(csv->name);
    free(csv);
    return ok;
}
