/* SPDX-License-Identifier: BSD-3-Clause
 * table_data.c: rows become results, results groups, groups are compared with their baseline. */
#define _GNU_SOURCE
#include "harness/experiment/table_data.h"

#include "harness/exit_codes.h"
#include "harness/experiment/paired.h"
#include "harness/experiment/run_folder.h"
#include "harness/options.h"
#include "harness/timing/rank_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIGNIFICANT 0.05

const lw_run_group *lw_table_group(const lw_table_data *r, const char *variant)
{
    for (int i = 0; i < r->groups; i++)
        if (strcmp(r->group[i].variant, variant) == 0) return &r->group[i];
    return NULL;
}

const char *lw_table_verdict(const lw_table_data *r, const lw_run_group *g)
{
    if (g->baseline < 0) return strcmp(r->result[g->first].baseline, g->variant) == 0 ? "baseline" : "baseline not run";
    if (g->pairs == 0) return "no seed in common";
    if (!(g->p < SIGNIFICANT)) return "not distinguishable";
    return g->difference > 0 ? "better" : "worse";
}

/* ---------------------------------------------------------------- reading */

static bool is_known(const lw_table_data *r, const char *experiment, const char *variant, const char *identity)
{
    for (int i = 0; i < r->results; i++) {
        const lw_run_result *x = &r->result[i];
        if (!strcmp(x->identity, identity) && !strcmp(x->variant, variant) && !strcmp(x->experiment, experiment)) return true;
    }
    return false;
}

static int group_of(lw_table_data *r, const lw_run_result *x)
{
    for (int i = 0; i < r->groups; i++)
        if (!strcmp(r->group[i].variant, x->variant) && !strcmp(r->group[i].experiment, x->experiment)) return i;
    r->group[r->groups] = (lw_run_group){.experiment = x->experiment, .variant = x->variant, .first = r->results, .p = NAN,
                                     .baseline = -1};
    return r->groups++;
}

/* The text of a column that every runs.csv of an experiment has. */
static const char *text_of(const lw_csv_table *t, int row, const char *column)
{
    return lw_csv_cell(t, row, lw_csv_column(t, column));
}

/* NaN: empty, or no number. */
static double number_at(const lw_csv_table *t, int row, int column)
{
    double value;
    char err[256];
    return lw_csv_number(t, row, column, &value, err, sizeof err) ? value : NAN;
}

static double number_of(const lw_csv_table *t, int row, const char *column)
{
    return number_at(t, row, lw_csv_column(t, column));
}

static bool add_rows(lw_table_data *r, const lw_csv_table *t, const char *folder)
{
    lw_run_result *result = realloc(r->result, (size_t)(r->results + lw_csv_row_count(t) + 1) * sizeof *result);
    if (result) r->result = result;
    lw_run_group *group = realloc(r->group, (size_t)(r->groups + lw_csv_row_count(t) + 1) * sizeof *group);
    if (group) r->group = group;
    if (!result || !group) return false;
    for (int i = 0; i < lw_csv_row_count(t); i++) {
        lw_run_result x = {.experiment = text_of(t, i, "experiment"), .variant = text_of(t, i, "variant"),
                       .baseline = text_of(t, i, "baseline"), .identity = text_of(t, i, "identity"), .folder = folder,
                       .seed = strtoull(text_of(t, i, "seed"), NULL, 10), .test = number_of(t, i, "test_accuracy"),
                       .val = number_of(t, i, "val_accuracy"), .rate = number_of(t, i, "images_per_second"),
                       .seconds = number_of(t, i, "seconds"), .images = number_of(t, i, "test_images"), .kernel = text_of(t, i, "kernel"),
                       .cpu = text_of(t, i, "cpu"), .revision = text_of(t, i, "revision"), .date = text_of(t, i, "date")};
        if (is_known(r, x.experiment, x.variant, x.identity)) continue;
        x.group = group_of(r, &x);
        r->result[r->results++] = x;
    }
    return true;
}

static int read_folder(lw_table_data *r, const char *folder)
{
    char path[LW_RUN_PATH + 64], err[LW_RUN_PATH + 256];
    snprintf(path, sizeof path, "%s/runs.csv", folder);
    lw_csv_table *t = lw_csv_read(path, err, sizeof err);
    if (!t) return lw_fail(LW_EXIT_DATA, "table", "%s", err);
    r->table[r->tables++] = t;
    static const char *const needed[] = {"experiment", "variant", "baseline", "identity", "seed", "test_accuracy"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (lw_csv_column(t, needed[i]) < 0)
            return lw_fail(LW_EXIT_DATA, "table", "%s has no column '%s'; `bench run` writes one that has", path, needed[i]);
    return add_rows(r, t, folder) ? LW_EXIT_OK : lw_fail(LW_EXIT_MEMORY, "table", "out of memory for %s", path);
}

/* ---------------------------------------------------------------- a variant alone */

static void summarise(lw_table_data *r, int group)
{
    lw_run_group *g = &r->group[group];
    double images = 0, squares = 0;
    for (int i = 0; i < r->results; i++) {
        const lw_run_result *x = &r->result[i];
        if (x->group != group) continue;
        g->runs++;
        g->test += x->test;
        g->val += x->val;
        g->rate += x->rate;
        g->seconds += x->seconds;
        images = x->images;
    }
    g->test /= g->runs;
    g->val /= g->runs;
    g->rate /= g->runs;
    g->seconds /= g->runs;
    for (int i = 0; i < r->results; i++)
        if (r->result[i].group == group) squares += (r->result[i].test - g->test) * (r->result[i].test - g->test);
    g->sd = g->runs > 1 ? sqrt(squares / (g->runs - 1)) : NAN;
    /* All seeds are tested on the same images: more seeds make it no smaller. */
    g->binomial = sqrt(g->test * (1 - g->test) / images);
}

/* ---------------------------------------------------------------- two variants */

static lw_csv_table *read_errors(const lw_run_result *x)
{
    char path[LW_RUN_PATH + 128], err[LW_RUN_PATH + 256];
    snprintf(path, sizeof path, "%s/runs/%.*s/errors.csv", x->folder, LW_IDENTITY_SHORT, x->identity);
    return lw_csv_read(path, err, sizeof err);
}

/* McNemar on two lists of wrong images, both in ascending order. NaN: a list is not there, or none. */
static double compare_images(const lw_run_result *x, const lw_run_result *base)
{
    lw_csv_table *a = read_errors(x), *b = read_errors(base);
    long only_a = 0, only_b = 0;
    const int rows_a = a ? lw_csv_row_count(a) : 0, rows_b = b ? lw_csv_row_count(b) : 0;
    bool read = a && b;
    for (int i = 0, j = 0; read && (i < rows_a || j < rows_b);) {
        const double at = i < rows_a ? number_at(a, i, 0) : INFINITY, bt = j < rows_b ? number_at(b, j, 0) : INFINITY;
        read = !isnan(at) && !isnan(bt);
        only_a += at < bt;
        only_b += bt < at;
        i += at <= bt;
        j += bt <= at;
    }
    const double p = read ? lw_mcnemar(only_a, only_b) : NAN;
    lw_csv_table_free(a);
    lw_csv_table_free(b);
    return p;
}

static const lw_run_result *with_seed(const lw_table_data *r, int group, uint64_t seed)
{
    for (int i = 0; i < r->results; i++)
        if (r->result[i].group == group && r->result[i].seed == seed) return &r->result[i];
    return NULL;
}

static void compare(lw_table_data *r, lw_run_group *g)
{
    double *difference = malloc((size_t)r->results * sizeof *difference), images = NAN;
    int group = (int)(g - r->group);
    for (int i = 0; difference && i < r->results; i++) {
        const lw_run_result *x = &r->result[i], *base = x->group == group ? with_seed(r, g->baseline, x->seed) : NULL;
        if (!base || isnan(x->test) || isnan(base->test)) continue;
        if (g->pairs == 0) images = compare_images(x, base);
        difference[g->pairs++] = x->test - base->test;
        g->difference += x->test - base->test;
    }
    if (g->pairs) g->difference /= g->pairs;
    g->p = g->pairs > 1 ? lw_paired_t(difference, g->pairs) : images;
    free(difference);
}

/* Holm's correction over the comparisons with one baseline. */
static void correct(lw_table_data *r, int baseline)
{
    double *p = malloc((size_t)r->groups * sizeof *p);
    int count = 0;
    for (int i = 0; p && i < r->groups; i++)
        if (r->group[i].baseline == baseline) p[count++] = r->group[i].p;
    const bool corrected = p && lw_holm(p, (size_t)count);
    count = 0;
    for (int i = 0; corrected && i < r->groups; i++)
        if (r->group[i].baseline == baseline) r->group[i].p = p[count++];
    free(p);
}

static void find_baseline(lw_table_data *r, int group)
{
    lw_run_group *g = &r->group[group];
    const char *name = r->result[g->first].baseline;
    for (int i = 0; i < r->groups; i++)
        if (i != group && !strcmp(r->group[i].experiment, g->experiment) && !strcmp(r->group[i].variant, name))
            g->baseline = i;
}

int lw_table_data_read(lw_table_data *r, char *const *folder, int folders)
{
    *r = (lw_table_data){.table = calloc((size_t)folders, sizeof *r->table)};
    int code = r->table ? LW_EXIT_OK : lw_fail(LW_EXIT_MEMORY, "table", "out of memory");
    for (int i = 0; code == LW_EXIT_OK && i < folders; i++)
        code = read_folder(r, folder[i]);
    if (code != LW_EXIT_OK) return code;
    for (int i = 0; i < r->groups; i++) {
        summarise(r, i);
        find_baseline(r, i);
        if (r->group[i].baseline >= 0) compare(r, &r->group[i]);
    }
    for (int i = 0; i < r->groups; i++)
        correct(r, i);
    return LW_EXIT_OK;
}

void lw_table_data_free(lw_table_data *r)
{
    for (int i = 0; i < r->tables; i++)
        lw_csv_table_free(r->table[i]);
    free(r->table);
    free(r->result);
    free(r->group);
}
