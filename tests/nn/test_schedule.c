/* SPDX-License-Identifier: BSD-3-Clause
 * test_schedule.c: schedules at points that are known by hand, their texts, and what is refused. */
#include "nn/schedule.h"
#include "support.h"

#include <math.h>
#include <string.h>

static lw_schedule parsed(const char *text)
{
    lw_schedule s;
    lw_error err;
    if (!lw_schedule_parse(&s, text, &err)) fail_msg("%s: %s", text, err.text);
    return s;
}

/* The factor after `at` epochs of ten, at a hundred steps each. */
static double at(const char *text, double epochs)
{
    const lw_schedule s = parsed(text);
    return lw_schedule_factor(&s, (int64_t)llround(100 * epochs), 100, 10);
}

static void check(const char *text, double epochs, double want)
{
    assert_near(at(text, epochs), want, 1e-12, text, (ptrdiff_t)(100 * epochs));
}

static void factors_are_those_by_hand(void **state)
{
    (void)state;
    check("constant", 0, 1);
    check("constant", 9.99, 1);
    check("step(every=3,factor=0.5)", 2.99, 1);
    check("step(every=3,factor=0.5)", 3, 0.5);
    check("step(every=3,factor=0.5)", 9.5, 0.125);
    check("exponential(factor=0.81)", 0.5, 0.9);
    check("exponential(factor=0.81)", 2, 0.81 * 0.81);
    check("polynomial", 2.5, 0.75);
    check("polynomial(power=2,min=0.2)", 5, 0.2 + 0.8 * 0.25);
    check("cosine", 0, 1);
    check("cosine", 5, 0.5);
    check("cosine(min=0.1)", 2.5, 0.1 + 0.9 * (1 + sqrt(0.5)) / 2);
    check("cosine(cycle=2)", 1, 0.5);
    check("cosine(cycle=2)", 2, 1);
    check("cosine(cycle=2)", 7, 0.5);
    check("cosine(cycle=1,growth=2)", 2, 0.5); /* cycles begin at 0, 1, 3, 7 */
    check("cosine(cycle=1,growth=2)", 3, 1);
    check("cosine(cycle=1,growth=2)", 5, 0.5);
    check("onecycle", 0, 0.04);
    check("onecycle", 1.5, 0.52);
    check("onecycle", 3, 1);
    check("onecycle(rise=0.5,end=0.2)", 7.5, 0.6);
    check("onecycle(rise=0)", 0, 1);
    check("plateau", 9, 1);
}

static void warm_up_is_linear_and_then_the_schedule_has_the_rest(void **state)
{
    (void)state;
    check("constant(warmup=2)", 0, 1.0 / 201);
    check("constant(warmup=2)", 1, 101.0 / 201);
    check("constant(warmup=2)", 1.99, 200.0 / 201);
    check("constant(warmup=2)", 2, 1);
    check("cosine(warmup=2)", 2, 1);
    check("cosine(warmup=2)", 6, 0.5);
    check("step(every=1,factor=0.5,warmup=2)", 3.5, 0.5);
    check("cosine(warmup=20)", 9.99, 1000.0 / 2001); /* longer than the run: still finite */
}

/* Every factor of every schedule is a part of the rate, up to the last step. */
static void factors_stay_between_zero_and_one(void **state)
{
    (void)state;
    const char *const texts[] = {"constant", "step", "exponential", "polynomial(power=0.5)", "cosine(cycle=3,warmup=0.5)",
                                 "cosine(cycle=1,growth=1.7)", "onecycle(warmup=1)", "plateau(warmup=3)"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const lw_schedule s = parsed(texts[i]);
        for (int step = 0; step < 70; step++) {
            const double f = lw_schedule_factor(&s, step, 7, 10);
            if (!(f >= 0 && f <= 1 + 1e-12)) fail_msg("%s at step %d: %g", texts[i], step, f);
        }
    }
}

static void a_plateau_lowers_the_rate_after_its_patience(void **state)
{
    (void)state;
    const lw_schedule s = parsed("plateau(factor=0.5,patience=2,delta=0.1,min=0.2)");
    const double loss[] = {1, 0.95, 0.8, 0.85, 0.75, 0.8, 0.8, 0.1, 0.1, NAN, 0.1, 0.1};
    const double want[] = {1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2};
    lw_plateau p = lw_plateau_start();
    for (int i = 0; i < 12; i++) {
        lw_schedule_observe(&s, &p, loss[i]);
        assert_near(p.factor, want[i], 1e-12, "factor after epoch", i);
    }
    const lw_schedule other = parsed("cosine");
    lw_plateau still = lw_plateau_start();
    for (int i = 0; i < 50; i++)
        lw_schedule_observe(&other, &still, 1);
    assert_true(still.factor == 1 && !lw_schedule_observes(&other) && lw_schedule_observes(&s));
}

static void a_schedule_of_zeros_is_constant(void **state)
{
    (void)state;
    const lw_schedule zero = {0};
    char text[LW_SCHEDULE_TEXT];
    lw_schedule_text(&zero, text);
    assert_string_equal(text, "constant");
    assert_true(lw_schedule_factor(&zero, 123, 7, 2) == 1);
}

static void texts_come_back(void **state)
{
    (void)state;
    const struct {
        const char *given, *text;
    } rows[] = {{"constant", "constant"}, {"constant()", "constant"}, {"step( factor = 0.3 )", "step(factor=0.3)"},
                {"cosine(warmup=1,min=0.01)", "cosine(min=0.01,warmup=1)"},
                {"plateau(patience=5, factor=0.1)", "plateau(patience=5)"},
                {"onecycle(end=0.123456789012345)", "onecycle(end=0.123456789012345)"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const lw_schedule s = parsed(rows[i].given);
        char text[LW_SCHEDULE_TEXT];
        lw_schedule_text(&s, text);
        assert_string_equal(text, rows[i].text);
        const lw_schedule again = parsed(text);
        assert_memory_equal(&again, &s, sizeof s);
    }
}

static void refusals_say_what_would_be_right(void **state)
{
    (void)state;
    const struct {
        const char *text, *part;
    } rows[] = {{"cosin", "no schedule 'cosin' (constant, step, exponential, polynomial, cosine, onecycle, plateau)"},
                {"", "no schedule ''"},
                {"step(", "wants its settings in brackets"},
                {"step(every=1)x", "wants its settings in brackets"},
                {"step(ever=1)", "no setting 'ever' (every, factor, warmup)"},
                {"step(every)", "every wants a value"},
                {"step(every=1,every=2)", "every is given twice"},
                {"step(every=0)", "every wants a number from 0.001 to 1e+06, got '0'"},
                {"step(every=nan)", "every wants a number"},
                {"step(every=1x)", "got '1x'"},
                {"step(every=1,)", "nothing follows the last comma"},
                {"step(every=1 factor=2)", "every wants a number"},
                {"plateau(patience=1.5)", "patience wants a whole number"},
                {"constant(min=1)", "no setting 'min' (warmup)"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lw_schedule s;
        lw_error err;
        if (lw_schedule_parse(&s, rows[i].text, &err)) fail_msg("'%s' was taken", rows[i].text);
        assert_refusal(&err, LW_ERROR_SETTING, rows[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_are_those_by_hand),
        cmocka_unit_test(warm_up_is_linear_and_then_the_schedule_has_the_rest),
        cmocka_unit_test(factors_stay_between_zero_and_one),
        cmocka_unit_test(a_plateau_lowers_the_rate_after_its_patience),
        cmocka_unit_test(a_schedule_of_zeros_is_constant),
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(refusals_say_what_would_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
