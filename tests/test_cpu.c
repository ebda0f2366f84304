/* SPDX-License-Identifier: BSD-3-Clause
 * test_cpu.c: CPU detection, from planted CPUID words and from this machine. */
#include "kernels/cpu.h"
#include "kernels/quirks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Bits as the Intel SDM numbers them, written out again on purpose. */
#define ECX_FMA (1u << 12)
#define ECX_OSXSAVE (1u << 27)
#define ECX_AVX (1u << 28)
#define EBX_AVX2 (1u << 5)
#define EBX_AVX512F (1u << 16)
#define EBX_AVX512DQ (1u << 17)
#define EBX_AVX512BW (1u << 30)
#define EBX_AVX512VL (1u << 31)

#define ECX_ALL (ECX_FMA | ECX_OSXSAVE | ECX_AVX)
#define EBX_ALL (EBX_AVX2 | EBX_AVX512F | EBX_AVX512DQ | EBX_AVX512BW | EBX_AVX512VL)

#define AVX2_SET (LW_CPU_AVX2 | LW_CPU_FMA)
#define AVX512_SET (LW_CPU_AVX512F | LW_CPU_AVX512BW | LW_CPU_AVX512DQ | LW_CPU_AVX512VL)

/* Whether a set is usable also depends on its being built: these claims are about builds for x86-64. */
static void only_where_avx2_is_built(void)
{
    if (lw_table_of(LW_ISA_AVX2)->count == 0) skip();
}

static lw_cpu planted(uint32_t leaf1_ecx, uint32_t leaf7_ebx, uint64_t xcr0)
{
    const lw_cpuid words = {leaf1_ecx, leaf7_ebx, xcr0};
    return lw_cpu_from_cpuid(&words);
}

static void everything_reported_and_enabled(void **state)
{
    (void)state;
    only_where_avx2_is_built();
    const lw_cpu cpu = planted(ECX_ALL, EBX_ALL, 0xe7);
    assert_int_equal(cpu.cpu, AVX2_SET | AVX512_SET);
    assert_int_equal(cpu.os, AVX2_SET | AVX512_SET);
    assert_true(lw_isa_usable(LW_ISA_AVX2, &cpu));
}

static void avx512_reported_but_not_enabled(void **state)
{
    (void)state;
    only_where_avx2_is_built();
    /* Each of opmask, upper halves and zmm16-31 missing in turn. */
    const uint64_t xcr0[] = {0x07, 0xc7, 0xa7, 0x67};
    for (size_t i = 0; i < sizeof xcr0 / sizeof xcr0[0]; i++) {
        const lw_cpu cpu = planted(ECX_ALL, EBX_ALL, xcr0[i]);
        assert_int_equal(cpu.cpu, AVX2_SET | AVX512_SET);
        assert_int_equal(cpu.os, AVX2_SET);
        assert_false(lw_isa_usable(LW_ISA_AVX512, &cpu));
        assert_true(lw_isa_usable(LW_ISA_AVX2, &cpu));
    }
}

static void avx_reported_but_not_enabled(void **state)
{
    (void)state;
    only_where_avx2_is_built();
    const uint64_t xcr0[] = {0x00, 0x01, 0x03, 0x05, 0xe0};
    for (size_t i = 0; i < sizeof xcr0 / sizeof xcr0[0]; i++) {
        const lw_cpu cpu = planted(ECX_ALL, EBX_ALL, xcr0[i]);
        assert_int_equal(cpu.os, 0);
        assert_string_equal(lw_isa_why_not(LW_ISA_AVX2, &cpu), "not enabled by the operating system");
        assert_true(lw_isa_usable(LW_ISA_SCALAR, &cpu));
    }
}

static void without_osxsave_nothing_is_enabled(void **state)
{
    (void)state;
    const lw_cpu cpu = planted(ECX_FMA | ECX_AVX, EBX_ALL, 0xe7);
    assert_int_equal(cpu.cpu, AVX2_SET | AVX512_SET);
    assert_int_equal(cpu.os, 0);
}

static void avx2_without_fma_is_not_the_set(void **state)
{
    (void)state;
    only_where_avx2_is_built();
    const lw_cpu cpu = planted(ECX_OSXSAVE | ECX_AVX, EBX_AVX2, 0x07);
    assert_int_equal(cpu.cpu, LW_CPU_AVX2);
    assert_string_equal(lw_isa_why_not(LW_ISA_AVX2, &cpu), "not reported by the CPU");
}

static void each_bit_of_leaf_7_is_its_own(void **state)
{
    (void)state;
    assert_int_equal(planted(ECX_AVX, EBX_AVX2, 0).cpu, LW_CPU_AVX2);
    assert_int_equal(planted(ECX_AVX, EBX_AVX512F, 0).cpu, LW_CPU_AVX512F);
    assert_int_equal(planted(ECX_AVX, EBX_AVX512DQ, 0).cpu, LW_CPU_AVX512DQ);
    assert_int_equal(planted(ECX_AVX, EBX_AVX512BW, 0).cpu, LW_CPU_AVX512BW);
    assert_int_equal(planted(ECX_AVX, EBX_AVX512VL, 0).cpu, LW_CPU_AVX512VL);
    assert_int_equal(planted(0, EBX_ALL, 0xe7).cpu, 0); /* without AVX none of it can be encoded */
}

static void an_old_cpu_has_nothing(void **state)
{
    (void)state;
    const lw_cpu cpu = planted(0, 0, 0);
    assert_int_equal(cpu.cpu | cpu.os, 0);
    assert_true(lw_isa_usable(LW_ISA_SCALAR, &cpu));
    assert_false(lw_isa_usable(LW_ISA_AVX2, &cpu));
}

static void this_machine(void **state)
{
    (void)state;
    const lw_cpu cpu = lw_cpu_detect();
#ifdef __x86_64__
    /* The compiler's run-time library looks at the same bits by itself. */
    __builtin_cpu_init();
    assert_int_equal(lw_isa_usable(LW_ISA_AVX2, &cpu),
                     __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0);
    const bool f = (cpu.cpu & cpu.os & LW_CPU_AVX512F) != 0;
    assert_int_equal(f, __builtin_cpu_supports("avx512f") != 0);
#else
    assert_true(lw_isa_usable(LW_ISA_SCALAR, &cpu));
#endif
}

/* ---------------------------------------------------------------- quirks */

static uint32_t quirks(const char *vendor, int family, int model, const char *brand, bool avx512)
{
    lw_cpu_identity who = {.family = family, .model = model, .avx512 = avx512};
    snprintf(who.vendor, sizeof who.vendor, "%s", vendor);
    snprintf(who.brand, sizeof who.brand, "%s", brand);
    return lw_quirks_of(&who);
}

static void known_cpus_have_their_quirks(void **state)
{
    (void)state;
    const char *intel = "GenuineIntel", *amd = "AuthenticAMD";
    const uint32_t gather = LW_QUIRK_SLOW_GATHER, halves = LW_QUIRK_512_IN_HALVES, one = LW_QUIRK_ONE_512_FMA,
                   clock = LW_QUIRK_512_LOWERS_CLOCK;
    assert_int_equal(quirks(amd, 0x19, 0x11, "AMD EPYC 9654", true), halves | gather);         /* Zen 4 */
    assert_int_equal(quirks(amd, 0x19, 0x21, "AMD Ryzen 9 5950X", false), gather);             /* Zen 3 */
    assert_int_equal(quirks(amd, 0x17, 0x71, "AMD Ryzen 9 3950X", false), gather);             /* Zen 2 */
    assert_int_equal(quirks(amd, 0x1a, 0x02, "AMD EPYC 9755", true), 0);                       /* Zen 5 */
    assert_int_equal(quirks(amd, 0x1a, 0x24, "AMD Ryzen AI 9 HX 370", true), halves);          /* its mobile form */
    assert_int_equal(quirks(intel, 6, 0x55, "Intel(R) Xeon(R) Platinum 8180 CPU", true), clock | gather);
    assert_int_equal(quirks(intel, 6, 0x55, "Intel(R) Xeon(R) Silver 4114 CPU", true), one | clock | gather);
    assert_int_equal(quirks(intel, 6, 0x7e, "Intel(R) Core(TM) i7-1065G7 CPU", true), one | gather);
    assert_int_equal(quirks(intel, 6, 0x6a, "Intel(R) Xeon(R) Platinum 8380 CPU", true), gather);
    assert_int_equal(quirks(intel, 6, 0x8f, "Intel(R) Xeon(R) Platinum 8480+", true), 0);
    assert_int_equal(quirks(intel, 6, 0x3c, "Intel(R) Core(TM) i7-4770 CPU", false), 0);
    assert_int_equal(quirks("", 0, 0, "", false), 0);
}

static void a_quirk_needs_vendor_family_and_feature(void **state)
{
    (void)state;
    assert_int_equal(quirks("GenuineIntel", 0x19, 0x11, "", true), 0);
    assert_int_equal(quirks("AuthenticAMD", 6, 0x55, "Silver", true), 0);
    assert_int_equal(quirks("GenuineIntel", 6, 0x7e, "", false), LW_QUIRK_SLOW_GATHER);
}

static void every_quirk_has_its_source(void **state)
{
    (void)state;
    size_t count;
    const lw_quirk *q = lw_quirks(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) assert_true(q[i].bit && q[i].name && q[i].what && q[i].source && q[i].vendor);
}

/* What can run is the same whoever the CPU says it is. */
static void this_cpu_says_who_it_is(void **state)
{
    (void)state;
    const lw_cpu_identity who = lw_cpu_identify();
#ifdef __x86_64__
    __builtin_cpu_init();
    assert_int_equal(strlen(who.vendor), 12);
    if (__builtin_cpu_is("intel")) assert_string_equal(who.vendor, "GenuineIntel");
    if (__builtin_cpu_is("amd")) assert_string_equal(who.vendor, "AuthenticAMD");
    if (__builtin_cpu_is("amdfam17h")) assert_int_equal(who.family, 0x17);
    assert_true(who.family > 0);
#else
    assert_int_equal(lw_quirks_of(&who), 0);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_reported_and_enabled),
        cmocka_unit_test(avx512_reported_but_not_enabled),
        cmocka_unit_test(avx_reported_but_not_enabled),
        cmocka_unit_test(without_osxsave_nothing_is_enabled),
        cmocka_unit_test(avx2_without_fma_is_not_the_set),
        cmocka_unit_test(each_bit_of_leaf_7_is_its_own),
        cmocka_unit_test(an_old_cpu_has_nothing),
        cmocka_unit_test(this_machine),
        cmocka_unit_test(known_cpus_have_their_quirks),
        cmocka_unit_test(a_quirk_needs_vendor_family_and_feature),
        cmocka_unit_test(every_quirk_has_its_source),
        cmocka_unit_test(this_cpu_says_who_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
