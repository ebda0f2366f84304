/* SPDX-License-Identifier: BSD-3-Clause
 * test_others.c: CPU time of others from a made-up /proc/stat, and capacity from made-up probes. */
#define _GNU_SOURCE
#include "harness/machine/capacity.h"
#include "harness/machine/others.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

static char root[64];

static int make_root(void **state)
{
    char proc[80];
    (void)state;
    strcpy(root, "/tmp/lanewise-others.XXXXXX");
    if (!mkdtemp(root)) return -1;
    snprintf(proc, sizeof proc, "%s/proc", root);
    return mkdir(proc, 0777);
}

static int remove_root(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", root);
    return system(command);
}

/* Two CPUs with so many ticks of user time and of steal; NULL: no such file. */
static lw_moment moment(const char *stat)
{
    static const lw_workers unbound = {.size = 1};
    char path[96];
    snprintf(path, sizeof path, "%s/proc/stat", root);
    remove(path);
    if (stat) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fputs(stat, f);
        assert_int_equal(fclose(f), 0);
    }
    return lw_moment_now(root, &unbound);
}

#define STAT(user0, steal0, user1)                                                                                     \
    "cpu  9 9 9 9 9 9 9 9 0 0\n"                                                                                       \
    "cpu0 " user0 " 10 10 5000 7 1 2 " steal0 " 0 0\n"                                                                 \
    "cpu1 " user1 " 10 10 5000 7 1 2 0 0 0\nintr 1 2 3\n"

static void busy_and_stolen_ticks_add_up(void **state)
{
    (void)state;
    const lw_moment m = moment(STAT("100", "40", "300"));
    assert_true(m.known);
    assert_int_equal(m.machine_cpus, 2);
    assert_int_equal(m.team_cpus, 2); /* unbound: any may be in use */
    assert_true(fabs(m.machine - (1.00 + 0.23 + 0.40 + 3.00 + 0.23)) < 1e-9);
}

/* One second, in which this process took 0.4 s: of one CPU in use, of two in the machine. */
static lw_disturbance second_with(double team, double machine)
{
    const lw_moment a = {.known = true, .wall = 10, .own = 5, .team = 3, .machine = 7, .team_cpus = 1, .machine_cpus = 2};
    lw_moment b = a;
    b.wall += 1;
    b.own += 0.4;
    b.team += team;
    b.machine += machine;
    b.switches = 120;
    return lw_disturbance_between(&a, &b);
}

static void own_time_is_not_of_others(void **state)
{
    (void)state;
    lw_disturbance d = second_with(0.4, 0.4);
    assert_true(d.team == 0 && d.machine == 0 && d.switches == 120);
    d = second_with(0.9, 1.4);
    assert_true(fabs(d.team - 0.5) < 1e-9 && fabs(d.machine - 0.5) < 1e-9);
    d = second_with(0.42, 0.42); /* two ticks may be rounding */
    assert_true(d.team == 0 && d.machine == 0);
    d = second_with(0.1, 0.1); /* our threads were elsewhere */
    assert_true(d.team == 0);
}

static void what_cannot_be_read_is_unknown(void **state)
{
    (void)state;
    const lw_moment none = moment(NULL), odd = moment("cpu0 1 2 3\nwhatever\n"), some = moment(STAT("1", "0", "1"));
    assert_false(none.known);
    assert_false(odd.known);
    lw_moment later = some;
    later.wall += 1;
    assert_true(isnan(lw_disturbance_between(&none, &later).team));
    assert_false(isnan(lw_disturbance_between(&some, &later).team));
    later.machine_cpus--; /* one went offline: sums do not compare */
    assert_true(isnan(lw_disturbance_between(&some, &later).machine));
}

/* ---------------------------------------------------------------- capacity */

static void probes_are_held_against_the_best(void **state)
{
    (void)state;
    lw_capacity c = {.level = 0};
    lw_capacity_note(&c, 100);
    assert_true(lw_capacity_enough(&c, 100));
    assert_true(lw_capacity_enough(&c, 86));
    assert_false(lw_capacity_enough(&c, 84));
    lw_capacity_note(&c, 50);
    assert_false(lw_capacity_enough(&c, c.last));
    lw_capacity_note(&c, 120); /* the start was a slow moment */
    assert_false(lw_capacity_enough(&c, 100));
}

static void what_stays_slow_is_settled_for_but_not_forgotten(void **state)
{
    (void)state;
    lw_capacity c = {.level = 0};
    lw_capacity_note(&c, 100);
    lw_capacity_settle(&c, 52);
    assert_true(lw_capacity_enough(&c, 50));
    assert_true(c.best == 100);
    lw_capacity_note(&c, 98); /* it came back */
    assert_false(lw_capacity_enough(&c, 52));
    lw_capacity_settle(&c, 0); /* no probe: nothing to settle for */
    assert_true(c.level == 98);
}

/* Two intervals with a busy time between them that counts for neither. */
static void intervals_apart_count_as_one(void **state)
{
    (void)state;
    lw_moment sum = {0};
    lw_moment m[4];
    for (int i = 0; i < 4; i++) m[i] = (lw_moment){.known = true, .team_cpus = 1, .machine_cpus = 2};
    m[1].wall = 1, m[1].team = 0.2, m[1].machine = 0.2, m[1].switches = 3;
    m[2].wall = 9, m[2].team = 8.2, m[2].machine = 8.2, m[2].switches = 900, m[2].own = 5;
    m[3].wall = 10, m[3].team = 9.2, m[3].machine = 9.2, m[3].switches = 901, m[3].own = 6;
    lw_moment_add(&sum, &m[0], &m[1]);
    lw_moment_add(&sum, &m[2], &m[3]);
    lw_disturbance d = lw_disturbance_in(&sum);
    assert_float_equal(d.team, 0.1, 1e-6);
    assert_float_equal(d.machine, 0.05, 1e-6);
    assert_float_equal(d.switches, 2, 1e-6);
    m[3].known = false; /* one that is not known makes the whole unknown */
    lw_moment_add(&sum, &m[2], &m[3]);
    lw_moment_add(&sum, &m[0], &m[1]);
    d = lw_disturbance_in(&sum);
    assert_true(isnan(d.team) && isnan(d.machine) && isfinite(d.switches));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_apart_count_as_one),
        cmocka_unit_test(busy_and_stolen_ticks_add_up),
        cmocka_unit_test(own_time_is_not_of_others),
        cmocka_unit_test(what_cannot_be_read_is_unknown),
        cmocka_unit_test(probes_are_held_against_the_best),
        cmocka_unit_test(what_stays_slow_is_settled_for_but_not_forgotten),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
