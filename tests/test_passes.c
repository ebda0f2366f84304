/* SPDX-License-Identifier: BSD-3-Clause
 * test_passes.c: every problem gets its passes in order and apart, and problems end in their order. */
#include "harness/timing/passes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { MOST = 40, LAG = 12 };

static void check_list(int items, int passes)
{
    int done[MOST] = {0}, last[MOST], ended = 0, at = 0;
    const int lag = items < LAG ? items : LAG;
    lw_passes p = lw_passes_over(items, passes, LAG);
    for (lw_visit v; lw_passes_next(&p, &v); at++) {
        assert_in_range(v.item, 0, items - 1);
        assert_int_equal(v.pass, done[v.item]);
        if (v.pass > 0) assert_true(at - last[v.item] >= lag);
        last[v.item] = at;
        done[v.item]++;
        if (done[v.item] == passes) assert_int_equal(v.item, ended++);
    }
    assert_int_equal(at, items * passes);
    assert_int_equal(ended, items);
}

static void all_lists(void **state)
{
    (void)state;
    for (int items = 0; items <= MOST; items++)
        for (int passes = 1; passes <= 5; passes++) check_list(items, passes);
}

/* A run that is stopped has lost no more than what is under way. */
static void few_problems_are_under_way(void **state)
{
    (void)state;
    int begun = 0, ended = 0;
    lw_passes p = lw_passes_over(10 * MOST, 3, LAG);
    for (lw_visit v; lw_passes_next(&p, &v);) {
        begun += v.pass == 0;
        ended += v.pass == 2;
        assert_true(begun - ended <= 2 * LAG + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_lists),
        cmocka_unit_test(few_problems_are_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
