/* SPDX-License-Identifier: BSD-3-Clause
 * test_ratio.c: ratios of paired samples, their intervals and what they say. */
#include "harness/compare.h"
#include "harness/timing/ratio.h"
#include "harness/timing/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* Ranks of the 95 % interval of a median, from tables of the sign test. */
static void intervals_have_the_textbook_ranks(void **state)
{
    (void)state;
    const struct {
        size_t count;
        double low, high; /* as ranks from 1 */
    } known[] = {{6, 1, 6}, {8, 1, 8}, {9, 2, 8}, {15, 4, 12}, {20, 6, 15}, {25, 8, 18}, {50, 18, 33}, {100, 40, 61}};
    double ranks[100], low, high;
    for (int i = 0; i < 100; i++) ranks[i] = i + 1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_true(lw_median_interval(ranks, known[i].count, &low, &high));
        assert_true(low == known[i].low && high == known[i].high);
    }
    for (size_t count = 0; count <= 5; count++) {
        assert_false(lw_median_interval(ranks, count, &low, &high));
        assert_true(isnan(low) && isnan(high));
    }
}

/* A machine that slows down by half in the middle changes both of a pair, and no ratio. */
static void pairs_cancel_drift(void **state)
{
    (void)state;
    double own[20], other[20], scratch[20];
    for (int i = 0; i < 20; i++) {
        const double drift = i < 10 ? 1 : 2, wobble = 1 + 0.001 * (i % 3);
        own[i] = drift;
        other[i] = 1.1 * drift * wobble;
    }
    const lw_ratio r = lw_ratio_of_pairs(own, other, 20, scratch);
    assert_true(fabs(r.median - 1.1011) < 1e-3 && r.low > 1.099 && r.high < 1.103);
    assert_int_equal(lw_ratio_judge(&r), LW_RATIO_FASTER);
    const lw_ratio back = lw_ratio_of_pairs(other, own, 20, scratch);
    assert_int_equal(lw_ratio_judge(&back), LW_RATIO_SLOWER);
}

static void an_interval_around_1_distinguishes_nothing(void **state)
{
    (void)state;
    double own[15], other[15], scratch[15];
    for (int i = 0; i < 15; i++) {
        own[i] = 1;
        other[i] = 1 + 0.01 * (i - 7);
    }
    const lw_ratio r = lw_ratio_of_pairs(own, other, 15, scratch);
    assert_int_equal(lw_ratio_judge(&r), LW_RATIO_NOT_DISTINGUISHABLE);
    const lw_ratio few = lw_ratio_of_pairs(own, other, 3, scratch);
    assert_int_equal(lw_ratio_judge(&few), LW_RATIO_UNKNOWN);
    assert_string_equal(lw_ratio_verdict_name(LW_RATIO_NOT_DISTINGUISHABLE), "not distinguishable");
}

/* A reader of a table or of a file sees the digits that are printed: what is called faster must show there. */
static void a_verdict_shows_in_what_is_printed(void **state)
{
    (void)state;
    for (int i = -2000; i <= 2000; i++) {
        const double end = 1 + 1e-6 * i;
        char table[16], file[16];
        snprintf(table, sizeof table, "%.3f", end);
        snprintf(file, sizeof file, "%.4g", end);
        const lw_ratio above = {9, end + 0.01, end, end + 0.02}, below = {9, end - 0.01, end - 0.02, end};
        const bool faster = lw_ratio_judge(&above) == LW_RATIO_FASTER, slower = lw_ratio_judge(&below) == LW_RATIO_SLOWER;
        assert_true(!faster || (atof(table) > 1 && atof(file) > 1));
        assert_true(!slower || (atof(table) < 1 && atof(file) < 1));
        assert_true(faster == (i > 500) || abs(i) == 500);
        assert_true(slower == (i < -500) || abs(i) == 500);
    }
}

static void tallies_keep_ops_and_peers_apart(void **state)
{
    (void)state;
    static lw_tallies t;
    const lw_ratio twice = {20, 2, 1.9, 2.1}, half = {20, 0.5, 0.4, 0.6}, none = {0, NAN, NAN, NAN};
    lw_tallies_add(&t, LW_OP_SGEMM, "blis", &twice);
    lw_tallies_add(&t, LW_OP_SGEMM, "blis", &half);
    lw_tallies_add(&t, LW_OP_SGEMM, "blis", &none);
    lw_tallies_add(&t, LW_OP_SGEMM, "openblas", &twice);
    lw_tallies_add(&t, LW_OP_ADD, "blis", &twice);
    assert_int_equal(t.count, 3);
    assert_int_equal(t.tally[0].rows, 2);
    assert_int_equal(t.tally[0].faster, 1);
    assert_int_equal(t.tally[0].slower, 1);
    assert_true(fabs(t.tally[0].log_sum) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_have_the_textbook_ranks),
        cmocka_unit_test(pairs_cancel_drift),
        cmocka_unit_test(an_interval_around_1_distinguishes_nothing),
        cmocka_unit_test(a_verdict_shows_in_what_is_printed),
        cmocka_unit_test(tallies_keep_ops_and_peers_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
