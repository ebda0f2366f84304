/* SPDX-License-Identifier: BSD-3-Clause
 * test_rotation.c: sets of operands, seen by a kernel that notes where its operands are. */
#include "harness/timing/rotation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static lw_sgemm_args seen;

static void note_operands(const lw_sgemm_args *a, void *ws, const lw_team *team)
{
    (void)ws, (void)team;
    seen = *a;
    for (ptrdiff_t i = 0; i < a->M * a->N; i++) a->C[i] = a->A[i % (a->M * a->K)] + a->B[i % (a->K * a->N)];
}

static const lw_kernel noting = {.name = "noting", .op = LW_OP_SGEMM, .fn.sgemm = note_operands};

static lw_case *new_case(lw_op op, const char *text)
{
    lw_problem p;
    char err[256];
    assert_true(lw_problem_parse(op, text, &p, err, sizeof err));
    lw_case *c = lw_case_new(&p, lw_setting_plain, 1);
    assert_non_null(c);
    return c;
}

enum { EACH = 3 * 16 * 16 * 4, WEIGHTS = 16 * 16 * 4 };

static void rotate(lw_cache cache, size_t fill, size_t most, lw_rotation *r, lw_case **first)
{
    *first = new_case(LW_OP_SGEMM, "16x16:16x16");
    assert_int_equal(lw_case_bytes(*first, false), EACH);
    assert_int_equal(lw_case_bytes(*first, true), WEIGHTS);
    assert_true(lw_rotation_init(r, *first, cache, fill, most, 1));
    assert_true(lw_rotation_prepare(r, &noting, 1));
}

static void hot_calls_stay_with_a_set_and_samples_go_round(void **state)
{
    (void)state;
    lw_rotation r;
    lw_case *first;
    rotate(LW_CACHE_HOT, 1 << 20, 1 << 20, &r, &first);
    assert_int_equal(r.count, 8);
    assert_int_equal(r.per_call, 1);
    assert_int_equal(r.footprint, EACH);
    assert_false(r.capped);
    lw_rotation_free(&r);
    lw_case_free(first);
}

static void a_large_problem_has_one_set(void **state)
{
    (void)state;
    lw_rotation r;
    lw_case *first = new_case(LW_OP_ADD, "n2000000"); /* 24 MB */
    assert_true(lw_rotation_init(&r, first, LW_CACHE_HOT, 0, 0, 1));
    assert_int_equal(r.count, 1);
    lw_rotation_free(&r);
    lw_case_free(first);
}

static void cold_sets_share_nothing_and_fill_what_was_asked(void **state)
{
    (void)state;
    lw_rotation r;
    lw_case *first;
    rotate(LW_CACHE_COLD, 10 * EACH - 1, 1 << 20, &r, &first);
    assert_int_equal(r.count, 10);
    assert_int_equal(r.per_call, 10);
    assert_int_equal(r.footprint, 10 * EACH);
    assert_false(r.capped);
    const float *a[10], *c[10];
    for (int i = 0; i < 10; i++) {
        lw_case_run(r.sets[i], &noting, &lw_team_solo);
        a[i] = seen.A;
        c[i] = seen.C;
        for (int j = 0; j < i; j++) {
            assert_ptr_not_equal(a[i], a[j]);
            assert_ptr_not_equal(c[i], c[j]);
            assert_memory_not_equal(a[i], a[j], 16 * 16 * 4); /* filled from seeds of their own */
        }
    }
    lw_rotation_free(&r);
    lw_case_free(first);
}

static void cold_weights_leave_the_rest_where_it_is(void **state)
{
    (void)state;
    lw_rotation r;
    lw_case *first;
    rotate(LW_CACHE_WEIGHTS_COLD, 4 * WEIGHTS, 1 << 20, &r, &first);
    assert_int_equal(r.count, 4);
    assert_int_equal(r.footprint, EACH + 3 * WEIGHTS);
    lw_case_run(first, &noting, &lw_team_solo);
    const lw_sgemm_args of_first = seen;
    for (int i = 1; i < 4; i++) {
        lw_case_run(r.sets[i], &noting, &lw_team_solo);
        assert_ptr_equal(seen.A, of_first.A);
        assert_ptr_equal(seen.C, of_first.C);
        assert_ptr_not_equal(seen.B, of_first.B);
    }
    lw_rotation_free(&r);
    lw_case_free(first);
}

static void memory_has_a_limit_and_two_sets_are_the_least(void **state)
{
    (void)state;
    lw_rotation r;
    lw_case *first;
    rotate(LW_CACHE_COLD, 100 * EACH, 7 * EACH, &r, &first);
    assert_int_equal(r.count, 7);
    assert_true(r.capped);
    lw_rotation_free(&r);
    lw_case_free(first);
    rotate(LW_CACHE_COLD, 1, 1, &r, &first);
    assert_int_equal(r.count, 2);
    lw_rotation_free(&r);
    lw_case_free(first);
    rotate(LW_CACHE_COLD, (size_t)1 << 30, (size_t)1 << 30, &r, &first);
    assert_int_equal(r.count, 2048);
    assert_true(r.capped);
    lw_rotation_free(&r);
    lw_case_free(first);
}

static void an_op_without_weights_stays_hot(void **state)
{
    (void)state;
    lw_rotation r;
    lw_case *first = new_case(LW_OP_ADD, "n100");
    assert_true(lw_rotation_init(&r, first, LW_CACHE_WEIGHTS_COLD, 1 << 20, 1 << 20, 1));
    assert_int_equal(r.cache, LW_CACHE_HOT);
    assert_int_equal(r.per_call, 1);
    lw_rotation_free(&r);
    lw_case_free(first);
}

/* Positions of maxima must fit their operands in every set, or a gradient would write anywhere. */
static void siblings_of_every_op_run(void **state)
{
    (void)state;
    for (int op = 0; op < LW_OP_COUNT; op++) {
        const lw_table *scalar = lw_table_of(LW_ISA_SCALAR);
        lw_problem p;
        assert_true(lw_problem_sweep((lw_op)op, 4, 8, 0, 1, 1, &p));
        lw_case *first = lw_case_new(&p, lw_setting_plain, 1);
        assert_non_null(first);
        for (int weights_only = 0; weights_only < 2; weights_only++) {
            lw_case *sibling = lw_case_sibling(first, 77, weights_only);
            assert_non_null(sibling);
            for (size_t i = 0; i < scalar->count; i++) {
                if ((int)scalar->rows[i].op != op) continue;
                assert_true(lw_case_check(first, &scalar->rows[i]).pass);
                assert_true(lw_case_prepare(sibling, &scalar->rows[i], 1));
                lw_case_run(sibling, &scalar->rows[i], &lw_team_solo);
                assert_true(lw_case_check(first, &scalar->rows[i]).pass);
            }
            lw_case_free(sibling);
        }
        lw_case_free(first);
    }
}

static void names_go_both_ways(void **state)
{
    (void)state;
    for (int i = LW_CACHE_HOT; i <= LW_CACHE_COLD; i++)
        assert_int_equal(lw_cache_parse(lw_cache_name((lw_cache)i)), i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hot_calls_stay_with_a_set_and_samples_go_round),
        cmocka_unit_test(a_large_problem_has_one_set),
        cmocka_unit_test(cold_sets_share_nothing_and_fill_what_was_asked),
        cmocka_unit_test(cold_weights_leave_the_rest_where_it_is),
        cmocka_unit_test(memory_has_a_limit_and_two_sets_are_the_least),
        cmocka_unit_test(an_op_without_weights_stays_hot),
        cmocka_unit_test(siblings_of_every_op_run),
        cmocka_unit_test(names_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
