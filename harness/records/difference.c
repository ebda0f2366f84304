/* SPDX-License-Identifier: BSD-3-Clause
 * difference.c: pairing, testing and judging the rows of two runs. */
#include "harness/records/difference.h"

#include "harness/timing/rank_test.h"
#include "harness/timing/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *lw_change_name(lw_change c)
{
    static const char *const names[] = {"regression",
                                        "improvement",
                                        "slower with the machine",
                                        "not distinguishable",
                                        "unstable - read with care",
                                        "not measured",
                                        "unpaired"};
    return names[c];
}

/* ---------------------------------------------------------------- pairs */

static const lw_result *take_partner(const lw_results *b, bool *taken, const lw_result *a)
{
    for (int i = 0; i < b->count; i++)
        if (!taken[i] && lw_result_same_row(a, &b->row[i])) {
            taken[i] = true;
            return &b->row[i];
        }
    return NULL;
}

static bool make_pairs(lw_difference *d, const lw_results *a, const lw_results *b)
{
    bool *taken = calloc((size_t)b->count + 1, sizeof *taken);
    d->pair = calloc((size_t)(a->count + b->count) + 1, sizeof *d->pair);
    if (!taken || !d->pair) {
        free(taken);
        return false;
    }
    for (int i = 0; i < a->count; i++)
        d->pair[d->count++] = (lw_pair){.a = &a->row[i], .b = take_partner(b, taken, &a->row[i])};
    for (int i = 0; i < b->count; i++)
        if (!taken[i]) d->pair[d->count++] = (lw_pair){.b = &b->row[i]};
    free(taken);
    return true;
}

static bool is_stable(const lw_result *r)
{
    return strcmp(r->verdict, "stable") == 0 && isfinite(r->low) && isfinite(r->high) && r->samples > 0;
}

/* What can be said without a test; LW_CHANGE_NONE: it is to be tested. */
static void look_at(lw_pair *p)
{
    p->change = p->low = p->high = p->p_slower = p->p_faster = NAN;
    p->verdict = LW_CHANGE_NONE;
    if (!p->a || !p->b) {
        p->verdict = LW_CHANGE_UNPAIRED;
        return;
    }
    p->change = p->b->median / p->a->median - 1;
    p->low = p->b->low / p->a->high - 1;
    p->high = p->b->high / p->a->low - 1;
    if (!isfinite(p->change))
        p->verdict = LW_CHANGE_UNMEASURED;
    else if (!is_stable(p->a) || !is_stable(p->b))
        p->verdict = LW_CHANGE_UNSTABLE;
}

/* ---------------------------------------------------------------- all rows together */

static double median_of(double *values, int count)
{
    lw_sort(values, (size_t)count);
    return lw_quantile(values, (size_t)count, 0.5);
}

typedef double value_of_pair(const lw_pair *p);

static double log_ratio(const lw_pair *p)
{
    return log1p(p->change);
}

/* Variance of log(B / A) that the intervals of the two medians, 3.92 standard deviations wide, account for.
 */
static double explained_variance(const lw_pair *p)
{
    const double a = (p->a->high - p->a->low) / p->a->median / 3.92,
                 b = (p->b->high - p->b->low) / p->b->median / 3.92;
    return a * a + b * b;
}

static double peak_a(const lw_pair *p)
{
    return p->a->peak;
}
static double peak_b(const lw_pair *p)
{
    return p->b->peak;
}
static double ghz_a(const lw_pair *p)
{
    return p->a->ghz;
}
static double ghz_b(const lw_pair *p)
{
    return p->b->ghz;
}

/* Over the tested rows that have that value. `scratch` holds a value per pair. */
static double median_over(const lw_difference *d, value_of_pair *value, double *scratch)
{
    int count = 0;
    for (int i = 0; i < d->count; i++) {
        if (d->pair[i].verdict != LW_CHANGE_NONE) continue;
        scratch[count] = value(&d->pair[i]);
        count += isfinite(scratch[count]);
    }
    return median_of(scratch, count);
}

static lw_noise_kind kind_of(const lw_pair *p)
{
    return strcmp(p->a->bound, "FMA") == 0 ? LW_NOISE_FMA : LW_NOISE_MEMORY;
}

static int values_of_kind(const lw_difference *d, lw_noise_kind kind, value_of_pair *value, double *out)
{
    int count = 0;
    for (int i = 0; i < d->count; i++)
        if (d->pair[i].verdict == LW_CHANGE_NONE && kind_of(&d->pair[i]) == kind)
            out[count++] = value(&d->pair[i]);
    return count;
}

/* Of the tested rows of a kind about their own middle, as the scale of Student's t with three degrees of
 * freedom. The largest of what three quantiles of |t| say: where few rows are placed badly the middle knows
 * nothing of them, and one row that changed moves none of the three. */
static double scatter(const lw_difference *d, lw_noise_kind kind, double *scratch)
{
    int count = values_of_kind(d, kind, explained_variance, scratch);
    const double explained = median_of(scratch, count);
    count = values_of_kind(d, kind, log_ratio, scratch);
    const double middle = median_of(scratch, count);
    for (int i = 0; i < count; i++)
        scratch[i] = fabs(scratch[i] - middle);
    static const double quantiles[][2] = {{0.5, 0.765}, {0.75, 1.423}, {0.9, 2.353}};
    lw_sort(scratch, (size_t)count);
    double scale = 0;
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        scale = fmax(scale, lw_quantile(scratch, (size_t)count, quantiles[i][0]) / quantiles[i][1]);
    return sqrt(fmax(0, scale * scale - explained));
}

/* The part of a common shift that the machine's peak or clock went through as well. */
static double machine_factor(const lw_difference *d)
{
    const double shift = log1p(d->shift), peak = log(d->peak_a / d->peak_b), ghz = log(d->ghz_a / d->ghz_b);
    const double slower = fmax(0, fmax(peak, ghz)),
                 faster = fmin(0, fmin(peak, ghz)); /* fmax and fmin drop a NaN */
    return exp(shift > 0 ? fmin(shift, slower) : fmax(shift, faster));
}

static void find_noise(lw_difference *d, const lw_rules *rules, double *scratch)
{
    static const double assumed[] = {
        [LW_NOISE_FMA] = LW_NOISE_ASSUMED_FMA, [LW_NOISE_MEMORY] = LW_NOISE_ASSUMED_MEMORY};
    const double quantile = lw_student3_quantile(rules->alpha / (d->tested > 1 ? d->tested : 1));
    for (int kind = 0; kind < LW_NOISE_KINDS; kind++) {
        lw_noise *n = &d->noise[kind];
        n->rows = values_of_kind(d, (lw_noise_kind)kind, log_ratio, scratch);
        n->found = !isfinite(rules->noise) && n->rows >= LW_ROWS_FOR_NOISE;
        n->value = n->found                 ? scatter(d, (lw_noise_kind)kind, scratch)
                   : isfinite(rules->noise) ? rules->noise
                                            : assumed[kind];
        n->bar = (1 + rules->threshold) * fmax(1, d->machine) * exp(quantile * n->value) - 1;
    }
}

static void look_at_all(lw_difference *d, const lw_rules *rules, double *scratch)
{
    d->shift = expm1(median_over(d, log_ratio, scratch));
    d->peak_a = median_over(d, peak_a, scratch);
    d->peak_b = median_over(d, peak_b, scratch);
    d->ghz_a = median_over(d, ghz_a, scratch);
    d->ghz_b = median_over(d, ghz_b, scratch);
    d->machine = d->tested ? machine_factor(d) : 1;
    find_noise(d, rules, scratch);
}

/* ---------------------------------------------------------------- tests */

/* `beyond`: by how much log(B / A) exceeds what is no news. */
static double p_between_runs(double beyond, double noise)
{
    return noise > 0 ? lw_student3_above(beyond / noise) : beyond > 0 ? 0 : 1;
}

/* A machine that became slower excuses rows that did; it does not make one faster that stayed as it was. */
static bool test_pair(lw_pair *p, const lw_rules *rules, double machine, double noise)
{
    const double slower = (1 + rules->threshold) * fmax(1, machine),
                 faster = (1 + rules->threshold) / fmin(1, machine);
    double *a = malloc(p->a->samples * sizeof *a), *b = malloc(p->b->samples * sizeof *b);
    if (a && b) {
        const size_t na = lw_declump(p->a->sample, p->a->samples, a),
                     nb = lw_declump(p->b->sample, p->b->samples, b);
        p->p_slower = fmax(lw_rank_test_larger(a, na, slower, b, nb),
                           p_between_runs(log_ratio(p) - log(slower), noise));
        p->p_faster = fmax(lw_rank_test_larger(b, nb, faster, a, na),
                           p_between_runs(-log_ratio(p) - log(faster), noise));
    }
    const bool ok = a && b;
    free(a);
    free(b);
    return ok;
}

static bool correct(lw_difference *d, double *p)
{
    for (int faster = 0; faster < 2; faster++) {
        int count = 0;
        for (int i = 0; i < d->count; i++)
            if (d->pair[i].verdict == LW_CHANGE_NONE)
                p[count++] = faster ? d->pair[i].p_faster : d->pair[i].p_slower;
        if (!lw_holm(p, (size_t)count)) return false;
        count = 0;
        for (int i = 0; i < d->count; i++)
            if (d->pair[i].verdict == LW_CHANGE_NONE)
                *(faster ? &d->pair[i].p_faster : &d->pair[i].p_slower) = p[count++];
    }
    return true;
}

static lw_change judge(const lw_pair *p, const lw_rules *rules, double machine)
{
    const double news = 1 + rules->threshold;
    if (p->p_slower < rules->alpha && 1 + p->low > news * fmax(1, machine)) return LW_CHANGE_REGRESSION;
    if (p->p_faster < rules->alpha && (1 + p->high) * news < fmin(1, machine)) return LW_CHANGE_IMPROVEMENT;
    return machine > 1 && 1 + p->low > news ? LW_CHANGE_MACHINE : LW_CHANGE_NONE;
}

static bool test_all(lw_difference *d, const lw_rules *rules, double *scratch)
{
    for (int i = 0; i < d->count; i++)
        if (d->pair[i].verdict == LW_CHANGE_NONE &&
            !test_pair(&d->pair[i], rules, d->machine, d->noise[kind_of(&d->pair[i])].value))
            return false;
    if (!correct(d, scratch)) return false;
    for (int i = 0; i < d->count; i++)
        if (d->pair[i].verdict == LW_CHANGE_NONE) d->pair[i].verdict = judge(&d->pair[i], rules, d->machine);
    return true;
}

bool lw_difference_make(lw_difference *d, const lw_results *a, const lw_results *b, const lw_rules *rules)
{
    *d = (lw_difference){0};
    bool ok = make_pairs(d, a, b);
    double *scratch = ok ? malloc(((size_t)d->count + 1) * sizeof *scratch) : NULL;
    for (int i = 0; ok && i < d->count; i++) {
        look_at(&d->pair[i]);
        d->tested += d->pair[i].verdict == LW_CHANGE_NONE;
    }
    if (scratch) look_at_all(d, rules, scratch);
    ok = scratch && test_all(d, rules, scratch);
    for (int i = 0; ok && i < d->count; i++)
        d->of[d->pair[i].verdict]++;
    free(scratch);
    if (!ok) lw_difference_free(d);
    return ok;
}

void lw_difference_free(lw_difference *d)
{
    free(d->pair);
    *d = (lw_difference){0};
}
