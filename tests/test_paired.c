/* SPDX-License-Identifier: BSD-3-Clause
 * test_paired.c: the paired tests against tables and by hand; CSV that is read back. */
#include "harness/experiment/paired.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void close_to(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance)) fail_msg("got %.12g, want %.12g", got, want);
}

/* n differences with the given t: mean 1 and that error of the mean. */
static double p_of(double t, int n)
{
    double d[64], spread = sqrt((double)n * (n - 1) / 2) / t; /* two of them off by it, the others on the mean */
    for (int i = 0; i < n; i++)
        d[i] = 1 + (i == 0) * spread - (i == 1) * spread;
    return lw_paired_t(d, n);
}

static void student_is_that_of_the_tables(void **state)
{
    (void)state;
    /* Two-sided 5 % and 0.1 % points of the t distribution, as every table has them. */
    close_to(p_of(12.70620474, 2), 0.05, 1e-9);
    close_to(p_of(4.30265273, 3), 0.05, 1e-9);
    close_to(p_of(2.776445105, 5), 0.05, 1e-9);
    close_to(p_of(2.262157163, 10), 0.05, 1e-9);
    close_to(p_of(2.045229642, 30), 0.05, 1e-9);
    close_to(p_of(8.610301581, 5), 0.001, 1e-10);
    close_to(p_of(1, 2), 0.5, 1e-12); /* Cauchy: 1 - 2 atan(1) / pi */
    close_to(p_of(0.1, 2), 1 - 2 * atan(0.1) / acos(-1), 1e-12);
    close_to(p_of(3, 3), 1 - 3 / sqrt(2 + 9), 1e-12); /* two degrees of freedom: 1 - t / sqrt(2 + t^2) */
}

static void student_says_nothing_where_there_is_nothing_to_say(void **state)
{
    (void)state;
    const double one[] = {0.5}, same[] = {0.5, 0.5, 0.5}, none[] = {0, 0, 0}, balanced[] = {-1, 1};
    assert_true(isnan(lw_paired_t(one, 1)) && isnan(lw_paired_t(one, 0)) && isnan(lw_paired_t(same, 3)));
    assert_true(lw_paired_t(none, 3) == 1);
    close_to(lw_paired_t(balanced, 2), 1, 1e-12);
}

static void mcnemar_is_binomial(void **state)
{
    (void)state;
    assert_true(lw_mcnemar(0, 0) == 1);
    close_to(lw_mcnemar(1, 9), 2 * 11 / 1024.0, 1e-12);
    close_to(lw_mcnemar(9, 1), 2 * 11 / 1024.0, 1e-12);
    close_to(lw_mcnemar(0, 5), 2 / 32.0, 1e-12);
    close_to(lw_mcnemar(4, 4), 1, 1e-12);
    close_to(lw_mcnemar(2, 5), 2 * (1 + 7 + 21) / 128.0, 1e-12);
    assert_true(lw_mcnemar(100, 300) < 1e-20 && lw_mcnemar(100, 300) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(student_is_that_of_the_tables),
        cmocka_unit_test(student_says_nothing_where_there_is_nothing_to_say),
        cmocka_unit_test(mcnemar_is_binomial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
