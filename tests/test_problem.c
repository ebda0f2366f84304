/* SPDX-License-Identifier: BSD-3-Clause
 * test_problem.c: problems as text: every one that the sweep or the default list holds parses back to itself, and
 * refusals say what is wrong, where, and what would be right. */
#include "oracle/oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static char err[512];

static void assert_round_trip(const lw_problem *p)
{
    lw_problem again;
    if (!lw_problem_parse(p->op, p->text, &again, err, sizeof err)) fail_msg("%s", err);
    assert_string_equal(again.text, p->text);
    assert_int_equal(again.inplace, p->inplace);
    assert_int_equal(again.without, p->without);
    const lw_cost a = lw_problem_cost(p), b = lw_problem_cost(&again);
    assert_true(a.flop == b.flop && a.bytes == b.bytes);
}

static void every_problem_of_the_sweep_is_its_own_text(void **state)
{
    (void)state;
    for (int op = 0; op < LW_OP_COUNT; op++) {
        lw_problem p;
        size_t count = 0;
        for (; lw_problem_sweep((lw_op)op, 6, 16, count, 50, 3, &p); count++) assert_round_trip(&p);
        assert_true(count > 60);
    }
}

static void every_default_problem_parses_and_costs_something(void **state)
{
    (void)state;
    for (int op = 0; op < LW_OP_COUNT; op++)
        for (const char *const *text = lw_problem_defaults((lw_op)op, false); *text; text++) {
            lw_problem p;
            if (!lw_problem_parse((lw_op)op, *text, &p, err, sizeof err)) fail_msg("%s", err);
            assert_string_equal(p.text, *text);
            assert_true(lw_problem_cost(&p).flop > 0 && lw_problem_cost(&p).bytes > 0);
        }
}

static void a_quick_list_begins_the_default_list(void **state)
{
    (void)state;
    for (int op = 0; op < LW_OP_COUNT; op++) {
        const char *const *quick = lw_problem_defaults((lw_op)op, true), *const *all = lw_problem_defaults((lw_op)op, false);
        assert_non_null(*quick);
        for (; *quick; quick++, all++) assert_string_equal(*quick, *all);
    }
}

static void costs_are_those_of_the_contracts(void **state)
{
    (void)state;
    lw_problem p;
    assert_true(lw_problem_parse(LW_OP_SGEMM, "2x3:3x5_beta1", &p, err, sizeof err));
    assert_true(lw_problem_cost(&p).flop == 60 && lw_problem_cost(&p).bytes == 4 * (6 + 15 + 2 * 10));
    assert_true(lw_problem_parse(LW_OP_CONV2D_FWD, "mb64ic32ih13oc64oh11kh3ph0", &p, err, sizeof err));
    assert_true(lw_problem_cost(&p).flop == 2.0 * 64 * 121 * 64 * 9 * 32);
    assert_true(lw_problem_parse(LW_OP_CONV2D_FWD, "mb1ic1ih3oc1kh3ph1", &p, err, sizeof err));
    assert_true(lw_problem_cost(&p).flop == 2.0 * 49); /* only positions inside the image count */
}

static void refusals_name_the_column_and_the_syntax(void **state)
{
    (void)state;
    static const struct {
        lw_op op;
        const char *text, *words;
    } refused[] = {
        {LW_OP_SGEMM, "", "column 1: M wants a whole number"},
        {LW_OP_SGEMM, "12x", "column 4: K wants a whole number"},
        {LW_OP_SGEMM, "2x3:4x5", "the second K is 4, the first 3"},
        {LW_OP_SGEMM, "2x3:3x5_ldc4", "ldc wants a whole number from 5"},
        {LW_OP_SGEMM, "2x3:3x5 ", "column 8: ' ' is not understood"},
        {LW_OP_SGEMM, "-2x3:3x5", "column 1: M wants"},
        {LW_OP_CONV2D_FWD, "mb64ic32", "syntax: mbN"},
        {LW_OP_CONV2D_FWD, "mb1ic1ih3oc1kh5ph0", "syntax"},
        {LW_OP_MAXPOOL_FWD, "mb1ic1ih40oh1kh17sh17ph0", "at most 256"},
        {LW_OP_ADD, "n", "n wants a whole number"},
        {LW_OP_ADD, "n99999999999999999999", "n wants a whole number"},
        {LW_OP_SOFTMAX_XENT, "4x0", "cols wants a whole number from 1"},
        {LW_OP_ADAM, "n5_step0", "step wants a whole number from 1"},
        {LW_OP_SGEMM, "2000000000x2000000000:2000000000x2000000000", "bytes"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        lw_problem p;
        assert_false(lw_problem_parse(refused[i].op, refused[i].text, &p, err, sizeof err));
        assert_null(strchr(err, '\n'));
        if (!strstr(err, refused[i].words)) fail_msg("'%s' is not in: %s", refused[i].words, err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_problem_of_the_sweep_is_its_own_text),
        cmocka_unit_test(every_default_problem_parses_and_costs_something),
        cmocka_unit_test(a_quick_list_begins_the_default_list),
        cmocka_unit_test(costs_are_those_of_the_contracts),
        cmocka_unit_test(refusals_name_the_column_and_the_syntax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
