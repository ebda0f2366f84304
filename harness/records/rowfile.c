/* SPDX-License-Identifier: BSD-3-Clause
 * rowfile.c: whole rows by one write each. */
#define _GNU_SOURCE
#include "harness/records/rowfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lw_rowfile {
    int fd;
    bool failed, regular;
    char *row; /* the row so far */
    size_t length, capacity;
    char *name;
    char error[512];
};

static bool fail(lw_rowfile *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(lw_rowfile *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->error, sizeof f->error, format, args);
    va_end(args);
    f->failed = true;
    return false;
}

static const char *label(const lw_rowfile *f)
{
    return f->fd == STDOUT_FILENO ? "standard output" : f->name;
}

static bool open_file(lw_rowfile *f, int flags)
{
    if (strcmp(f->name, "-") == 0) {
        f->fd = STDOUT_FILENO;
        return true;
    }
    f->fd = open(f->name, flags | O_CREAT | O_CLOEXEC, 0666);
    if (f->fd < 0) return fail(f, "cannot create %s: %s", f->name, strerror(errno));
    struct stat st;
    f->regular = fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode);
    return true;
}

lw_rowfile *lw_rowfile_open(const char *path, bool keep, char *err, size_t err_size)
{
    lw_rowfile *f = calloc(1, sizeof *f);
    if (f) f->name = strdup(path);
    if (!f || !f->name) {
        free(f);
        snprintf(err, err_size, "%s: out of memory", path);
        return NULL;
    }
    f->fd = -1;
    if (open_file(f, keep ? O_RDWR | O_APPEND : O_WRONLY | O_TRUNC)) return f;
    snprintf(err, err_size, "%s", f->error);
    lw_rowfile_close(f);
    return NULL;
}

void lw_rowfile_put(lw_rowfile *f, const char *bytes, size_t count)
{
    if (f->length + count > f->capacity) {
        size_t capacity = 2 * (f->length + count) + 256;
        char *row = realloc(f->row, capacity);
        if (!row) {
            fail(f, "%s: out of memory", label(f));
            return;
        }
        f->row = row;
        f->capacity = capacity;
    }
    memcpy(f->row + f->length, bytes, count);
    f->length += count;
}

void lw_rowfile_puts(lw_rowfile *f, const char *text)
{
    lw_rowfile_put(f, text, strlen(text));
}

const char *lw_rowfile_row(const lw_rowfile *f, size_t *length)
{
    *length = f->length;
    return f->row;
}

void lw_rowfile_drop(lw_rowfile *f)
{
    f->length = 0;
}

bool lw_rowfile_end(lw_rowfile *f)
{
    /* Where a disk fills up within a row, what was written of it is taken back: rows stay whole. */
    off_t start = f->regular ? lseek(f->fd, 0, SEEK_END) : -1;
    for (size_t done = 0; !f->failed && done < f->length;) {
        ssize_t got = write(f->fd, f->row + done, f->length - done);
        if (got >= 0) {
            done += (size_t)got;
        } else if (errno != EINTR) {
            fail(f, "cannot write %s: %s", label(f), strerror(errno));
            if (done > 0 && start >= 0 && ftruncate(f->fd, start) != 0) /* nothing more can be done */
                fail(f, "cannot write %s: %s; its last row is not whole", label(f), strerror(errno));
        }
    }
    f->length = 0;
    return !f->failed;
}

const char *lw_rowfile_error(const lw_rowfile *f)
{
    return f->error;
}

bool lw_rowfile_regular(const lw_rowfile *f)
{
    return f->regular;
}

char *lw_rowfile_read(lw_rowfile *f, size_t *size)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0) st.st_size = 0;
    char *text = malloc((size_t)st.st_size + 1);
    if (!text) {
        fail(f, "%s: out of memory", f->name);
        return NULL;
    }
    size_t got = 0;
    while (got < (size_t)st.st_size) {
        ssize_t n = pread(f->fd, text + got, (size_t)st.st_size - got, (off_t)got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            fail(f, "cannot read %s: %s", f->name, strerror(errno));
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

bool lw_rowfile_cut(lw_rowfile *f, size_t size)
{
    return ftruncate(f->fd, (off_t)size) == 0 || fail(f, "cannot repair %s: %s", f->name, strerror(errno));
}

bool lw_rowfile_close(lw_rowfile *f)
{
    if (!f) return true;
    bool ok = !f->failed;
    /* Network file systems report a full disk only here. */
    if (f->fd >= 0 && f->fd != STDOUT_FILENO && close(f->fd) != 0) ok = false;
    free(f->row);
    free(f->name);
    free(f);
    return ok;
}
