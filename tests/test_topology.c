/* SPDX-License-Identifier: BSD-3-Clause
 * test_topology.c: where threads go, on machines that this one is not. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/machine/ceilings.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lw_topology *load(const char *xml)
{
    char path[512];
    snprintf(path, sizeof path, "%s/topology/%s", LANEWISE_TESTS, xml);
    assert_int_equal(setenv("HWLOC_XMLFILE", path, 1), 0);
    lw_topology *t = lw_topology_new();
    unsetenv("HWLOC_XMLFILE");
    assert_non_null(t);
    assert_true(lw_topology_machine(t)->foreign);
    return t;
}

static void expect_order(lw_topology *t, const char *bind, const char *want)
{
    char err[256], got[1024] = "";
    assert_true(lw_topology_arrange(t, bind, err, sizeof err));
    for (int i = 0; i < lw_topology_cpus(t); i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%d", i ? " " : "", lw_topology_cpu(t, i));
    assert_string_equal(got, want);
}

static void expect_refusal(lw_topology *t, const char *bind, const char *part)
{
    char err[256];
    assert_false(lw_topology_arrange(t, bind, err, sizeof err));
    assert_non_null(strstr(err, part));
    assert_null(strchr(err, '\n'));
}

static void two_sockets(void **state)
{
    (void)state;
    lw_topology *t = load("two-socket.xml");
    const lw_machine *m = lw_topology_machine(t);
    assert_int_equal(m->packages, 2);
    assert_int_equal(m->cores, 16);
    assert_int_equal(m->cpus, 32);
    assert_int_equal(m->nodes, 2);
    assert_int_equal(lw_topology_default_threads(t), 16);
    expect_order(t, "cores", "0 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30");
    assert_int_equal(lw_topology_node(t, 7), 0);
    assert_int_equal(lw_topology_node(t, 8), 1);
    assert_false(lw_topology_shares_cores(t, 16));
    expect_order(t, NULL, "0 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 1 3 5 7 9 11 13 15 17 19 21 23 25 27 29 31");
    assert_true(lw_topology_shares_cores(t, 17));
    expect_order(t, "threads", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31");
    expect_order(t, "3,0,28-30", "3 0 28 29 30");
    expect_refusal(t, "0,32", "may not use CPU 32");
    expect_refusal(t, "0,1,0", "CPU 0 twice");
    expect_refusal(t, "fast", "--bind wants auto, none, cores, threads or a list");
    expect_refusal(t, "3-1", "--bind wants");
    expect_refusal(t, "1,", "--bind wants");
    assert_false(lw_topology_bind(t, 0)); /* hwloc would say yes and do nothing */
    lw_topology_free(t);
}

static void fast_cores_come_first(void **state)
{
    (void)state;
    char kind[32];
    lw_topology *t = load("hybrid.xml");
    assert_int_equal(lw_topology_machine(t)->kinds, 2);
    assert_int_equal(lw_topology_default_threads(t), 4); /* the fast cores alone */
    expect_order(t, "cores", "0 2 4 6 8 9 10 11");
    assert_string_equal(lw_topology_core_kind(t, 0, kind, sizeof kind), "IntelCore");
    assert_string_equal(lw_topology_core_kind(t, 7, kind, sizeof kind), "IntelAtom");
    expect_order(t, "auto", "0 2 4 6 8 9 10 11 1 3 5 7");
    expect_order(t, "threads", "0 1 2 3 4 5 6 7 8 9 10 11");
    lw_topology_free(t);
}

static void caches_of_a_team(void **state)
{
    (void)state;
    size_t bytes;
    int sharers;
    lw_topology *t = load("two-socket.xml");
    assert_true(lw_topology_cache(t, 3, 4, &bytes, &sharers));
    assert_int_equal(bytes, 32 << 20);
    assert_int_equal(sharers, 4);
    assert_true(lw_topology_cache(t, 3, 16, &bytes, &sharers));
    assert_int_equal(bytes, 4 * (32 << 20));
    lw_workers w = {.size = 16, .topology = t};
    lw_ceilings c;
    lw_ceilings_plan(&c, &w, true);
    assert_int_equal(c.set[LW_LEVEL_L1], 24 << 10);
    assert_true(c.set[LW_LEVEL_L3] > 1 << 20 && 16 * c.set[LW_LEVEL_L3] < 4 * (32 << 20));
    lw_topology_free(t);
}

static void missing_caches_are_a_normal_case(void **state)
{
    (void)state;
    lw_workers w = {.size = 2};
    lw_ceilings c;
    lw_ceilings_plan(&c, &w, false);
    assert_int_equal(c.reported[LW_LEVEL_L1], 0);
    assert_true(c.set[LW_LEVEL_L1] >= 8 << 10 && c.set[LW_LEVEL_L2] > c.set[LW_LEVEL_L1]);
    assert_int_equal(c.set[LW_LEVEL_L3], 0);
    assert_true(2 * c.set[LW_LEVEL_DRAM] >= (size_t)32 << 20);
}

static void an_inherited_mask_is_kept(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    int last = -1;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &before)) last = cpu;
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    lw_topology *t = lw_topology_new();
    assert_non_null(t);
    assert_int_equal(lw_topology_machine(t)->usable_cpus, 1);
    assert_int_equal(lw_topology_cpu(t, 0), last);
    assert_int_equal(lw_topology_cpu(t, 1), -1);
    lw_workers w;
    assert_true(lw_workers_init(&w, t, 1));
    char want[16];
    snprintf(want, sizeof want, "%d", last);
    if (w.bound) assert_string_equal(w.placement, want);
    lw_topology_free(t);
    sched_setaffinity(0, sizeof before, &before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_sockets),
        cmocka_unit_test(fast_cores_come_first),
        cmocka_unit_test(caches_of_a_team),
        cmocka_unit_test(missing_caches_are_a_normal_case),
        cmocka_unit_test(an_inherited_mask_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
