/* SPDX-License-Identifier: BSD-3-Clause
 * test_stability.c: logs of samples made by hand, and what must be said of them. */
#include "harness/timing/stability.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void add(lw_samples *s, double seconds, bool accepted)
{
    s->at[s->count] = (lw_sample){seconds, seconds, NAN, s->count, 0, accepted};
    s->count++;
    s->accepted += accepted;
}

/* `count` samples about `centre`, evenly within +- `spread` of it, in no order. */
static void add_many(lw_samples *s, int count, double centre, double spread)
{
    for (int i = 0; i < count; i++) add(s, centre * (1 + spread * (2.0 * (i * 7 % count) / (count - 1) - 1)), true);
}

static const lw_disturbance quiet = {0, 0, 0};

static lw_stability_verdict judge(const lw_samples *s)
{
    return lw_stability_judge(s, 0.02, &quiet);
}

static void five_samples_are_unknown_and_six_are_not(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1};
    add_many(&s, 5, 1, 0.001);
    assert_int_equal(judge(&s).stability, LW_STABILITY_UNKNOWN);
    assert_string_equal(judge(&s).why, "5 samples");
    add(&s, 1, true);
    assert_int_equal(judge(&s).stability, LW_STABLE);
    assert_string_equal(judge(&s).why, "");
}

static void rejected_samples_do_not_count(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1};
    for (int i = 0; i < 20; i++) add(&s, 2, false);
    add_many(&s, 5, 1, 0.001);
    assert_int_equal(judge(&s).stability, LW_STABILITY_UNKNOWN);
    add(&s, 1, true);
    assert_int_equal(judge(&s).stability, LW_STABLE);
    const lw_summary t = lw_samples_summary(&s);
    assert_int_equal(t.count, 6);
    assert_true(t.p95 < 1.01);
}

static void a_wide_interval_is_unstable(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1};
    add_many(&s, 23, 1, 0.2);
    assert_int_equal(judge(&s).stability, LW_UNSTABLE);
    assert_non_null(strstr(judge(&s).why, "wide, 2 % wanted"));
    assert_int_equal(lw_stability_judge(&s, 0.5, &quiet).stability, LW_STABLE);
}

/* 2 % is wanted and the interval keeps to it; still the second half is elsewhere. */
static void drift_is_unstable(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1};
    add_many(&s, 40, 1, 0.001);
    add_many(&s, 40, 1.005, 0.001);
    assert_int_equal(judge(&s).stability, LW_STABLE);
    s.count = s.accepted = 0;
    add_many(&s, 40, 1, 0.001);
    add_many(&s, 40, 1.015, 0.001);
    assert_int_equal(judge(&s).stability, LW_UNSTABLE);
    assert_string_equal(judge(&s).why, "second half of the samples +1.5 %");
}

/* Two levels in long turns: as independent samples their median would be known to a hair. */
static void slow_turns_widen_the_interval(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1};
    for (int i = 0; i < 5; i++) add_many(&s, 20, i == 3 ? 1.05 : 1, 0.001);
    double seconds[LW_MAX_SAMPLES], scratch[LW_MAX_SAMPLES];
    const lw_summary alone = lw_summarise(seconds, lw_samples_accepted(&s, seconds), scratch);
    assert_true(alone.ci_high < 1.002);
    const lw_summary blocks = lw_samples_summary(&s);
    assert_true(blocks.ci_high > 1.04 && blocks.ci_low <= blocks.median && blocks.median < 1.002);
    assert_int_equal(judge(&s).stability, LW_UNSTABLE);
}

static void two_modes_in_turns_are_unstable(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1};
    for (int i = 0; i < 50; i++) add(&s, i % 2 ? 1 : 2.7, true);
    assert_int_equal(judge(&s).stability, LW_UNSTABLE);
}

static void who_else_is_at_work_is_noticed(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1};
    add_many(&s, 20, 1, 0.001);
    const lw_disturbance unknown = {NAN, NAN, NAN}, little = {0.04, 0.09, 40}, here = {0.5, 0.25, 100},
                         beside = {0, 0.5, 0}, often = {0.01, 0.01, 200};
    assert_int_equal(lw_stability_judge(&s, 0.02, &unknown).stability, LW_STABLE);
    assert_int_equal(lw_stability_judge(&s, 0.02, &little).stability, LW_STABLE);
    assert_int_equal(lw_stability_judge(&s, 0.02, &here).stability, LW_UNSTABLE);
    assert_string_equal(lw_stability_judge(&s, 0.02, &here).why, "others took 50 % of the CPUs in use");
    assert_string_equal(lw_stability_judge(&s, 0.02, &beside).why, "others took 50 % of all CPUs");
    assert_string_equal(lw_stability_judge(&s, 0.02, &often).why, "put off its CPU 200 times a second");
}

static void time_off_the_cpu_is_lost(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1, .count = 2, .accepted = 2};
    s.at[0] = (lw_sample){1, 1, NAN, 0, 0, true};
    s.at[1] = (lw_sample){3, 1, NAN, 1, 0, true};
    assert_true(lw_samples_lost(&s) == 0.5);
    s.at[1].cpu = 3.5; /* several threads */
    assert_true(lw_samples_lost(&s) == 0);
}

static void pairs_are_of_one_round_and_both_accepted(void **state)
{
    (void)state;
    lw_samples a = {.count = 5}, b = {.count = 4};
    const lw_sample of_a[] = {{1, 0, NAN, 0, 0, true}, {2, 0, NAN, 1, 0, false}, {3, 0, NAN, 2, 0, true}, {4, 0, NAN, 4, 0, true}, {5, 0, NAN, 5, 0, true}};
    const lw_sample of_b[] = {{10, 0, NAN, 0, 0, true}, {20, 0, NAN, 1, 0, true}, {30, 0, NAN, 2, 0, true}, {40, 0, NAN, 5, 0, false}};
    memcpy(a.at, of_a, sizeof of_a);
    memcpy(b.at, of_b, sizeof of_b);
    double x[LW_MAX_SAMPLES], y[LW_MAX_SAMPLES];
    assert_int_equal(lw_samples_pairs(&a, &b, x, y), 2);
    assert_true(x[0] == 1 && y[0] == 10);
    assert_true(x[1] == 3 && y[1] == 30);
}

/* Three passes on other pages: each agrees with itself, and the interval tells how far they lie apart. */
static void the_interval_spans_the_passes(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1, .count = 9, .accepted = 9};
    for (int i = 0; i < 9; i++) s.at[i] = (lw_sample){1 + 0.02 * (i / 3) + 1e-4 * (i % 3), 1, NAN, i, i / 3, true};
    lw_summary all = lw_samples_summary(&s);
    assert_float_equal(all.ci_low, 1, 2e-4);
    assert_float_equal(all.ci_high, 1.04, 3e-4);
    for (int i = 0; i < 9; i++) s.at[i].accepted = i >= 3; /* a pass without an accepted sample says nothing */
    s.accepted = 6;
    all = lw_samples_summary(&s);
    assert_float_equal(all.ci_low, 1.02, 2e-4);
    s.count = s.accepted = 5; /* too few for an interval, in however many passes */
    for (int i = 0; i < 5; i++) s.at[i].accepted = true;
    assert_true(isnan(lw_samples_summary(&s).ci_low));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_spans_the_passes),
        cmocka_unit_test(five_samples_are_unknown_and_six_are_not),
        cmocka_unit_test(rejected_samples_do_not_count),
        cmocka_unit_test(a_wide_interval_is_unstable),
        cmocka_unit_test(drift_is_unstable),
        cmocka_unit_test(slow_turns_widen_the_interval),
        cmocka_unit_test(two_modes_in_turns_are_unstable),
        cmocka_unit_test(who_else_is_at_work_is_noticed),
        cmocka_unit_test(time_off_the_cpu_is_lost),
        cmocka_unit_test(pairs_are_of_one_round_and_both_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
