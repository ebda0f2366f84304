/* SPDX-License-Identifier: BSD-3-Clause
 * test_conditions.c: good, bad and unknown, from made-up /sys and /proc. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/machine/conditions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char root[64];

static void put(const char *path, const char *content)
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = strchr(full + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0777);
        *slash = '/';
    }
    FILE *f = fopen(full, "w");
    assert_non_null(f);
    fputs(content, f);
    assert_int_equal(fclose(f), 0);
}

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/lanewise-conditions.XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", root);
    return system(command);
}

static lw_condition read_one(lw_condition_kind kind)
{
    lw_conditions c;
    lw_conditions_read(&c, root);
    return c.of[kind];
}

static void nothing_is_unknown(void **state)
{
    (void)state;
    lw_conditions c;
    char text[128];
    lw_conditions_read(&c, root);
    for (int i = 0; i < LW_CONDITIONS; i++)
        if (i != LW_HYPERVISOR && i != LW_ASLR) assert_int_equal(c.of[i].state, LW_UNKNOWN);
    assert_string_equal(lw_condition_text(&c.of[LW_GOVERNOR], text, sizeof text), "unknown");
    lw_workers w = {.size = 1};
    lw_conditions_read_team(&c, root, &w);
    assert_int_equal(c.of[LW_SMT].state, LW_UNKNOWN);
}

static void governors(void **state)
{
    (void)state;
    char text[128];
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
    assert_int_equal(read_one(LW_GOVERNOR).state, LW_GOOD);
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    lw_condition c = read_one(LW_GOVERNOR);
    assert_string_equal(lw_condition_text(&c, text, sizeof text), "bad: powersave");
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", ""); /* martinus/nanobench#53 */
    assert_int_equal(read_one(LW_GOVERNOR).state, LW_UNKNOWN);
}

static void turbo(void **state)
{
    (void)state;
    put("/sys/devices/system/cpu/cpufreq/boost", "1\n");
    assert_int_equal(read_one(LW_TURBO).state, LW_BAD);
    put("/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
    assert_int_equal(read_one(LW_TURBO).state, LW_GOOD);
}

static void load_needs_a_clock_that_moves(void **state)
{
    (void)state;
    put("/proc/stat", "cpu  1 2 3 4 5 6 7 8 0 0\n"); /* no time passes */
    put("/proc/loadavg", "0.50 0.40 0.30 1/100 5\n");
    lw_condition c = read_one(LW_LOAD);
    assert_int_equal(c.state, LW_UNKNOWN);
    assert_non_null(strstr(c.detail, "0.50"));
    put("/proc/stat", "nonsense\n");
    assert_int_equal(read_one(LW_LOAD).state, LW_UNKNOWN);
}

static void quota_and_aslr(void **state)
{
    (void)state;
    put("/sys/fs/cgroup/cpu.max", "max 100000\n");
    assert_int_equal(read_one(LW_QUOTA).state, LW_GOOD);
    put("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    assert_int_equal(read_one(LW_QUOTA).state, LW_BAD);
    put("/proc/sys/kernel/randomize_va_space", "0\n");
    assert_int_equal(read_one(LW_ASLR).state, LW_GOOD);
}

static void this_machine_does_not_crash(void **state)
{
    (void)state;
    lw_conditions c;
    lw_conditions_read(&c, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_unknown, make_root, remove_root),
        cmocka_unit_test_setup_teardown(governors, make_root, remove_root),
        cmocka_unit_test_setup_teardown(turbo, make_root, remove_root),
        cmocka_unit_test_setup_teardown(load_needs_a_clock_that_moves, make_root, remove_root),
        cmocka_unit_test_setup_teardown(quota_and_aslr, make_root, remove_root),
        cmocka_unit_test(this_machine_does_not_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
