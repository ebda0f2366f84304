/* SPDX-License-Identifier: BSD-3-Clause
 * choice.c: files and names to chosen rows. */
#define _GNU_SOURCE
#include "harness/choice.h"

#include "harness/options.h"
#include "harness/records/csv_reader.h"
#include "harness/select.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(char *err, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool refuse(char *err, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err, size, format, args);
    va_end(args);
    return false;
}

static bool add(lw_choices *c, const lw_chosen *chosen)
{
    if (c->count == c->capacity) {
        const int capacity = 2 * c->capacity + 16;
        lw_chosen *more = realloc(c->chosen, (size_t)capacity * sizeof *more);
        if (!more) return false;
        c->chosen = more;
        c->capacity = capacity;
    }
    c->chosen[c->count++] = *chosen;
    return true;
}

void lw_choices_free(lw_choices *c)
{
    free(c->chosen);
    *c = (lw_choices){0};
}

static const lw_kernel *row_named(lw_isa isa, const char *name)
{
    const lw_table *table = lw_table_of(isa);
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].name, name) == 0) return &table->rows[i];
    return NULL;
}

/* ---------------------------------------------------------------- rows by name */

static bool refuse_name(lw_isa isa, const char *name, char *err, size_t err_size)
{
    const lw_table *table = lw_table_of(isa);
    const char **names = calloc(table->count, sizeof *names);
    for (size_t i = 0; names && i < table->count; i++)
        names[i] = table->rows[i].name;
    const char *nearest = names ? lw_nearest(name, names, (int)table->count) : NULL;
    free(names);
    return refuse(err, err_size, "variant '%s' is none of %s's%s%s%s (bench list shows them)", name,
                  lw_isa_name(isa), nearest ? "; did you mean '" : "", nearest ? nearest : "",
                  nearest ? "'?" : "");
}

static bool force(lw_choices *c, lw_isa isa, const char *name, char *err, size_t err_size)
{
    const lw_cpu cpu = lw_cpu_detect();
    const lw_chosen chosen = {.row = row_named(isa, name), .forced = true};
    if (!chosen.row) return refuse_name(isa, name, err, err_size);
    if (!lw_op_goes_by_size(chosen.row->op))
        return refuse(err, err_size, "variant '%s': %s has one kernel for all sizes", name,
                      lw_op_name(chosen.row->op));
    if (!lw_kernel_usable(chosen.row, &cpu))
        return refuse(err, err_size, "variant '%s' cannot run on this CPU", name);
    c->forced++;
    return add(c, &chosen) || refuse(err, err_size, "out of memory");
}

static bool force_all(lw_choices *c, lw_isa isa, const char *names, char *err, size_t err_size)
{
    for (const char *at = names; at;) {
        char name[64];
        at = lw_list_next(at, name, sizeof name);
        if (!force(c, isa, name, err, err_size)) return false;
    }
    return true;
}

/* ---------------------------------------------------------------- rows of a file */

enum column { SET, OP, PROBLEM, VARIANT, COLUMNS };
static const char *const names[COLUMNS] = {
    [SET] = "set", [OP] = "op", [PROBLEM] = "problem", [VARIANT] = "variant"};

typedef struct reader {
    lw_csv_table *table;
    int schema, column[COLUMNS];
    lw_cpu cpu;
    int *line; /* of each chosen row */
    char *err;
    size_t err_size;
} reader;

static bool refuse_line(const reader *f, int row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool refuse_line(const reader *f, int row, const char *format, ...)
{
    char what[768];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return refuse(f->err, f->err_size, "%s, line %d: %s", lw_csv_path(f->table), lw_csv_line(f->table, row),
                  what);
}

static const char *cell(const reader *f, int row, enum column column)
{
    return lw_csv_cell(f->table, row, f->column[column]);
}

static bool find_columns(reader *f)
{
    f->schema = lw_csv_column(f->table, "schema");
    for (int i = 0; i < COLUMNS; i++) {
        f->column[i] = lw_csv_column(f->table, names[i]);
        if (f->schema < 0 || f->column[i] < 0)
            return refuse(f->err, f->err_size, "%s: no file of `bench tune` (no column '%s')",
                          lw_csv_path(f->table), f->schema < 0 ? "schema" : names[i]);
    }
    return true;
}

static bool read_call(const reader *f, int row, lw_call *call)
{
    char why[512];
    lw_problem problem;
    const lw_op op = lw_op_named(cell(f, row, OP));
    if (op == LW_OP_COUNT)
        return refuse_line(f, row, "unknown op '%s' (bench list shows all)", cell(f, row, OP));
    if (!lw_op_goes_by_size(op))
        return refuse_line(f, row, "%s has one kernel for all sizes", cell(f, row, OP));
    if (!lw_problem_parse(op, cell(f, row, PROBLEM), &problem, why, sizeof why))
        return refuse_line(f, row, "%s", why);
    *call = (lw_call){op, problem.args};
    return true;
}

static bool check_row(const reader *f, int row, lw_isa isa, const lw_chosen *chosen)
{
    if (!chosen->row || chosen->row->op != chosen->call.op)
        return refuse_line(f, row, "%s has no variant '%s' of %s (bench list shows them)", lw_isa_name(isa),
                           cell(f, row, VARIANT), cell(f, row, OP));
    if (!lw_row_serves(chosen->row, &chosen->call.args))
        return refuse_line(f, row, "%s does not serve %s", chosen->row->name, cell(f, row, PROBLEM));
    if (lw_isa_usable(isa, &f->cpu) && !lw_kernel_usable(chosen->row, &f->cpu))
        return refuse_line(f, row, "%s cannot run on this CPU", chosen->row->name);
    return true;
}

static bool check_twice(const reader *f, int row, const lw_choices *c, const lw_chosen *chosen)
{
    for (int i = 0; i < c->count; i++)
        if (c->chosen[i].row->isa == chosen->row->isa && lw_call_same(&c->chosen[i].call, &chosen->call))
            return refuse_line(f, row, "line %d has that problem already", f->line[i]);
    return true;
}

/* Rows of sets that are not built in cannot be looked up, and are not called. */
static bool read_row(const reader *f, int row, lw_choices *c)
{
    lw_chosen chosen = {0};
    const lw_isa isa = lw_isa_named(cell(f, row, SET));
    if (strtol(lw_csv_cell(f->table, row, f->schema), NULL, 10) != LW_CHOICE_SCHEMA)
        return refuse_line(f, row, "schema '%s', this version reads %d",
                           lw_csv_cell(f->table, row, f->schema), LW_CHOICE_SCHEMA);
    if (isa == LW_ISA_COUNT) return refuse_line(f, row, "unknown kernel set '%s'", cell(f, row, SET));
    if (!read_call(f, row, &chosen.call)) return false;
    if (lw_table_of(isa)->count == 0) return true;
    chosen.row = row_named(isa, cell(f, row, VARIANT));
    if (!check_row(f, row, isa, &chosen) || !check_twice(f, row, c, &chosen)) return false;
    f->line[c->count] = lw_csv_line(f->table, row);
    return add(c, &chosen) || refuse(f->err, f->err_size, "out of memory");
}

/* Times and machine may differ between two files that choose the same. */
static bool hash(const reader *f, lw_choices *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (int row = 0; out && row < lw_csv_row_count(f->table); row++)
        for (int i = 0; i < COLUMNS; i++)
            fprintf(out, "%s\n", cell(f, row, (enum column)i));
    const bool ok = out && fclose(out) == 0 && lw_sha256_hex(text, size, c->sha256);
    free(text);
    return ok || refuse(f->err, f->err_size, "out of memory");
}

static bool read_table(reader *f, lw_choices *c)
{
    const int rows = lw_csv_row_count(f->table);
    f->line = calloc((size_t)rows + 1, sizeof *f->line);
    bool ok = f->line ? find_columns(f) : refuse(f->err, f->err_size, "out of memory");
    for (int row = 0; row < rows && ok; row++)
        ok = read_row(f, row, c);
    ok = ok && hash(f, c);
    free(f->line);
    return ok;
}

bool lw_choices_read(lw_choices *c, const char *path, char *err, size_t err_size)
{
    reader f = {.cpu = lw_cpu_detect(), .err = err, .err_size = err_size};
    *c = (lw_choices){0};
    f.table = lw_csv_read(path, err, err_size);
    if (!f.table) return false;
    const bool ok = read_table(&f, c);
    lw_csv_table_free(f.table);
    if (!ok) lw_choices_free(c);
    return ok;
}

/* ---------------------------------------------------------------- both */

const char *lw_choice_path(const char *file)
{
    const char *environment = getenv("LANEWISE_CHOICE");
    return file ? file : environment && *environment ? environment : NULL;
}

/* Behind those of `c`, which come first. */
static bool append(lw_choices *c, lw_choices *of_file)
{
    bool ok = true;
    for (int i = 0; i < of_file->count && ok; i++)
        ok = add(c, &of_file->chosen[i]);
    memcpy(c->sha256, of_file->sha256, sizeof c->sha256);
    lw_choices_free(of_file);
    return ok;
}

bool lw_choices_open(lw_choices *c, lw_dispatch *d, const char *file, const char *variants, char *err,
                     size_t err_size)
{
    const char *path = lw_choice_path(file);
    lw_choices of_file;
    *c = (lw_choices){0};
    bool ok = force_all(c, d->isa, variants, err, err_size) &&
              (!path || lw_choices_read(&of_file, path, err, err_size));
    if (ok && path && !append(c, &of_file)) ok = refuse(err, err_size, "out of memory");
    if (!ok) lw_choices_free(c);
    d->choice = (lw_choice){c->count, c->chosen};
    return ok;
}

bool lw_choices_used(const lw_choices *c, const lw_net *net, lw_error *err)
{
    for (int i = 0; i < c->forced; i++)
        if (!lw_net_calls(net, c->chosen[i].row))
            return lw_refuse(err, LW_ERROR_SETTING, "variant '%s' serves no layer of this network",
                             c->chosen[i].row->name);
    return true;
}
