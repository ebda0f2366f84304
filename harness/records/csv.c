/* SPDX-License-Identifier: BSD-3-Clause
 *
 * csv.c: RFC 4180 rows with plain '\n' ends. A row is built in memory and handed to the operating
 * system by one write, so a killed process leaves whole rows behind, save the one that it was writing. */
#define _GNU_SOURCE
#include "harness/records/csv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lw_csv {
    int fd;
    int columns, filled; /* values of the row so far */
    bool failed, regular;
    char *row; /* the row so far */
    size_t length, capacity;
    char *name;
    char error[512];
};

static const char *csv_label(const lw_csv *csv)
{
    return csv->fd == STDOUT_FILENO ? "standard output" : csv->name;
}

static void put(lw_csv *csv, const char *bytes, size_t count)
{
    if (csv->length + count > csv->capacity) {
        size_t capacity = 2 * (csv->length + count) + 256;
        char *row = realloc(csv->row, capacity);
        if (!row) {
            csv->failed = true;
            snprintf(csv->error, sizeof csv->error, "%s: out of memory", csv_label(csv));
            return;
        }
        csv->row = row;
        csv->capacity = capacity;
    }
    memcpy(csv->row + csv->length, bytes, count);
    csv->length += count;
}

/* A field, quoted where RFC 4180 asks for it. */
static void put_field(lw_csv *csv, const char *value)
{
    if (csv->filled++) put(csv, ",", 1);
    if (!value[strcspn(value, ",\"\r\n")]) {
        put(csv, value, strlen(value));
        return;
    }
    put(csv, "\"", 1);
    for (const char *c = value; *c; c++) {
        if (*c == '"') put(csv, "\"", 1);
        put(csv, c, 1);
    }
    put(csv, "\"", 1);
}

static bool write_row(lw_csv *csv)
{
    put(csv, "\n", 1);
    /* Where a disk fills up within a row, what was written of it is taken back: rows stay whole. */
    off_t start = csv->regular ? lseek(csv->fd, 0, SEEK_END) : -1;
    for (size_t done = 0; !csv->failed && done < csv->length;) {
        ssize_t got = write(csv->fd, csv->row + done, csv->length - done);
        if (got >= 0) {
            done += (size_t)got;
        } else if (errno != EINTR) {
            csv->failed = true;
            snprintf(csv->error, sizeof csv->error, "cannot write %s: %s", csv_label(csv), strerror(errno));
            if (done > 0 && start >= 0 && ftruncate(csv->fd, start) != 0) /* nothing more can be done */
                snprintf(csv->error, sizeof csv->error, "cannot write %s: %s; its last row is not whole",
                         csv_label(csv), strerror(errno));
        }
    }
    csv->length = 0;
    csv->filled = 0;
    return !csv->failed;
}

static lw_csv *csv_new(const char *path, int count, char *err, int err_size)
{
    lw_csv *csv = calloc(1, sizeof *csv);
    if (csv) csv->name = strdup(path);
    if (!csv || !csv->name) {
        free(csv);
        snprintf(err, (size_t)err_size, "%s: out of memory", path);
        return NULL;
    }
    csv->fd = -1;
    csv->columns = count;
    return csv;
}

static bool open_file(lw_csv *csv, int flags)
{
    if (strcmp(csv->name, "-") == 0) {
        csv->fd = STDOUT_FILENO;
        return true;
    }
    csv->fd = open(csv->name, flags | O_CREAT | O_CLOEXEC, 0666);
    if (csv->fd < 0) {
        snprintf(csv->error, sizeof csv->error, "cannot create %s: %s", csv->name, strerror(errno));
        return false;
    }
    struct stat st;
    csv->regular = fstat(csv->fd, &st) == 0 && S_ISREG(st.st_mode);
    return true;
}

static lw_csv *give_up(lw_csv *csv, char *err, int err_size)
{
    snprintf(err, (size_t)err_size, "%s", csv->error);
    lw_csv_close(csv);
    return NULL;
}

static void put_header(lw_csv *csv, const char *const *columns)
{
    for (int i = 0; i < csv->columns; i++)
        put_field(csv, columns[i]);
}

lw_csv *lw_csv_create(const char *path, const char *const *columns, int count, char *err, int err_size)
{
    lw_csv *csv = csv_new(path, count, err, err_size);
    if (!csv) return NULL;
    if (!open_file(csv, O_WRONLY | O_TRUNC)) return give_up(csv, err, err_size);
    put_header(csv, columns);
    return write_row(csv) ? csv : give_up(csv, err, err_size);
}

/* The whole file, to look for its header and its last complete row. NULL: csv->error says why. */
static char *read_all(lw_csv *csv, size_t *size)
{
    struct stat st;
    if (fstat(csv->fd, &st) != 0) st.st_size = 0;
    char *text = malloc((size_t)st.st_size + 1);
    if (!text) {
        snprintf(csv->error, sizeof csv->error, "%s: out of memory", csv->name);
        return NULL;
    }
    size_t got = 0;
    while (got < (size_t)st.st_size) {
        ssize_t n = pread(csv->fd, text + got, (size_t)st.st_size - got, (off_t)got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            snprintf(csv->error, sizeof csv->error, "cannot read %s: %s", csv->name, strerror(errno));
            free(text);
            return NULL;
        }
        if (n == 0) break;
        got += (size_t)n;
    }
    text[got] = '\0';
    *size = got;
    return text;
}

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

lw_csv *lw_csv_append(const char *path, const char *const *columns, int count, char *err, int err_size)
{
    lw_csv *csv = csv_new(path, count, err, err_size);
    if (!csv) return NULL;
    if (!open_file(csv, O_RDWR | O_APPEND)) return give_up(csv, err, err_size);
    put_header(csv, columns);
    if (!csv->regular) return write_row(csv) ? csv : give_up(csv, err, err_size);

    size_t size = 0;
    char *text = read_all(csv, &size);
    if (!text) return give_up(csv, err, err_size);
    size_t whole = whole_rows(text, size);
    /* A file that holds only a beginning of this header is one whose writer was killed at once. */
    bool torn_header = whole == 0 && size <= csv->length && memcmp(text, csv->row, size) == 0;
    bool same = whole > csv->length && text[csv->length] == '\n' && memcmp(text, csv->row, csv->length) == 0;
    /* A header with CRLF is the same header, from a spreadsheet. */
    same = same || (whole > csv->length + 1 && memcmp(text, csv->row, csv->length) == 0 &&
                    text[csv->length] == '\r' && text[csv->length + 1] == '\n');
    free(text);
    if (!torn_header && !same) {
        snprintf(csv->error, sizeof csv->error,
                 "%s: its header is not the one of this version; move the file away or name another", path);
        return give_up(csv, err, err_size);
    }
    if (whole < size) {
        fprintf(stderr, "bench: %s ended within a row (its writer was stopped); %zu bytes cut off\n", path,
                size - whole);
        if (ftruncate(csv->fd, (off_t)whole) != 0) {
            snprintf(csv->error, sizeof csv->error, "cannot repair %s: %s", path, strerror(errno));
            return give_up(csv, err, err_size);
        }
    }
    if (same) {
        csv->length = 0;
        csv->filled = 0;
        return csv;
    }
    return write_row(csv) ? csv : give_up(csv, err, err_size);
}

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

bool lw_csv_end_row(lw_csv *csv)
{
    assert(csv->filled == csv->columns);
    return write_row(csv);
}

const char *lw_csv_error(const lw_csv *csv)
{
    return csv->error;
}

bool lw_csv_close(lw_csv *csv)
{
    if (!csv) return true;
    bool ok = !csv->failed;
    /* Network file systems report a full disk only here. */
    if (csv->fd >= 0 && csv->fd != STDOUT_FILENO && close(csv->fd) != 0) ok = false;
    free(csv->row);
    free(csv->name);
    free(csv);
    return ok;
}
