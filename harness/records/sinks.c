/* SPDX-License-Identifier: BSD-3-Clause
 * sinks.c: one row to all that want it. */
#define _GNU_SOURCE
#include "harness/records/sinks.h"

#include "harness/exit_codes.h"
#include "harness/records/build_info.h"
#include "harness/records/csv.h"
#include "harness/records/jsonl.h"
#include "harness/records/markdown.h"
#include "harness/records/run_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PER_FORMAT = 2 }; /* the file that an option names, and that of the run's folder */

struct lw_sinks {
    lw_layout layout;
    const char *command;
    const lw_environment *environment;
    FILE *table;
    lw_csv *csv[PER_FORMAT];
    lw_rowfile *jsonl[PER_FORMAT], *markdown[PER_FORMAT];
    const char *why; /* of the file that failed; else `error` has it */
    char error[256];
};

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

bool lw_sinks_want_stdout(const lw_sink_options *o)
{
    return is_stdout(o->csv) || is_stdout(o->jsonl) || is_stdout(o->markdown);
}

/* Opens what `o` names in place `i` of each format. */
static bool open_files(lw_sinks *s, int i, const lw_sink_options *o, char *err, size_t err_size)
{
    const lw_layout *l = &s->layout;
    if (o->csv && !(s->csv[i] = lw_csv_create(o->csv, l->names, l->name_count, err, (int)err_size)))
        return false;
    if (o->jsonl && !(s->jsonl[i] = lw_rowfile_open(o->jsonl, false, err, err_size))) return false;
    return !o->markdown || (s->markdown[i] = lw_rowfile_open(o->markdown, false, err, err_size));
}

static int open_all(lw_sinks *s, const lw_sink_options *o, const lw_environment *e, char *err,
                    size_t err_size)
{
    if (is_stdout(o->csv) + is_stdout(o->jsonl) + is_stdout(o->markdown) > 1) {
        snprintf(err, err_size, "only one of --csv, --jsonl and --markdown can go to standard output");
        return LW_EXIT_USAGE;
    }
    if (!open_files(s, 0, o, err, err_size)) return LW_EXIT_OUTPUT;
    if (!o->out) return LW_EXIT_OK;
    lw_run_folder folder;
    if (!lw_run_folder_make(&folder, o->out, o->command, e, err, err_size)) return LW_EXIT_OUTPUT;
    const lw_sink_options files = {.csv = folder.csv, .jsonl = folder.jsonl, .markdown = folder.markdown};
    if (!open_files(s, 1, &files, err, err_size)) return LW_EXIT_OUTPUT;
    fprintf(stderr, "results in %s\n", folder.path);
    return LW_EXIT_OK;
}

lw_sinks *lw_sinks_open(const lw_sink_options *o, const lw_layout *layout, const lw_environment *e, int *code,
                        char *err, size_t err_size)
{
    lw_sinks *s = calloc(1, sizeof *s);
    *code = LW_EXIT_MEMORY;
    if (!s) {
        snprintf(err, err_size, "out of memory");
        return NULL;
    }
    s->layout = *layout;
    s->command = o->command;
    s->environment = e;
    s->table = lw_sinks_want_stdout(o) ? stderr : stdout;
    *code = open_all(s, o, e, err, err_size);
    if (*code == LW_EXIT_OK) return s;
    lw_sinks_close(s);
    return NULL;
}

FILE *lw_sinks_table(const lw_sinks *s)
{
    return s->table;
}

void lw_sinks_talk(lw_sinks *s)
{
    s->table = stderr;
}

/* `why` outlives the sinks: it is a file's own, or constant. */
static bool fail(lw_sinks *s, const char *why)
{
    s->why = why;
    return false;
}

static bool table_failed(lw_sinks *s)
{
    snprintf(s->error, sizeof s->error, "cannot write the table: %s", strerror(errno));
    return false;
}

/* A table that is published says where it is from. */
static bool markdown_head(const lw_sinks *s, lw_rowfile *f)
{
    const lw_environment *e = s->environment;
    const char *const origin[] = {"`",           s->command,        "`\n",         e->machine->cpu,
                                  ", ",          e->machine->os,    ", ",          e->date,
                                  ", lanewise ", lw_build_version,  ", revision ", lw_build_revision,
                                  ", ",          lw_build_compiler, "\n\n"};
    for (size_t i = 0; i < sizeof origin / sizeof *origin; i++)
        lw_rowfile_puts(f, origin[i]);
    return lw_markdown_head(f, s->layout.columns, s->layout.column_count);
}

bool lw_sinks_head(lw_sinks *s)
{
    const lw_layout *l = &s->layout;
    for (int i = 0; i < PER_FORMAT; i++)
        if (s->markdown[i] && !markdown_head(s, s->markdown[i]))
            return fail(s, lw_rowfile_error(s->markdown[i]));
    lw_report_head(s->table, l->columns, l->column_count);
    return fflush(s->table) == 0 || table_failed(s);
}

bool lw_sinks_row(lw_sinks *s, const lw_record *r, const char *const *cells)
{
    const lw_layout *l = &s->layout;
    if (!lw_record_complete(r)) return fail(s, "out of memory");
    for (int i = 0; i < PER_FORMAT; i++) {
        if (s->csv[i]) {
            lw_csv_record(s->csv[i], r);
            if (!lw_csv_end_row(s->csv[i])) return fail(s, lw_csv_error(s->csv[i]));
        }
        if (s->jsonl[i] && !lw_jsonl_row(s->jsonl[i], l->names, r))
            return fail(s, lw_rowfile_error(s->jsonl[i]));
        if (s->markdown[i] && !lw_markdown_row(s->markdown[i], cells, l->column_count))
            return fail(s, lw_rowfile_error(s->markdown[i]));
    }
    return lw_report_row(s->table, l->columns, l->column_count, cells) || table_failed(s);
}

const char *lw_sinks_error(const lw_sinks *s)
{
    return s->why ? s->why : s->error;
}

bool lw_sinks_close(lw_sinks *s)
{
    bool ok = true;
    for (int i = 0; s && i < PER_FORMAT; i++) {
        ok = lw_csv_close(s->csv[i]) && ok;
        ok = lw_rowfile_close(s->jsonl[i]) && ok;
        ok = lw_rowfile_close(s->markdown[i]) && ok;
    }
    free(s);
    return ok;
}
