/* SPDX-License-Identifier: BSD-3-Clause
 * test_agreement.c: the interval of a reproduced mean by hand, and how often made-up experiments leave it. */
#include "harness/experiment/agreement.h"
#include "harness/experiment/paired.h"
#include "nn/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define BINOMIAL (0.99 * 0.01 / 1e4) /* of an accuracy of 0.99 on 10,000 images */

static void close_to(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance)) fail_msg("got %.12g, want %.12g", got, want);
}

static void quantiles_are_those_of_the_tables(void **state)
{
    (void)state;
    close_to(lw_student_t(0.05, 4), 2.776445105, 1e-8);
    close_to(lw_student_t(0.01, 9), 3.249835542, 1e-8);
    close_to(lw_student_t(0.001, 30), 3.645958635, 1e-8);
    close_to(lw_student_p(lw_student_t(1e-6, 7), 7), 1e-6, 1e-12);
}

static void width_is_that_by_hand(void **state)
{
    (void)state;
    /* Five and two runs around 0.99 of 10,000 images: 5 degrees of freedom, and 4 of the binomial 0.99 * 0.01 / 1e4. */
    const lw_accuracies five = {5, 0.99, 0.002}, two = {2, 0.99, 0.001};
    const double variance = (4 * 0.002 * 0.002 + 0.001 * 0.001 + 4 * 0.99 * 0.01 / 1e4) / 9;
    close_to(lw_agreement_width(&five, &two, BINOMIAL, 0.01), 3.249835542 * sqrt(variance * 0.7), 1e-10);
    close_to(lw_agreement_width(&two, &five, BINOMIAL, 0.01), lw_agreement_width(&five, &two, BINOMIAL, 0.01), 1e-15);
    const lw_accuracies one = {1, 0.99, NAN};
    close_to(lw_agreement_width(&one, &one, BINOMIAL, 0.05), 2.776445105 * sqrt(2 * 0.99 * 0.01 / 1e4), 1e-10);
    close_to(lw_binomial_variance(0.99, 1e4), BINOMIAL, 1e-15);
    assert_true(lw_binomial_variance(1, 1e4) > 0 && lw_binomial_variance(0, 1e4) > 0);
}

/* Box and Muller (1958). */
static double normal(lw_rng *rng)
{
    const double u = 1 - (double)lw_rng_unit(rng), v = (double)lw_rng_unit(rng);
    return sqrt(-2 * log(u)) * cos(2 * acos(-1) * v);
}

static lw_accuracies draw(lw_rng *rng, int n, double mean, double sd)
{
    lw_accuracies a = {n, 0, 0};
    double x[16];
    for (int i = 0; i < n; i++) a.mean += (x[i] = mean + sd * normal(rng)) / n;
    for (int i = 0; i < n; i++) a.sd += (x[i] - a.mean) * (x[i] - a.mean) / (n - 1);
    a.sd = sqrt(a.sd);
    return a;
}

/* How many of 4000 pairs of experiments, whose true means are `apart`, leave the interval of alpha = 1 %. */
static int outside(int runs, double sd, double apart)
{
    lw_rng rng = lw_rng_at(1, LW_PURPOSE_SYNTHETIC, 0, 0);
    int count = 0;
    for (int i = 0; i < 4000; i++) {
        const lw_accuracies a = draw(&rng, 5, 0.99, sd), b = draw(&rng, runs, 0.99 - apart, sd);
        count += fabs(a.mean - b.mean) > lw_agreement_width(&a, &b, BINOMIAL, 0.01);
    }
    return count;
}

/* The sd of one binomial experiment is 0.001 there: the spread over seeds is half of it, equal, twice. */
static void what_is_the_same_stays_inside_as_often_as_said(void **state)
{
    (void)state;
    const double sd[3] = {0.0005, 0.001, 0.002};
    const int most[3] = {40, 60, 160}; /* 40 are 1 %; a prior that is half of the truth costs some */
    for (int runs = 2; runs <= 5; runs += 3)
        for (int i = 0; i < 3; i++)
            if (outside(runs, sd[i], 0) > most[i]) fail_msg("%d runs, sd %g: %d of 4000 outside", runs, sd[i], outside(runs, sd[i], 0));
}

static void what_is_not_is_found(void **state)
{
    (void)state;
    assert_true(outside(5, 0.0005, 0.003) > 3800);
    assert_true(outside(2, 0.001, 0.005) > 3600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_the_tables),
        cmocka_unit_test(width_is_that_by_hand),
        cmocka_unit_test(what_is_the_same_stays_inside_as_often_as_said),
        cmocka_unit_test(what_is_not_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
