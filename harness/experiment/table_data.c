/* SPDX-License-Identifier: BSD-3-Clause
 * table_data.c: rows become results, results groups, groups are compared with their baseline. */
#define _GNU_SOURCE
#include "harness/experiment/table_data.h"

#include "harness/exit_codes.h"
#include "harness/experiment/paired.h"
#include "harness/experiment/run_folder.h"
#include "harness/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- reading */

static bool is_known(const lw_results *r, const char *experiment, const char *variant, const char *identity)
{
    for (int i = 0; i < r->results; i++) {
        const lw_result *x = &r->result[i];
        if (!strcmp(x->identity, identity) && !strcmp(x->variant, variant) && !strcmp(x->experiment, experiment)) return true;
    }
    return false;
}

static int group_of(lw_results *r, const lw_result *x)
{
    for (int i = 0; i < r->groups; i++)
        if (!strcmp(r->group[i].variant, x->variant) && !strcmp(r->group[i].experiment, x->experiment)) return i;
    r->group[r->groups] = (lw_group){.experiment = x->experiment, .variant = x->variant, .first = r->results, .p = NAN,
                                     .baseline = -1};
    return r->groups++;
}

/* The text of a column that every runs.csv of an experiment has. */
static const char *text_of(const lw_csv_table *t, int row, const char *column)
{
    return lw_csv_get(t, row, lw_csv_column(t, column));
}

static double number_of(const lw_csv_table *t, int row, const char *column)
{
    return lw_csv_number(t, row, lw_csv_column(t, column));
}

static bool add_rows(lw_results *r, const lw_csv_table *t, const char *folder)
{
    lw_result *result = realloc(r->result, (size_t)(r->results + t->rows + 1) * sizeof *result);
    if (result) r->result = result;
    lw_group *group = realloc(r->group, (size_t)(r->groups + t->rows + 1) * sizeof *group);
    if (group) r->group = group;
    if (!result || !group) return false;
    for (int i = 0; i < t->rows; i++) {
        lw_result x = {.experiment = text_of(t, i, "experiment"), .variant = text_of(t, i, "variant"),
                       .baseline = text_of(t, i, "baseline"), .identity = text_of(t, i, "identity"), .folder = folder,
                       .seed = strtoull(text_of(t, i, "seed"), NULL, 10), .test = number_of(t, i, "test_accuracy"),
                       .val = number_of(t, i, "val_accuracy"), .rate = number_of(t, i, "images_per_second"),
                       .seconds = number_of(t, i, "seconds"), .images = number_of(t, i, "test_images")};
        if (is_known(r, x.experiment, x.variant, x.identity)) continue;
        x.group = group_of(r, &x);
        r->result[r->results++] = x;
    }
    return true;
}

static int read_folder(lw_results *r, const char *folder)
{
    char path[LW_RUN_PATH + 64], err[LW_RUN_PATH + 256];
    lw_csv_table *t = &r->table[r->tables];
    snprintf(path, sizeof path, "%s/runs.csv", folder);
    if (!lw_csv_load(t, path, err, sizeof err)) return lw_fail(LW_EXIT_DATA, "table", "%s", err);
    r->tables++;
    static const char *const needed[] = {"experiment", "variant", "baseline", "identity", "seed", "test_accuracy"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (lw_csv_column(t, needed[i]) < 0)
            return lw_fail(LW_EXIT_DATA, "table", "%s has no column '%s'; `bench run` writes one that has", path, needed[i]);
    return add_rows(r, t, folder) ? LW_EXIT_OK : lw_fail(LW_EXIT_MEMORY, "table", "out of memory for %s", path);
}

/* ---------------------------------------------------------------- a variant alone */

static void summarise(lw_results *r, int group)
{
    lw_group *g = &r->group[group];
    double images = 0, squares = 0;
    for (int i = 0; i < r->results; i++) {
        const lw_result *x = &r->result[i];
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

static bool read_errors(lw_csv_table *t, const lw_result *x)
{
    char path[LW_RUN_PATH + 128], err[LW_RUN_PATH + 256];
    snprintf(path, sizeof path, "%s/runs/%.*s/errors.csv", x->folder, LW_IDENTITY_SHORT, x->identity);
    return lw_csv_load(t, path, err, sizeof err);
}

/* McNemar on two lists of wrong images, both in ascending order. NaN: a list is not there. */
static double compare_images(const lw_result *x, const lw_result *base)
{
    lw_csv_table a, b;
    if (!read_errors(&a, x)) return NAN;
    if (!read_errors(&b, base)) {
        lw_csv_unload(&a);
        return NAN;
    }
    long only_a = 0, only_b = 0;
    for (int i = 0, j = 0; i < a.rows || j < b.rows;) {
        double at = i < a.rows ? lw_csv_number(&a, i, 0) : INFINITY, bt = j < b.rows ? lw_csv_number(&b, j, 0) : INFINITY;
        only_a += at < bt;
        only_b += bt < at;
        i += at <= bt;
        j += bt <= at;
    }
    lw_csv_unload(&a);
    lw_csv_unload(&b);
    return lw_mcnemar(only_a, only_b);
}

static const lw_result *with_seed(const lw_results *r, int group, uint64_t seed)
{
    for (int i = 0; i < r->results; i++)
        if (r->result[i].group == group && r->result[i].seed == seed) return &r->result[i];
    return NULL;
}

static void compare(lw_results *r, lw_group *g)
{
    double *difference = malloc((size_t)r->results * sizeof *difference), images = NAN;
    int group = (int)(g - r->group);
    for (int i = 0; difference && i < r->results; i++) {
        const lw_result *x = &r->result[i], *base = x->group == group ? with_seed(r, g->baseline, x->seed) : NULL;
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
static void correct(lw_results *r, int baseline)
{
    double *p = malloc((size_t)r->groups * sizeof *p);
    int count = 0;
    for (int i = 0; p && i < r->groups; i++)
        if (r->group[i].baseline == baseline) p[count++] = r->group[i].p;
    lw_holm(p, count);
    count = 0;
    for (int i = 0; p && i < r->groups; i++)
        if (r->group[i].baseline == baseline) r->group[i].p = p[count++];
    free(p);
}

static void find_baseline(lw_results *r, int group)
{
    lw_group *g = &r->group[group];
    const char *name = r->result[g->first].baseline;
    for (int i = 0; i < r->groups; i++)
        if (i != group && !strcmp(r->group[i].experiment, g->experiment) && !strcmp(r->group[i].variant, name))
            g->baseline = i;
}

int lw_results_read(lw_results *r, char *const *folder, int folders)
{
    *r = (lw_results){.table = calloc((size_t)folders, sizeof *r->table)};
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

void lw_results_free(lw_results *r)
{
    for (int i = 0; i < r->tables; i++)
        lw_csv_unload(&r->table[i]);
    free(r->table);
    free(r->result);
    free(r->group);
}
