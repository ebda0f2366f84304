/* SPDX-License-Identifier: BSD-3-Clause
 * test_dispatch.c: from a request to descriptors or to a refusal, and what the tables promise. */
#include "kernels/kernels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char message[1024];

static bool request(lw_dispatch *d, const char *name)
{
    memset(message, '#', sizeof message);
    return lw_dispatch_init(d, name, message, sizeof message);
}

static void assert_one_line_with(const char *const parts[])
{
    assert_null(strchr(message, '\n'));
    for (; *parts; parts++)
        if (!strstr(message, *parts)) fail_msg("'%s' is not in: %s", *parts, message);
}

/* ---------------------------------------------------------------- requests */

static void every_usable_set_serves_every_op(void **state)
{
    (void)state;
    const lw_cpu cpu = lw_cpu_detect();
    for (int i = 0; i < LW_ISA_COUNT; i++) {
        const lw_isa isa = (lw_isa)i;
        lw_dispatch d;
        if (!lw_isa_usable(isa, &cpu)) {
            print_message("skipped: %s is %s\n", lw_isa_name(isa), lw_isa_why_not(isa, &cpu));
            assert_false(request(&d, lw_isa_name(isa)));
            continue;
        }
        assert_true(request(&d, lw_isa_name(isa)));
        assert_string_equal(message, "");
        assert_int_equal(d.isa, isa);
        for (int op = 0; op < LW_OP_COUNT; op++) {
            assert_int_equal(d.op[op]->op, op);
            assert_int_equal(d.op[op]->isa, isa);
        }
    }
}

static void auto_takes_the_best_hand_written_set(void **state)
{
    (void)state;
    const lw_cpu cpu = lw_cpu_detect();
    lw_dispatch d;
    assert_true(request(&d, "auto"));
    lw_isa best = LW_ISA_SCALAR;
    if (lw_isa_usable(LW_ISA_NEON, &cpu)) best = LW_ISA_NEON;
    if (lw_isa_usable(LW_ISA_AVX2, &cpu)) best = LW_ISA_AVX2;
    if (lw_isa_usable(LW_ISA_AVX512, &cpu)) best = LW_ISA_AVX512;
    assert_int_equal(d.isa, best);
}

static void an_unknown_name_is_refused(void **state)
{
    (void)state;
    const char *const names[] = {"avx3", "AVX2", "avx2 ", "aut", "autox"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        lw_dispatch d;
        assert_false(request(&d, names[i]));
        assert_one_line_with((const char *const[]){
            "kernel '", names[i], "' is unknown; ", "known: auto scalar autovec avx2 avx512 neon; ",
            "built: scalar autovec", "CPU-supported: scalar", "OS-enabled: scalar", NULL});
    }
}

static void a_set_that_is_not_built_is_refused(void **state)
{
    (void)state;
    int refused = 0;
    for (int i = 0; i < LW_ISA_COUNT; i++) {
        if (lw_table_of((lw_isa)i)->count) continue;
        lw_dispatch d;
        assert_false(request(&d, lw_isa_name((lw_isa)i)));
        assert_one_line_with(
            (const char *const[]){lw_isa_name((lw_isa)i), "' is not built; known: auto ", NULL});
        refused++;
    }
    assert_true(refused > 0); /* x86 and AArch64 sets are never in one build */
}

static void the_environment_stands_in_for_a_request(void **state)
{
    (void)state;
    lw_dispatch d;
    setenv("LANEWISE_KERNEL", "scalar", 1);
    assert_true(request(&d, NULL));
    assert_int_equal(d.isa, LW_ISA_SCALAR);

    setenv("LANEWISE_KERNEL", "mmx", 1);
    assert_false(request(&d, NULL));
    assert_one_line_with((const char *const[]){"LANEWISE_KERNEL 'mmx' is unknown", "known: auto", NULL});
    assert_true(request(&d, "scalar")); /* a request goes first */

    lw_dispatch best;
    assert_true(request(&best, "auto"));
    setenv("LANEWISE_KERNEL", "", 1);
    assert_true(request(&d, NULL));
    assert_int_equal(d.isa, best.isa);
    unsetenv("LANEWISE_KERNEL");
    assert_true(request(&d, NULL));
    assert_int_equal(d.isa, best.isa);
}

static void a_message_is_cut_to_its_buffer(void **state)
{
    (void)state;
    lw_dispatch d;
    for (size_t size = 0; size < 64; size++) {
        memset(message, '#', sizeof message);
        assert_false(lw_dispatch_init(&d, "mmx", message, size));
        for (size_t i = size; i < sizeof message; i++) assert_int_equal(message[i], '#');
        if (size) assert_true(strlen(message) < size);
    }
}

/* ---------------------------------------------------------------- tables */

static void rows_are_whole(void **state)
{
    (void)state;
    for (int i = 0; i < LW_ISA_COUNT; i++) {
        const lw_table *table = lw_table_of((lw_isa)i);
        assert_int_equal(table->isa, i);
        bool served[LW_OP_COUNT] = {false};
        for (size_t r = 0; r < table->count; r++) {
            const lw_kernel *k = &table->rows[r];
            assert_int_equal(k->isa, i);
            assert_true((unsigned)k->op < LW_OP_COUNT);
            assert_non_null(k->fn.sgemm); /* whichever member: all are pointers to functions */
            /* beside what every object needs on this architecture */
            assert_int_equal(k->needs & ~(lw_isa_needs(k->isa) | lw_table_of(LW_ISA_SCALAR)->rows[0].needs), 0);
            assert_true(k->tolerance > 0);
            assert_false(k->priority > 0 && k->serves.sgemm); /* what is dispatched is asked for every problem */
            if (k->priority > 0) served[k->op] = true;
            for (size_t q = 0; q < r; q++) assert_string_not_equal(k->name, table->rows[q].name);
        }
        for (int op = 0; op < LW_OP_COUNT && table->count; op++)
            if (!served[op])
                fail_msg("%s has no kernel for %s", lw_isa_name((lw_isa)i), lw_op_name((lw_op)op));
    }
}

static void needs_follow_the_compile_flags(void **state)
{
    (void)state;
#ifdef __x86_64__
    assert_int_equal(lw_table_of(LW_ISA_SCALAR)->rows[0].needs, 0);
    assert_int_equal(lw_table_of(LW_ISA_AVX2)->rows[0].needs, LW_CPU_AVX2 | LW_CPU_FMA);
    assert_int_equal(lw_isa_needs(LW_ISA_AUTOVEC), LW_CPU_AVX2 | LW_CPU_FMA);
#else
    skip();
#endif
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(lw_op_name(LW_OP_CONV2D_BWD_WEIGHTS), "conv2d_bwd_weights");
    assert_string_equal(lw_op_name(LW_OP_ADAM), "adam");
    assert_string_equal(lw_isa_name(LW_ISA_AUTOVEC), "autovec");
    assert_string_equal(lw_isa_name(LW_ISA_NEON), "neon");
}

int main(void)
{
    unsetenv("LANEWISE_KERNEL");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_usable_set_serves_every_op),
        cmocka_unit_test(auto_takes_the_best_hand_written_set),
        cmocka_unit_test(an_unknown_name_is_refused),
        cmocka_unit_test(a_set_that_is_not_built_is_refused),
        cmocka_unit_test(the_environment_stands_in_for_a_request),
        cmocka_unit_test(a_message_is_cut_to_its_buffer),
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(needs_follow_the_compile_flags),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
