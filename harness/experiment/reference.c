/* SPDX-License-Identifier: BSD-3-Clause
 * reference.c: reference results written, read, and printed. */
#define _GNU_SOURCE
#include "harness/experiment/reference.h"

#include "harness/exit_codes.h"
#include "harness/records/csv.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const columns[] = {"experiment", "variant", "configuration", "n", "test_accuracy", "sd", "test_images",
                                      "val_accuracy", "difference", "p", "verdict", "kernel", "cpu", "revision", "date"};
enum { COLUMNS = sizeof columns / sizeof *columns, DIGITS = 9 };

/* ---------------------------------------------------------------- writing */

static bool put_row(lw_csv *csv, const lw_plan *p, int variant, const lw_table_data *results, const lw_run_group *g)
{
    char configuration[LW_SHA256_HEX];
    const lw_run_result *first = &results->result[g->first];
    if (!lw_plan_configuration(p, variant, configuration)) return false;
    lw_csv_text(csv, p->name);
    lw_csv_text(csv, g->variant);
    lw_csv_text(csv, configuration);
    lw_csv_int(csv, g->runs);
    lw_csv_real(csv, g->test, DIGITS);
    lw_csv_real(csv, g->sd, DIGITS);
    lw_csv_real(csv, first->images, DIGITS);
    lw_csv_real(csv, g->val, DIGITS);
    lw_csv_real(csv, g->pairs ? g->difference : NAN, DIGITS);
    lw_csv_real(csv, g->pairs ? g->p : NAN, 3);
    lw_csv_text(csv, lw_table_verdict(results, g));
    lw_csv_text(csv, first->kernel);
    lw_csv_text(csv, first->cpu);
    lw_csv_text(csv, first->revision);
    lw_csv_text(csv, first->date);
    return lw_csv_end_row(csv);
}

/* Written beside, and renamed when it is whole. */
int lw_reference_write(const char *path, const lw_plan *p, const lw_table_data *results)
{
    char aside[1100], err[1400];
    snprintf(aside, sizeof aside, "%s.new", path);
    for (int i = 0; i < p->variants; i++)
        if (!lw_table_group(results, p->variant[i].name))
            return lw_fail(LW_EXIT_FAILED, "reproduce", "%s: no run of %s came to an end, and a reference wants all variants",
                           p->name, p->variant[i].name);
    lw_csv *csv = lw_csv_create(aside, columns, COLUMNS, err, sizeof err);
    if (!csv) return lw_fail(LW_EXIT_OUTPUT, "reproduce", "%s", err);
    bool ok = true;
    for (int i = 0; ok && i < p->variants; i++)
        ok = put_row(csv, p, i, results, lw_table_group(results, p->variant[i].name));
    ok = lw_csv_close(csv) && ok;
    if (ok && rename(aside, path) == 0) return LW_EXIT_OK;
    return lw_fail(LW_EXIT_OUTPUT, "reproduce", "cannot write %s: %s", path, strerror(errno));
}

/* ---------------------------------------------------------------- reading */

static const char *cell(const lw_reference *r, int row, const char *column)
{
    return lw_csv_cell(r->table, row, lw_csv_column(r->table, column));
}

static double number(const lw_reference *r, int row, const char *column)
{
    double value;
    char err[256];
    return lw_csv_number(r->table, row, lw_csv_column(r->table, column), &value, err, sizeof err) ? value : NAN;
}

static int row_of(const lw_reference *r, const char *variant)
{
    for (int i = 0; i < lw_csv_row_count(r->table); i++)
        if (strcmp(cell(r, i, "variant"), variant) == 0) return i;
    return -1;
}

/* What is wrong with the row of a variant, or NULL. */
static const char *fault_of(const lw_reference *r, const lw_plan *p, int variant)
{
    char configuration[LW_SHA256_HEX];
    const int row = row_of(r, p->variant[variant].name);
    if (row < 0) return "has no row for";
    if (!lw_plan_configuration(p, variant, configuration)) return "out of memory for";
    if (strcmp(cell(r, row, "configuration"), configuration) != 0) return "was made with another configuration of";
    const lw_accuracies a = lw_reference_of(r, p->variant[variant].name);
    return a.n >= 1 && a.mean >= 0 && a.mean <= 1 && number(r, row, "test_images") >= 1 ? NULL : "has no accuracy of";
}

int lw_reference_read(lw_reference *r, const char *path, const lw_plan *p)
{
    char err[1400];
    r->table = lw_csv_read(path, err, sizeof err);
    if (!r->table)
        return lw_fail(LW_EXIT_DATA, "reproduce", "no reference results of %s (--write-reference makes them): %s", p->name,
                       err);
    for (int i = 0; i < COLUMNS; i++)
        if (lw_csv_column(r->table, columns[i]) < 0)
            return lw_fail(LW_EXIT_DATA, "reproduce", "%s has no column '%s' (--write-reference makes it anew)", path,
                           columns[i]);
    for (int i = 0; i < p->variants; i++) {
        const char *fault = fault_of(r, p, i);
        if (fault)
            return lw_fail(LW_EXIT_DATA, "reproduce", "%s %s %s (--write-reference makes it anew)", path, fault,
                           p->variant[i].name);
    }
    return LW_EXIT_OK;
}

void lw_reference_free(lw_reference *r)
{
    if (r->table) lw_csv_table_free(r->table);
    r->table = NULL;
}

lw_accuracies lw_reference_of(const lw_reference *r, const char *variant)
{
    const int row = row_of(r, variant);
    if (row < 0) return (lw_accuracies){0};
    const double n = number(r, row, "n"), sd = number(r, row, "sd");
    return (lw_accuracies){n >= 1 && n <= LW_TRAIN_SEEDS ? (int)n : 0, number(r, row, "test_accuracy"), isnan(sd) ? 0 : sd};
}

/* ---------------------------------------------------------------- printing */

/* A cell of Markdown: a bar would end it. */
static void put_name(FILE *out, const char *name)
{
    for (; *name; name++)
        fprintf(out, *name == '|' ? "\\%c" : "%c", *name);
}

void lw_reference_print(const lw_reference *r, const lw_plan *p, FILE *out)
{
    fprintf(out, "\n### %s\n\nKernels %s, revision %s, %.10s.\n\n", p->name, cell(r, 0, "kernel"), cell(r, 0, "revision"),
            cell(r, 0, "date"));
    fprintf(out, "| variant | n | test %% | sd | validation %% | against %s | p | |\n", p->variant[p->baseline].name);
    fputs("|---|---:|---:|---:|---:|---:|---:|---|\n", out);
    for (int v = 0; v < p->variants; v++) {
        const int i = row_of(r, p->variant[v].name);
        char difference[16] = "", probability[16] = "", sd[16] = "";
        if (!isnan(number(r, i, "sd"))) snprintf(sd, sizeof sd, "%.3f", 100 * number(r, i, "sd"));
        if (!isnan(number(r, i, "difference")))
            snprintf(difference, sizeof difference, "%+.3f", 100 * number(r, i, "difference"));
        if (!isnan(number(r, i, "p"))) snprintf(probability, sizeof probability, "%.2g", number(r, i, "p"));
        fputs("| ", out);
        put_name(out, p->variant[v].name);
        fprintf(out, " | %s | %.3f | %s | %.3f | %s | %s | %s |\n", cell(r, i, "n"), 100 * number(r, i, "test_accuracy"), sd,
                100 * number(r, i, "val_accuracy"), difference, probability, cell(r, i, "verdict"));
    }
}
