/* SPDX-License-Identifier: BSD-3-Clause
 * test_timing.c: the rounds, with contestants whose times are made, not measured on a quiet machine. */
#define _GNU_SOURCE
#include "harness/exit_codes.h"
#include "harness/timing/stability.h"
#include "harness/timing/timing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static const lw_workers solo = {.size = 1};
static char order[4096];
static int length;

typedef struct sleeper {
    char name;
    int calls, period; /* every `period`-th call takes three times as long */
    long nanoseconds;
} sleeper;

static void sleep_a_while(void *context, const lw_team *team)
{
    (void)team;
    sleeper *s = context;
    const bool odd = s->period && s->calls % s->period == 0;
    s->calls++;
    if (length + 1 < (int)sizeof order) order[length++] = s->name;
    nanosleep(&(struct timespec){0, s->nanoseconds * (odd ? 3 : 1)}, NULL);
}

static lw_contestant contestant(sleeper *s)
{
    return (lw_contestant){.call = sleep_a_while, .context = s};
}

static void begin(void)
{
    memset(order, 0, sizeof order);
    length = 0;
}

static const lw_timing once = {.sample_seconds = 1e-4, .min_seconds = 1e-3, .min_samples = 3, .repetitions = 9, .seed = 5};

static void repetitions_are_exact_and_rounds_are_shared(void **state)
{
    (void)state;
    sleeper a = {'a', 0, 0, 500000}, b = {'b', 0, 0, 500000};
    lw_contestant both[] = {contestant(&a), contestant(&b)};
    lw_moment meanwhile = {0};
    begin();
    assert_int_equal(lw_time_pass(&once, &solo, both, 2, 0, &meanwhile), LW_EXIT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(both[i].samples.count, 9);
        assert_int_equal(both[i].samples.accepted, 9);
        for (int r = 0; r < 9; r++) {
            const lw_sample *s = &both[i].samples.at[r];
            assert_int_equal(s->round, r);
            assert_true(s->seconds >= 5e-4);      /* it did sleep, ... */
            assert_true(s->cpu < 0.9 * s->seconds); /* ... which takes no CPU time */
            assert_true(isnan(s->capacity));
        }
    }
}

static void call_nothing(void *context, const lw_team *team)
{
    (void)context, (void)team;
}

static int begun[LW_MAX_SAMPLES], begun_count;

static void note_beginning(void *context, int sample)
{
    (void)context;
    begun[begun_count++] = sample;
}

static void each_sample_begins_and_is_made_warm(void **state)
{
    (void)state;
    sleeper plain = {'p', 0, 0, 500000}, changing = {'c', 0, 0, 500000};
    lw_contestant both[] = {contestant(&plain), contestant(&changing)};
    lw_moment meanwhile = {0};
    both[1].begin = note_beginning;
    begun_count = 0;
    begin();
    assert_int_equal(lw_time_pass(&once, &solo, both, 2, 0, &meanwhile), LW_EXIT_OK);
    assert_int_equal(begun_count, 9);
    for (int i = 0; i < 9; i++) assert_int_equal(begun[i], i);
    assert_int_equal(both[1].samples.loops, 1);
    assert_int_equal(changing.calls - plain.calls, 9); /* one more each, not timed */
}

/* The calls of a round, without those of calibration before it. */
static int turns_of_b_before_a(bool in_order)
{
    sleeper a = {'a', 0, 0, 500000}, b = {'b', 0, 0, 500000};
    lw_contestant both[] = {contestant(&a), contestant(&b)};
    lw_timing t = once;
    lw_moment meanwhile = {0};
    int turned = 0;
    t.in_order = in_order;
    begin();
    assert_int_equal(lw_time_pass(&t, &solo, both, 2, 0, &meanwhile), LW_EXIT_OK);
    assert_int_equal(both[0].samples.loops, 1);
    for (int i = length - 18; i < length; i += 2) turned += order[i] == 'b';
    return turned;
}

static void order_is_drawn_or_kept(void **state)
{
    (void)state;
    assert_int_equal(turns_of_b_before_a(true), 0);
    const int turned = turns_of_b_before_a(false);
    assert_in_range(turned, 1, 8);
    assert_int_equal(turns_of_b_before_a(false), turned); /* the seed decides */
}

static void an_imprecise_contestant_ends_at_the_cap_and_is_unstable(void **state)
{
    (void)state;
    sleeper s = {'s', 0, 2, 1000000};
    lw_contestant one = contestant(&s);
    const lw_timing t = {.sample_seconds = 1e-4, .min_seconds = 0.01, .min_samples = 7, .precision = 0.02,
                         .max_seconds = 0.1, .seed = 1};
    lw_moment meanwhile = {0};
    begin();
    assert_int_equal(lw_time_pass(&t, &solo, &one, 1, 0, &meanwhile), LW_EXIT_OK);
    assert_true(one.spent >= 0.1);
    assert_true(one.samples.count < LW_MAX_SAMPLES);
    const lw_disturbance d = lw_disturbance_in(&meanwhile);
    assert_int_equal(lw_stability_judge(&one.samples, 0.02, &d).stability, LW_UNSTABLE);
}

/* Every probe is nothing beside this best one: samples are rejected until patience ends, then the level that there is
 * must do, and the verdict remembers. */
static void samples_without_capacity_are_rejected_then_settled_for(void **state)
{
    (void)state;
    sleeper s = {'s', 0, 0, 300000};
    lw_contestant one = contestant(&s);
    lw_capacity c;
    lw_capacity_init(&c, &solo);
    assert_true(c.best > 0);
    lw_capacity_note(&c, 1e12);
    lw_timing t = once;
    t.capacity = &c;
    t.patience = 0.05;
    t.repetitions = 40; /* on a busy machine patience ends only after several samples */
    lw_moment meanwhile = {0};
    begin();
    assert_int_equal(lw_time_pass(&t, &solo, &one, 1, 0, &meanwhile), LW_EXIT_OK);
    assert_false(one.samples.at[0].accepted && one.samples.count > one.samples.accepted);
    assert_true(one.samples.accepted > 0);
    assert_true(one.samples.at[0].capacity < 1e-3);
    const lw_disturbance d = {0, 0, 0};
    const lw_stability_verdict v = lw_stability_judge(&one.samples, 10, &d);
    assert_int_equal(v.stability, LW_UNSTABLE);
    assert_string_equal(v.why, "taken with 0 % of the threads' capacity");
}

static void without_patience_all_are_rejected_and_then_accepted(void **state)
{
    (void)state;
    sleeper s = {'s', 0, 0, 300000};
    lw_contestant one = contestant(&s);
    lw_capacity c;
    lw_capacity_init(&c, &solo);
    lw_capacity_note(&c, 1e12);
    lw_timing t = once;
    t.capacity = &c;
    lw_moment meanwhile = {0};
    begin();
    assert_int_equal(lw_time_pass(&t, &solo, &one, 1, 0, &meanwhile), LW_EXIT_OK);
    assert_int_equal(one.samples.count, 18); /* each was taken twice, and that is enough */
    assert_int_equal(one.samples.accepted, 18);
}

/* The capacity goes away after the fourth sample. */
static void lose_capacity(void *context, int sample)
{
    if (sample == 4) lw_capacity_note(context, 1e12);
}

/* Four are too few for an interval, and for a verdict that is not `unknown`. */
static void too_few_accepted_for_an_interval_bring_back_the_rejected(void **state)
{
    (void)state;
    lw_capacity c;
    lw_capacity_init(&c, &solo);
    lw_contestant one = {.call = call_nothing, .begin = lose_capacity, .context = &c};
    lw_timing t = once;
    t.capacity = &c;
    lw_moment meanwhile = {0};
    assert_int_equal(lw_time_pass(&t, &solo, &one, 1, 0, &meanwhile), LW_EXIT_OK);
    assert_int_equal(one.samples.count, 18);
    assert_int_equal(one.samples.accepted, 18);
    const lw_disturbance d = {0, 0, 0};
    assert_int_equal(lw_stability_judge(&one.samples, 10, &d).stability, LW_UNSTABLE);
}

/* Nine samples in three passes: three more each, and rounds that go on. The loop count is of the first. */
static void passes_share_the_samples(void **state)
{
    (void)state;
    sleeper a = {'a', 0, 0, 500000}, b = {'b', 0, 0, 500000};
    lw_contestant both[] = {contestant(&a), contestant(&b)};
    lw_timing t = once;
    lw_moment meanwhile = {0};
    t.passes = 3;
    begin();
    for (int pass = 0; pass < 3; pass++) {
        const double before = meanwhile.wall;
        assert_int_equal(lw_time_pass(&t, &solo, both, 2, pass, &meanwhile), LW_EXIT_OK);
        assert_true(meanwhile.wall > before);
        for (int i = 0; i < 2; i++) {
            const lw_samples *s = &both[i].samples;
            assert_int_equal(s->count, 3 * (pass + 1));
            for (int j = 0; j < s->count; j++) {
                assert_int_equal(s->at[j].pass, j / 3);
                assert_int_equal(s->at[j].round, j);
            }
        }
    }
}

/* Without --repetitions: time and samples in parts, then precision in the last pass alone. */
static void only_the_last_pass_goes_on_for_precision(void **state)
{
    (void)state;
    sleeper s = {'s', 0, 2, 1000000};
    lw_contestant one = contestant(&s);
    const lw_timing t = {.sample_seconds = 1e-4, .min_seconds = 0.02, .min_samples = 6, .precision = 0.02,
                         .max_seconds = 0.1, .passes = 2, .seed = 1};
    lw_moment meanwhile = {0};
    begin();
    assert_int_equal(lw_time_pass(&t, &solo, &one, 1, 0, &meanwhile), LW_EXIT_OK);
    assert_true(one.samples.count >= 3);
    assert_true(one.spent >= 0.01 && one.spent < 0.05);
    assert_int_equal(lw_time_pass(&t, &solo, &one, 1, 1, &meanwhile), LW_EXIT_OK);
    assert_true(one.spent >= 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repetitions_are_exact_and_rounds_are_shared),
        cmocka_unit_test(each_sample_begins_and_is_made_warm),
        cmocka_unit_test(order_is_drawn_or_kept),
        cmocka_unit_test(an_imprecise_contestant_ends_at_the_cap_and_is_unstable),
        cmocka_unit_test(samples_without_capacity_are_rejected_then_settled_for),
        cmocka_unit_test(too_few_accepted_for_an_interval_bring_back_the_rejected),
        cmocka_unit_test(passes_share_the_samples),
        cmocka_unit_test(only_the_last_pass_goes_on_for_precision),
        cmocka_unit_test(without_patience_all_are_rejected_and_then_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
