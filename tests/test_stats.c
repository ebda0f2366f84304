/* SPDX-License-Identifier: BSD-3-Clause
 * test_stats.c: order statistics against values worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/timing/stats.h"

#include <math.h>

static void quantiles_interpolate_between_samples(void **state)
{
    (void)state;
    const double x[] = {1, 2, 4, 8};
    assert_true(lw_quantile(x, 4, 0) == 1);
    assert_true(lw_quantile(x, 4, 1) == 8);
    assert_true(lw_quantile(x, 4, 0.5) == 3);
    assert_true(fabs(lw_quantile(x, 4, 0.05) - 1.15) < 1e-12); /* R: quantile(c(1,2,4,8), 0.05) */
    assert_true(fabs(lw_quantile(x, 4, 0.95) - 7.4) < 1e-12);
}

static void one_sample_is_every_quantile(void **state)
{
    (void)state;
    double x[] = {7}, scratch[1];
    lw_summary s = lw_summarise(x, 1, scratch);
    assert_true(s.min == 7 && s.p5 == 7 && s.median == 7 && s.p95 == 7 && s.max == 7);
    assert_true(s.mad == 0);
}

static void no_samples_are_nan(void **state)
{
    (void)state;
    lw_summary s = lw_summarise(NULL, 0, NULL);
    assert_int_equal(s.count, 0);
    assert_true(isnan(s.median) && isnan(s.mad) && isnan(s.min) && isnan(s.p95));
}

static void median_and_mad_shrug_at_an_outlier(void **state)
{
    (void)state;
    double x[] = {1e9, 3, 1, 2, 4}, scratch[5];
    lw_summary s = lw_summarise(x, 5, scratch);
    assert_true(s.median == 3);
    assert_true(s.mad == 1); /* of 2 1 0 1 1e9 */
    assert_true(s.min == 1 && s.max == 1e9);
    for (int i = 1; i < 5; i++)
        assert_true(x[i - 1] <= x[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_interpolate_between_samples),
        cmocka_unit_test(one_sample_is_every_quantile),
        cmocka_unit_test(no_samples_are_nan),
        cmocka_unit_test(median_and_mad_shrug_at_an_outlier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
