/* SPDX-License-Identifier: BSD-3-Clause
 * test_lr_curve.c: the range test on losses that are known beforehand. */
#include "harness/train/lr_curve.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static lw_lr_curve new_curve(double from, double to, int steps, double beta)
{
    lw_lr_curve c;
    lw_error err;
    if (!lw_lr_curve_init(&c, from, to, steps, beta, &err)) fail_msg("%s", err.text);
    return c;
}

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fabs(want))) fail_msg("%.17g instead of %.17g", got, want);
}

static void test_rates(void **unused)
{
    (void)unused;
    lw_lr_curve c = new_curve(1e-6, 1, 7, 0);
    for (int i = 0; i < 7; i++)
        near(lw_lr_curve_rate(&c, i), pow(10, i - 6));
    lw_lr_curve_free(&c);
}

/* By hand: averages with the weights 1/4, 1/2, 1 of the losses from the last one back, over their sum. */
static void test_smoothing(void **unused)
{
    (void)unused;
    lw_lr_curve c = new_curve(1, 2, 9, 0.5);
    assert_int_equal(lw_lr_curve_warm_up(&c), 2);
    assert_int_equal(lw_lr_curve_add(&c, 8), LW_LR_GOES_ON);
    assert_int_equal(c.lowest, -1);
    lw_lr_curve_add(&c, 2);
    lw_lr_curve_add(&c, 1);
    near(c.smoothed[0], 8);
    near(c.smoothed[1], (8 * 0.5 + 2) / 1.5);
    near(c.smoothed[2], (8 * 0.25 + 2 * 0.5 + 1) / 1.75);
    assert_int_equal(c.lowest, 2);
    lw_lr_curve_free(&c);
    c = new_curve(1, 2, 9, 0.9);
    assert_int_equal(lw_lr_curve_warm_up(&c), 10);
    lw_lr_curve_free(&c);
}

/* Unsmoothed, a decade a step: flat, falling most at 1e-3, lowest at 1e-1, and then more than four times that. */
static void test_choice(void **unused)
{
    (void)unused;
    static const double loss[] = {2.3, 2.3, 2.2, 1.9, 0.9, 0.6, 0.7, 2.4};
    lw_lr_curve c = new_curve(1e-6, 10, 8, 0);
    for (int i = 0; i < 7; i++)
        assert_int_equal(lw_lr_curve_add(&c, loss[i]), LW_LR_GOES_ON);
    assert_int_equal(lw_lr_curve_add(&c, nextafter(4 * 0.6, 3)), LW_LR_ROSE);
    lw_lr_choice choice = lw_lr_curve_choose(&c);
    near(choice.lowest, 1e-1);
    near(choice.tenth, 1e-2);
    near(choice.steepest, 1e-3); /* from 2.2 to 0.9 over two decades: 1.9 and 0.6 around 1e-2 are as far apart, later */
    lw_lr_curve_free(&c);
}

static void test_exactly_four_times_goes_on(void **unused)
{
    (void)unused;
    lw_lr_curve c = new_curve(1, 2, 3, 0);
    lw_lr_curve_add(&c, 0.5);
    assert_int_equal(lw_lr_curve_add(&c, 2), LW_LR_GOES_ON);
    assert_int_equal(lw_lr_curve_add(&c, 0.25), LW_LR_AT_END);
    lw_lr_curve_free(&c);
}

/* Noise of the first few losses neither ends the test nor is taken for a fall. */
static void test_warm_up(void **unused)
{
    (void)unused;
    lw_lr_curve c = new_curve(1e-3, 1, 30, 0.9);
    assert_int_equal(lw_lr_curve_add(&c, 0.01), LW_LR_GOES_ON);
    for (int i = 1; i < 9; i++)
        assert_int_equal(lw_lr_curve_add(&c, 2), LW_LR_GOES_ON);
    assert_int_equal(c.lowest, -1);
    for (int i = 9; i < 29; i++)
        assert_int_equal(lw_lr_curve_add(&c, 2), LW_LR_GOES_ON);
    assert_int_equal(lw_lr_curve_add(&c, 2), LW_LR_AT_END);
    assert_true(isnan(lw_lr_curve_choose(&c).tenth));
    assert_true(isnan(lw_lr_curve_choose(&c).steepest));
    lw_lr_curve_free(&c);
}

static void test_not_finite(void **unused)
{
    (void)unused;
    static const double bad[] = {NAN, INFINITY};
    for (int i = 0; i < 2; i++) {
        lw_lr_curve c = new_curve(1, 2, 20, 0.9);
        lw_lr_curve_add(&c, 1);
        assert_int_equal(lw_lr_curve_add(&c, bad[i]), LW_LR_INFINITE); /* also within the warm-up */
        assert_true(isnan(lw_lr_curve_choose(&c).tenth));
        lw_lr_curve_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),   cmocka_unit_test(test_smoothing),
        cmocka_unit_test(test_choice),  cmocka_unit_test(test_exactly_four_times_goes_on),
        cmocka_unit_test(test_warm_up), cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
