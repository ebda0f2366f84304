/* SPDX-License-Identifier: BSD-3-Clause
 * test_rank_test.c: the rank test against counts by hand and published tables, clumps, and Holm's correction.
 */
#include "harness/timing/rank_test.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want))) fail_msg("got %.12g, wanted %.12g", got, want);
}

static void test_exact(void **unused)
{
    (void)unused;
    const double a[] = {1, 2, 3}, b[] = {4, 5, 6}, mixed[] = {1.5, 2.5, 3.5};
    near(lw_rank_test_larger(a, 3, 1, b, 3), 1.0 / 20, 1e-12);
    near(lw_rank_test_larger(b, 3, 1, a, 3), 1, 1e-12);
    /* U = 1 + 2 + 3 = 6; of the 20 orders 7 have U >= 6 */
    near(lw_rank_test_larger(a, 3, 1, mixed, 3), 7.0 / 20, 1e-12);
    /* What is asked is whether b exceeds a by more than the scale. */
    near(lw_rank_test_larger(a, 3, 2.1, b, 3), 10.0 / 20, 1e-12); /* U = 1 + 2 + 2 */
    assert_true(lw_rank_test_larger(a, 0, 1, b, 3) == 1);
    assert_true(lw_rank_test_larger(a, 3, 1, b, 0) == 1);
}

/* All orders of 5 and 4 counted one by one, for every U. */
static void test_exact_by_enumeration(void **unused)
{
    (void)unused;
    enum { NA = 5, NB = 4, N = NA + NB };
    int at_least[NA * NB + 1] = {0}, all = 0;
    for (unsigned set = 0; set < 1u << N; set++) {
        if (__builtin_popcount(set) != NB) continue;
        int u = 0, smaller = 0;
        for (int i = 0; i < N; i++)
            if (set >> i & 1)
                u += smaller;
            else
                smaller++;
        for (int k = 0; k <= u; k++)
            at_least[k]++;
        all++;
    }
    for (unsigned set = 0; set < 1u << N; set++) {
        if (__builtin_popcount(set) != NB) continue;
        double a[NA], b[NB];
        int na = 0, nb = 0, u = 0;
        for (int i = 0; i < N; i++) {
            if (set >> i & 1) {
                u += na;
                b[nb++] = i;
            } else {
                a[na++] = i;
            }
        }
        near(lw_rank_test_larger(a, NA, 1, b, NB), (double)at_least[u] / all, 1e-12);
    }
}

/* Where the exact distribution ends, the approximation goes on. */
static void test_approximation_joins(void **unused)
{
    (void)unused;
    double a[26], b[26];
    for (int i = 0; i < 26; i++) {
        a[i] = 2 * i;
        b[i] = 2 * i + 9;
    }
    const double exact = lw_rank_test_larger(a, 25, 1, b, 25), normal = lw_rank_test_larger(a, 26, 1, b, 26);
    assert_true(exact > 0.01 && exact < 0.2);
    assert_true(fabs(exact - normal) < 0.02);
}

static void test_ties(void **unused)
{
    (void)unused;
    const double same[] = {3, 3, 3, 3}, a[] = {1, 2, 2, 3, 3, 3, 4, 5}, b[] = {2, 3, 3, 4, 4, 5, 5, 6};
    assert_true(lw_rank_test_larger(same, 4, 1, same, 4) == 1);
    /* U = 2 + 2 * 4.5 + 2 * 6.5 + 2 * 7.5 + 8, half of a tie on each side; groups of 3, 5, 3 and 3 equal
     * values */
    const double variance = 64.0 / 12 * (17 - (24.0 + 120 + 24 + 24) / (16 * 15));
    near(lw_rank_test_larger(a, 8, 1, b, 8), 0.5 * erfc((47 - 32 - 0.5) / sqrt(2 * variance)), 1e-9);
}

static void test_clumps(void **unused)
{
    (void)unused;
    double in[60], out[60];
    for (int i = 0; i < 60; i++)
        in[i] = (i * 37) % 60; /* neighbours have nothing in common */
    assert_int_equal(lw_declump(in, 60, out), 60);
    for (int i = 0; i < 60; i++)
        assert_true(out[i] == in[i]);
    for (int i = 0; i < 60; i++)
        in[i] = i / 10; /* six runs of ten */
    const size_t left = lw_declump(in, 60, out);
    assert_true(left >= 1 && left <= 12);
    for (size_t i = 1; i < left; i++)
        assert_true(out[i] >= out[i - 1]);
    for (int i = 0; i < 60; i++)
        in[i] = i; /* a drift is worth next to nothing */
    assert_true(lw_declump(in, 60, out) <= 4);
    assert_int_equal(lw_declump(in, 1, out), 1);
    for (int i = 0; i < 60; i++)
        in[i] = 5;
    assert_int_equal(lw_declump(in, 60, out), 60);
}

static void test_holm(void **unused)
{
    (void)unused;
    double p[] = {0.01, 0.04, NAN, 0.03, 0.005}; /* 4 * 0.005, 3 * 0.01, 2 * 0.03, and 0.04 no less than that */
    assert_true(lw_holm(p, 5));
    near(p[0], 0.03, 1e-12);
    near(p[1], 0.06, 1e-12);
    assert_true(isnan(p[2]));
    near(p[3], 0.06, 1e-12);
    near(p[4], 0.02, 1e-12);
    double one[] = {0.7, 0.9};
    assert_true(lw_holm(one, 2));
    assert_true(one[0] == 1 && one[1] == 1);
    assert_true(lw_holm(one, 0));
}

static void test_student(void **unused)
{
    (void)unused;
    near(lw_student3_above(0), 0.5, 1e-12);
    near(lw_student3_above(2.353363), 0.05, 1e-6); /* any table of t */
    near(lw_student3_above(5.840909), 0.005, 1e-6);
    near(lw_student3_above(-2.353363), 0.95, 1e-6);
    near(lw_student3_quantile(0.005), 5.840909, 1e-6);
    near(lw_student3_above(lw_student3_quantile(0.05 / 150)), 0.05 / 150, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_exact_by_enumeration),
        cmocka_unit_test(test_approximation_joins),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_clumps),
        cmocka_unit_test(test_holm),
        cmocka_unit_test(test_student),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
