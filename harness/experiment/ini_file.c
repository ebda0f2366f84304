/* SPDX-License-Identifier: BSD-3-Clause
 * ini_file.c: inih hands over keys and values; the reader beneath it counts lines and sees empty sections. */
#define _GNU_SOURCE
#include "harness/experiment/ini_file.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct reader {
    lw_ini_file *f;
    FILE *in;
    int line;
    bool indented, failed;
    char *err;
    int size;
} reader;

/* The first refusal stays. */
static void refuse(reader *r, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void refuse(reader *r, int line, const char *format, ...)
{
    if (r->failed) return;
    r->failed = true;
    int used = snprintf(r->err, (size_t)r->size, "%s:%d: ", r->f->path, line);
    va_list args;
    va_start(args, format);
    if (used < r->size) vsnprintf(r->err + used, (size_t)(r->size - used), format, args);
    va_end(args);
}

static void *grow(void *list, int count, size_t size)
{
    void *bigger = count % 32 ? list : realloc(list, (size_t)(count + 32) * size);
    if (!bigger) abort(); /* a few kilobytes */
    return bigger;
}

static char *copy(const char *text, size_t length)
{
    char *c = strndup(text, length);
    if (!c) abort();
    return c;
}

int lw_ini_find(const lw_ini_file *f, const char *section)
{
    for (int i = 0; i < f->sections; i++)
        if (strcmp(f->section[i].name, section) == 0) return i;
    return -1;
}

static void add_section(reader *r, const char *line)
{
    lw_ini_file *f = r->f;
    const char *end = strchr(line, ']');
    if (!end) return; /* inih refuses it */
    char *name = copy(line + 1, (size_t)(end - line - 1));
    if (!name[0] || strlen(name) > 40 || name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+")])
        refuse(r, r->line, "a section's name is up to 40 letters, digits and -_.+, got '%s'", name);
    else if (lw_ini_find(f, name) >= 0)
        refuse(r, r->line, "section [%s] is there twice, first in line %d", name, f->section[lw_ini_find(f, name)].line);
    f->section = grow(f->section, f->sections, sizeof *f->section);
    f->section[f->sections++] = (lw_ini_section){name, r->line};
}

/* inih's source of lines. */
static char *next_line(char *text, int size, void *stream)
{
    reader *r = stream;
    if (!fgets(text, size, r->in)) return NULL;
    r->line++;
    size_t length = strlen(text);
    if (length + 1 == (size_t)size && text[length - 1] != '\n')
        refuse(r, r->line, "longer than %d characters; let the value go on in an indented line", size - 2);
    const char *first = text + (r->line == 1 && strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
    r->indented = isspace((unsigned char)*first);
    while (isspace((unsigned char)*first)) first++;
    if (*first == '[' && !(r->indented && r->f->entries)) add_section(r, first);
    return text;
}

static const lw_ini_entry *twin(const lw_ini_file *f, const char *key)
{
    for (int i = 0; i < f->entries; i++)
        if (f->entry[i].section == f->sections - 1 && strcmp(f->entry[i].key, key) == 0) return &f->entry[i];
    return NULL;
}

static int on_entry(void *user, const char *section, const char *key, const char *value)
{
    reader *r = user;
    lw_ini_file *f = r->f;
    (void)section;
    const lw_ini_entry *before = twin(f, key);
    if (before && r->indented && before == &f->entry[f->entries - 1]) {
        char *longer;
        if (asprintf(&longer, "%s %s", before->value, value) < 0) abort();
        free(f->entry[f->entries - 1].value);
        f->entry[f->entries - 1].value = longer;
        return 1;
    }
    if (f->sections == 0)
        refuse(r, r->line, "'%s' stands before the first [section]", key);
    else if (before)
        refuse(r, r->line, "'%s' is there twice in [%s], first in line %d", key, f->section[f->sections - 1].name, before->line);
    f->entry = grow(f->entry, f->entries, sizeof *f->entry);
    f->entry[f->entries++] = (lw_ini_entry){copy(key, strlen(key)), copy(value, strlen(value)), f->sections - 1, r->line};
    return 1;
}

bool lw_ini_read(lw_ini_file *f, const char *path, char *err, int size)
{
    *f = (lw_ini_file){.path = path};
    reader r = {.f = f, .in = fopen(path, "r"), .err = err, .size = size};
    struct stat st;
    if (!r.in || (fstat(fileno(r.in), &st) == 0 && S_ISDIR(st.st_mode))) {
        snprintf(err, (size_t)size, "cannot read %s: %s", path, r.in ? "it is a folder" : strerror(errno));
        if (r.in) fclose(r.in);
        return false;
    }
    int wrong = ini_parse_stream(next_line, &r, on_entry, &r);
    fclose(r.in);
    if (wrong > 0) refuse(&r, wrong, "neither [section] nor key = value");
    if (wrong < 0) refuse(&r, r.line, "out of memory");
    if (r.failed) lw_ini_free(f);
    return !r.failed;
}

void lw_ini_free(lw_ini_file *f)
{
    for (int i = 0; i < f->sections; i++)
        free(f->section[i].name);
    for (int i = 0; i < f->entries; i++) {
        free(f->entry[i].key);
        free(f->entry[i].value);
    }
    free(f->section);
    free(f->entry);
    *f = (lw_ini_file){0};
}
