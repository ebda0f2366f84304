/* SPDX-License-Identifier: BSD-3-Clause
 * worklist.c: defaults, options and files to problems. */
#define _GNU_SOURCE
#include "harness/worklist.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/sweep.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct builder {
    lw_worklist *list;
    const char *name;
    lw_op op;
    bool memory; /* there was some */
    char *err;
    size_t err_size;
} builder;

static bool add(void *context, const char *text)
{
    builder *b = context;
    lw_worklist *w = b->list;
    if (w->count == w->capacity) {
        const int capacity = 2 * w->capacity + 64;
        lw_work *item = realloc(w->item, (size_t)capacity * sizeof *item);
        if (!item) {
            b->memory = false;
            snprintf(b->err, b->err_size, "out of memory");
            return false;
        }
        w->item = item;
        w->capacity = capacity;
    }
    lw_work *work = &w->item[w->count];
    snprintf(work->name, sizeof work->name, "%s", b->name);
    if (!lw_problem_parse(b->op, text, &work->problem, b->err, b->err_size)) return false;
    w->count++;
    return true;
}

static int fail(const builder *b, const char *command, const char *what)
{
    return lw_fail(b->memory ? LW_EXIT_USAGE : LW_EXIT_MEMORY, command, "%s", what);
}

static int from_options(lw_worklist *w, const lw_selection *s, bool quick)
{
    char err[512];
    for (int op = 0; op < LW_OP_COUNT; op++) {
        builder b = {w, "", (lw_op)op, true, err, sizeof err};
        if (!s->op[op]) continue;
        if (s->problem && !lw_sweep_each(s->problem, add, &b, err, sizeof err))
            return fail(&b, s->command, err);
        for (const char *const *p = lw_problem_defaults((lw_op)op, quick); !s->problem && *p; p++)
            if (!add(&b, *p)) return fail(&b, s->command, err);
    }
    return LW_EXIT_OK;
}

/* ---------------------------------------------------------------- files */

typedef struct file {
    const char *path;
    int line;
    const lw_selection *selection;
    lw_worklist *list;
    char seen[512][64]; /* names */
    int lines_of[512], names;
    char err[640];
} file;

static int refuse(const file *f, const char *what)
{
    return lw_fail(LW_EXIT_USAGE, f->selection->command, "%s, line %d: %s", f->path, f->line, what);
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

static int take_name(file *f, const char *name)
{
    if (!*name || strlen(name) >= sizeof f->seen[0] || strpbrk(name, " \t")) {
        snprintf(f->err, sizeof f->err, "a name is one word of at most %zu characters, got '%.80s'",
                 sizeof f->seen[0] - 1, name);
        return refuse(f, f->err);
    }
    for (int i = 0; i < f->names; i++)
        if (strcmp(f->seen[i], name) == 0) {
            snprintf(f->err, sizeof f->err, "the name '%s' is that of line %d", name, f->lines_of[i]);
            return refuse(f, f->err);
        }
    if (f->names == (int)(sizeof f->seen / sizeof *f->seen)) return refuse(f, "more names than 512");
    strcpy(f->seen[f->names], name);
    f->lines_of[f->names++] = f->line;
    return LW_EXIT_OK;
}

/* Every line is read, also of ops that were not selected: a mistake is one. */
static int take_ops(file *f, const char *name, char *ops, const char *problem)
{
    char *rest;
    for (char *word = strtok_r(ops, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        const lw_op op = lw_op_named(word);
        const int before = f->list->count;
        char err[512];
        builder b = {f->list, name, op, true, err, sizeof err};
        if (op == LW_OP_COUNT) {
            snprintf(f->err, sizeof f->err, "unknown op '%s' (bench list shows all)", word);
            return refuse(f, f->err);
        }
        if (!lw_sweep_each(problem, add, &b, err, sizeof err))
            return b.memory ? refuse(f, err) : fail(&b, f->selection->command, err);
        if (!f->selection->op[op]) f->list->count = before;
    }
    return LW_EXIT_OK;
}

static int take_line(file *f, char *line)
{
    line[strcspn(line, "#")] = '\0';
    line = trim(line);
    if (!*line) return LW_EXIT_OK;
    char *colon = line + strcspn(line, ": \t");
    if (*colon != ':') return refuse(f, "`name: op problem` is wanted");
    *colon = '\0';
    int code = take_name(f, line);
    if (code != LW_EXIT_OK) return code;
    char *ops = trim(colon + 1), *problem = ops + strcspn(ops, " \t");
    if (!*problem) return refuse(f, "`name: op problem` is wanted");
    *problem = '\0';
    return take_ops(f, line, ops, trim(problem + 1));
}

static int from_file(lw_worklist *w, const lw_selection *s, const char *path)
{
    FILE *in = fopen(path, "r");
    if (!in) return lw_fail(LW_EXIT_USAGE, s->command, "cannot open %s: %s", path, strerror(errno));
    file *f = calloc(1, sizeof *f);
    char *line = NULL;
    size_t size = 0;
    int code = f ? LW_EXIT_OK : lw_fail(LW_EXIT_MEMORY, s->command, "out of memory");
    if (f) *f = (file){.path = path, .selection = s, .list = w};
    while (code == LW_EXIT_OK && getline(&line, &size, in) >= 0) {
        f->line++;
        code = take_line(f, line);
    }
    if (code == LW_EXIT_OK && ferror(in))
        code = lw_fail(LW_EXIT_USAGE, s->command, "cannot read %s: %s", path, strerror(errno));
    if (code == LW_EXIT_OK && w->count == 0)
        code = lw_fail(LW_EXIT_USAGE, s->command, "%s: no problem of these ops is in it", path);
    free(line);
    free(f);
    fclose(in);
    return code;
}

int lw_worklist_make(lw_worklist *w, const lw_selection *s, const char *batch, bool quick)
{
    *w = (lw_worklist){0};
    if (!batch) return from_options(w, s, quick);
    if (s->problem) return lw_fail(LW_EXIT_USAGE, s->command, "--batch and --problem: one of the two");
    return from_file(w, s, batch);
}

void lw_worklist_free(lw_worklist *w)
{
    free(w->item);
    *w = (lw_worklist){0};
}
