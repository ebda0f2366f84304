/* SPDX-License-Identifier: BSD-3-Clause
 * test_roofline.c: the arithmetic of the bound by hand, and that the measured ceilings are numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/machine/bandwidth.h"
#include "harness/machine/ceilings.h"
#include "harness/machine/frequency.h"

#include <math.h>

static lw_ceilings made_up(void)
{
    lw_workers w = {.size = 1};
    lw_ceilings c;
    lw_ceilings_plan(&c, &w, true);
    lw_isa isa = LW_ISA_SCALAR;
    c.gflops[isa] = 100;
    const double read[] = {200, 100, 50, 10};
    const size_t capacity[] = {1000, 10000, 100000, SIZE_MAX};
    for (int level = 0; level < LW_LEVELS; level++) {
        c.read[isa][level] = read[level];
        c.triad[isa][level] = read[level] / 2;
        c.capacity[level] = capacity[level];
    }
    return c;
}

static void expect(lw_bound b, const char *name, double seconds)
{
    assert_string_equal(b.name, name);
    assert_true(fabs(b.seconds / seconds - 1) < 1e-12);
}

static void bounds_by_hand(void **state)
{
    (void)state;
    lw_ceilings c = made_up();
    lw_isa isa = LW_ISA_SCALAR;
    expect(lw_ceilings_bound(&c, isa, 1e6, 1000, 1000, LW_LEVEL_L1), "FMA", 1e6 / 100e9);
    expect(lw_ceilings_bound(&c, isa, 100, 1000, 1000, LW_LEVEL_L1), "L1", 1000 / 200e9);
    expect(lw_ceilings_bound(&c, isa, 0, 1000, 1000, LW_LEVEL_DRAM), "DRAM", 1000 / 10e9);
    /* What fits into L1 comes from there. */
    expect(lw_ceilings_bound(&c, isa, 0, 10000, 10000, LW_LEVEL_L1), "L2", 1000 / 200e9 + 9000 / 100e9);
    /* The bytes of a footprint that is walked twice are spread alike. */
    expect(lw_ceilings_bound(&c, isa, 0, 4000, 2000, LW_LEVEL_L1), "L2", 2000 / 200e9 + 2000 / 100e9);
    expect(lw_ceilings_bound(&c, isa, 0, 1e6, 1e6, LW_LEVEL_L1), "DRAM",
           1000 / 200e9 + 9000 / 100e9 + 90000 / 50e9 + 900000 / 10e9);
    assert_true(fabs(lw_ceilings_ridge(&c, isa, LW_LEVEL_DRAM) - 10) < 1e-12);
}

static void missing_ceilings_are_unknown(void **state)
{
    (void)state;
    lw_ceilings c = made_up();
    assert_string_equal(lw_ceilings_bound(&c, LW_ISA_AVX2, 100, 100, 100, LW_LEVEL_L1).name, "unknown");
    assert_true(isnan(lw_ceilings_bound(&c, LW_ISA_AVX2, 100, 100, 100, LW_LEVEL_L1).seconds));
    c.capacity[LW_LEVEL_L3] = 0; /* a machine without L3: memory comes next */
    expect(lw_ceilings_bound(&c, LW_ISA_SCALAR, 0, 20000, 20000, LW_LEVEL_L1), "DRAM",
           1000 / 200e9 + 9000 / 100e9 + 10000 / 10e9);
}

/* As fast as the bound or slower: the bound. Faster: a nearer level, and its bandwidth. Faster than all: no claim. */
static void no_level_is_claimed_that_was_beaten(void **state)
{
    (void)state;
    lw_ceilings c = made_up();
    const lw_isa isa = LW_ISA_SCALAR;
    const lw_level home = lw_ceilings_home(&c, 1e6);
    assert_int_equal(home, LW_LEVEL_DRAM);
    assert_int_equal(lw_ceilings_home(&c, 1000), LW_LEVEL_L1);
    assert_int_equal(lw_ceilings_home(&c, 1001), LW_LEVEL_L2);
    expect(lw_ceilings_claim(&c, isa, 0, 1000, 1e6, home, 1000 / 9e9), "DRAM", 1000 / 10e9);
    expect(lw_ceilings_claim(&c, isa, 0, 1000, 1e6, home, 1000 / 11e9), "L3", 1000 / 50e9);
    expect(lw_ceilings_claim(&c, isa, 0, 1000, 1e6, home, 1000 / 150e9), "L1", 1000 / 200e9);
    assert_string_equal(lw_ceilings_claim(&c, isa, 0, 1000, 1e6, home, 1000 / 201e9).name, "unknown");
    expect(lw_ceilings_claim(&c, isa, 1e6, 1000, 1000, LW_LEVEL_L1, 1e6 / 99e9), "FMA", 1e6 / 100e9);
    assert_string_equal(lw_ceilings_claim(&c, isa, 1e6, 1000, 1000, LW_LEVEL_L1, 1e6 / 101e9).name, "unknown");
    c.capacity[LW_LEVEL_L3] = 0; /* no such level: memory's neighbour is L2 */
    expect(lw_ceilings_claim(&c, isa, 0, 1000, 1e6, home, 1000 / 11e9), "L2", 1000 / 100e9);
}

static void a_low_peak_is_looked_at_again(void **state)
{
    (void)state;
    lw_workers w;
    lw_ceilings c = made_up();
    assert_true(lw_workers_init(&w, NULL, 1));
    c.gflops[LW_ISA_SCALAR] = 1e-6;
    lw_ceilings_look_again(&c, &w);
    assert_true(c.gflops[LW_ISA_SCALAR] > 1e-3);
    assert_true(isnan(c.gflops[LW_ISA_AVX2])); /* what was not measured stays so */
    c.gflops[LW_ISA_SCALAR] = 1e-6;
    lw_ceilings_reach(&c, &w, LW_ISA_SCALAR, 1e-7); /* it is reached already */
    assert_true(c.gflops[LW_ISA_SCALAR] == 1e-6);
    lw_ceilings_reach(&c, &w, LW_ISA_SCALAR, 1e-5);
    assert_true(c.gflops[LW_ISA_SCALAR] > 1e-3);
    c.gflops[LW_ISA_SCALAR] = 1e9;
    lw_ceilings_look_again(&c, &w);
    assert_true(c.gflops[LW_ISA_SCALAR] == 1e9); /* never lower */
}

static void measured_numbers_are_numbers(void **state)
{
    (void)state;
    lw_workers w;
    assert_true(lw_workers_init(&w, NULL, 1));
    lw_streams *s = lw_streams_new(&w, 1 << 20);
    assert_non_null(s);
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) {
        lw_cpu cpu = lw_cpu_detect();
        if (lw_isa_needs((lw_isa)isa) & ~(cpu.cpu & cpu.os)) continue;
        double read = lw_bandwidth(s, (lw_isa)isa, LW_STREAM_READ, 16 << 10);
        double triad = lw_bandwidth(s, (lw_isa)isa, LW_STREAM_TRIAD, 16 << 10);
        assert_true(read > 0.01 && read < 1e5 && triad > 0.01 && triad < 1e5);
        assert_true(isnan(lw_bandwidth(s, (lw_isa)isa, LW_STREAM_READ, 16)));
    }
    lw_streams_free(s);
    double ghz = lw_effective_ghz();
#if defined(__x86_64__) || defined(__aarch64__)
    assert_true(ghz > 0.01 && ghz < 20);
    assert_true(lw_workers_ghz(&w) > 0.01);
#else
    assert_true(isnan(ghz));
#endif
}

/* What a small call cannot reach is not measured, and what it reaches has its bound. */
static void levels_that_no_call_reaches_are_left_out(void **state)
{
    (void)state;
    const lw_workers w = {.size = 1};
    const bool wanted[LW_ISA_COUNT] = {[LW_ISA_SCALAR] = true};
    const lw_isa isa = LW_ISA_SCALAR;
    lw_ceilings c;
    lw_ceilings_plan(&c, &w, true);
    const double l1 = (double)c.capacity[LW_LEVEL_L1], l2 = (double)c.capacity[LW_LEVEL_L2];
    assert_true(lw_ceilings_measure(&c, &w, wanted, true, l1));
    assert_true(c.read[isa][LW_LEVEL_L1] > 0 && isnan(c.read[isa][LW_LEVEL_L2]));
    assert_string_equal(lw_ceilings_bound(&c, isa, 0, l1, l1, LW_LEVEL_L1).name, "L1");
    assert_true(lw_ceilings_measure(&c, &w, wanted, true, l2));
    assert_true(c.triad[isa][LW_LEVEL_L2] > 0 && isnan(c.read[isa][LW_LEVEL_DRAM]));
    assert_true(isfinite(lw_ceilings_bound(&c, isa, 0, l2, l2, LW_LEVEL_L1).seconds));
    assert_true(lw_ceilings_measure(&c, &w, wanted, true, INFINITY));
    assert_true(c.read[isa][LW_LEVEL_DRAM] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_by_hand),
        cmocka_unit_test(missing_ceilings_are_unknown),
        cmocka_unit_test(no_level_is_claimed_that_was_beaten),
        cmocka_unit_test(a_low_peak_is_looked_at_again),
        cmocka_unit_test(levels_that_no_call_reaches_are_left_out),
        cmocka_unit_test(measured_numbers_are_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
