/* SPDX-License-Identifier: BSD-3-Clause
 * results.c: columns by name to rows. */
#include "harness/records/results.h"

#include "harness/records/kernels_report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns that a file must have; all are in every file of the schema. */
enum column {
    OP,
    PROBLEM,
    VARIANT,
    SET,
    CACHE,
    VERDICT,
    CPU,
    COMMAND,
    BOUND,
    THREADS,
    MEDIAN,
    LOW,
    HIGH,
    PEAK,
    GHZ,
    SAMPLES,
    COLUMNS
};
static const char *const names[COLUMNS] = {[OP] = "op",
                                           [PROBLEM] = "problem",
                                           [VARIANT] = "variant",
                                           [SET] = "isa",
                                           [CACHE] = "cache",
                                           [VERDICT] = "verdict",
                                           [CPU] = "cpu",
                                           [COMMAND] = "command",
                                           [BOUND] = "bound",
                                           [THREADS] = "threads",
                                           [MEDIAN] = "median_seconds",
                                           [LOW] = "ci_low",
                                           [HIGH] = "ci_high",
                                           [PEAK] = "peak_gflops",
                                           [GHZ] = "ghz",
                                           [SAMPLES] = "samples_s"};

static bool check_schema(const lw_csv_table *t, int row, int column, char *err, size_t err_size)
{
    double schema;
    if (!lw_csv_number(t, row, column, &schema, err, err_size)) return false;
    if (schema == LW_KERNELS_SCHEMA) return true;
    snprintf(err, err_size, "%s, line %d: schema '%s', this version reads %d", lw_csv_path(t),
             lw_csv_line(t, row), lw_csv_cell(t, row, column), LW_KERNELS_SCHEMA);
    return false;
}

/* The schema first: it says more than a column that is missing. */
static bool find_columns(const lw_csv_table *t, int column[COLUMNS], char *err, size_t err_size)
{
    const int schema = lw_csv_column(t, "schema"), rows = lw_csv_row_count(t);
    if (schema < 0 || lw_csv_column(t, names[MEDIAN]) < 0) {
        snprintf(err, err_size, "%s: not rows of `bench kernels` (no column '%s')", lw_csv_path(t),
                 schema < 0 ? "schema" : names[MEDIAN]);
        return false;
    }
    for (int row = 0; row < rows; row++)
        if (!check_schema(t, row, schema, err, err_size)) return false;
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = lw_csv_column(t, names[i]);
        if (column[i] >= 0) continue;
        snprintf(err, err_size, "%s: not rows of `bench kernels` (no column '%s')", lw_csv_path(t), names[i]);
        return false;
    }
    if (rows == 0) snprintf(err, err_size, "%s: no row below the header", lw_csv_path(t));
    return rows > 0;
}

static bool read_samples(const lw_csv_table *t, int row, int column, lw_result *r, char *err, size_t err_size)
{
    const char *at = lw_csv_cell(t, row, column);
    size_t most = 1;
    for (const char *c = at; *c; c++)
        most += *c == ' ';
    r->sample = malloc(most * sizeof *r->sample);
    if (!r->sample) {
        snprintf(err, err_size, "%s: out of memory", lw_csv_path(t));
        return false;
    }
    while (*at) {
        char *end;
        const double seconds = strtod(at, &end);
        if (end == at || !(seconds > 0) || !isfinite(seconds) || (*end && *end != ' ')) {
            snprintf(err, err_size, "%s, line %d: %s wants times separated by spaces, got '%.24s'",
                     lw_csv_path(t), lw_csv_line(t, row), names[SAMPLES], at);
            return false;
        }
        r->sample[r->samples++] = seconds;
        at = end + (*end == ' ');
    }
    return true;
}

static bool read_row(const lw_csv_table *t, int row, const int column[COLUMNS], lw_result *r, char *err,
                     size_t err_size)
{
    double threads;
    const struct {
        int column;
        double *value;
    } numbers[] = {{THREADS, &threads}, {MEDIAN, &r->median}, {LOW, &r->low},
                   {HIGH, &r->high},    {PEAK, &r->peak},     {GHZ, &r->ghz}};
    const char **const texts[] = {[OP] = &r->op,   [PROBLEM] = &r->problem, [VARIANT] = &r->variant,
                                  [SET] = &r->set, [CACHE] = &r->cache,     [VERDICT] = &r->verdict,
                                  [CPU] = &r->cpu, [COMMAND] = &r->command, [BOUND] = &r->bound};
    for (int i = OP; i <= BOUND; i++)
        *texts[i] = lw_csv_cell(t, row, column[i]);
    r->line = lw_csv_line(t, row);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!lw_csv_number(t, row, column[numbers[i].column], numbers[i].value, err, err_size)) return false;
    r->threads = threads >= 1 && threads <= 1e6 ? (int)threads : 0;
    if (r->threads < 1 || (isfinite(r->median) && !(r->median > 0))) {
        snprintf(err, err_size, "%s, line %d: %s '%s' is not possible", lw_csv_path(t), r->line,
                 names[r->threads < 1 ? THREADS : MEDIAN],
                 lw_csv_cell(t, row, column[r->threads < 1 ? THREADS : MEDIAN]));
        return false;
    }
    return read_samples(t, row, column[SAMPLES], r, err, err_size);
}

bool lw_results_read(lw_results *r, const char *path, char *err, size_t err_size)
{
    int column[COLUMNS];
    *r = (lw_results){.table = lw_csv_read(path, err, err_size)};
    if (!r->table) return false;
    bool ok = find_columns(r->table, column, err, err_size);
    if (ok) {
        r->count = lw_csv_row_count(r->table);
        r->row = calloc((size_t)r->count, sizeof *r->row);
        if (!r->row) {
            snprintf(err, err_size, "%s: out of memory", path);
            ok = false;
        }
    }
    for (int i = 0; ok && i < r->count; i++)
        ok = read_row(r->table, i, column, &r->row[i], err, err_size);
    if (!ok) lw_results_free(r);
    return ok;
}

void lw_results_free(lw_results *r)
{
    for (int i = 0; r->row && i < r->count; i++)
        free(r->row[i].sample);
    free(r->row);
    lw_csv_table_free(r->table);
    *r = (lw_results){0};
}

bool lw_result_same_row(const lw_result *a, const lw_result *b)
{
    return a->threads == b->threads && strcmp(a->op, b->op) == 0 && strcmp(a->problem, b->problem) == 0 &&
           strcmp(a->variant, b->variant) == 0 && strcmp(a->set, b->set) == 0 &&
           strcmp(a->cache, b->cache) == 0;
}

const char *lw_result_name(const lw_result *r, char *text, size_t size)
{
    char threads[16] = "";
    const bool hot = strcmp(r->cache, "hot") == 0;
    if (r->threads != 1) snprintf(threads, sizeof threads, " x%d", r->threads);
    snprintf(text, size, "%s %s %s/%s%s%s%s", r->op, r->problem, r->variant, r->set, threads, hot ? "" : " ",
             hot ? "" : r->cache);
    return text;
}

int lw_result_width(const lw_result *r, int width)
{
    char name[256];
    const int own = (int)strlen(lw_result_name(r, name, sizeof name));
    return own > width ? own : width;
}
