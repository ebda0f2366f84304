/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_kernels.c: every row of every table, as a test of its own named like "conv2d_fwd_direct/avx2". The tests
 * are made from the tables at run time, so no kernel exists untested.
 *
 *   LW_SEED=N            values and random problems (default: drawn anew, and printed)
 *   LW_TEST=PATTERN      only tests whose name matches, with * and ?
 *   LW_TEST_LONG=1       every setting of every problem, more random problems
 *   LANEWISE_REQUIRE=avx2,avx512   sets whose absence is a failure instead of a skip
 */
#define _GNU_SOURCE
#include "harness/select.h"
#include "harness/machine/workers.h"
#include "oracle/oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

enum { MOST_TESTS = 1024 };

static uint64_t seed;
static bool thorough;
static int executed;

static bool required(lw_isa isa)
{
    const char *list = getenv("LANEWISE_REQUIRE");
    const size_t length = strlen(lw_isa_name(isa));
    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == length && strncmp(at, lw_isa_name(isa), length) == 0) return true;
    return false;
}

static void fail_case(const lw_kernel *k, const lw_problem *p, lw_setting s, const char *detail)
{
    char setting[96];
    fail_msg("%s/%s on %s %s, %s: %s\n  repeat: bench check --kernel %s --op %s --problem %s --seed %llu", k->name,
             lw_isa_name(k->isa), lw_op_name(k->op), p->text, lw_setting_describe(s, setting, sizeof setting), detail,
             lw_isa_name(k->isa), lw_op_name(k->op), p->text, (unsigned long long)seed);
}

static void run_on_team(int size, void (*job)(void *context, const lw_team *team), void *context)
{
    const lw_workers w = {.size = size};
    lw_workers_run(&w, job, context);
}

static void a_team_has_room_for_smaller_ones(const lw_kernel *k, const lw_problem *p)
{
    for (int size = 1; size < 9; size++)
        if (lw_row_workspace(k, &p->args, size) > lw_row_workspace(k, &p->args, size + 1))
            fail_msg("%s/%s on %s: a team of %d gets less workspace than one of %d", k->name, lw_isa_name(k->isa), p->text,
                     size + 1, size);
}

/* Whether there was something to check: not every row is for every problem. */
static bool check(const lw_kernel *k, const lw_problem *p, lw_setting s, int team_size)
{
    lw_case *c = lw_case_new(p, s, seed);
    assert_non_null(c);
    const lw_verdict v = team_size > 1 ? lw_case_check_team(c, k, team_size, run_on_team) : lw_case_check(c, k);
    lw_case_free(c);
    if (!v.pass && !v.declined) fail_case(k, p, s, v.detail);
    return !v.declined;
}

static void kernel_is_right(void **state)
{
    const lw_kernel *k = *state;
    const lw_cpu cpu = lw_cpu_detect();
    const size_t extra = thorough ? 500 : 40;
    lw_problem p;
    if (!lw_kernel_usable(k, &cpu)) {
        if (required(k->isa)) fail_msg("LANEWISE_REQUIRE names %s: %s", lw_isa_name(k->isa), lw_isa_why_not(k->isa, &cpu));
        print_message("skipped: %s/%s: %s\n", k->name, lw_isa_name(k->isa), lw_isa_why_not(k->isa, &cpu));
        skip();
    }
    size_t cases = 0;
    for (size_t i = 0; lw_problem_sweep(k->op, k->mr, k->nr, i, extra, seed, &p); i++) {
        if (thorough)
            for (size_t s = 0; s < LW_SETTINGS; s++) cases += check(k, &p, lw_setting_at(s, i), 1);
        else
            cases += check(k, &p, lw_setting_at(i * 5 + seed, i), 1);
        if (lw_row_serves(k, &p.args)) a_team_has_room_for_smaller_ones(k, &p);
        if (thorough || i % 3 == 0) cases += check(k, &p, lw_setting_at(i, i), 2 + (int)(i / 3 % 4));
    }
    assert_true(cases > 0);
    executed++;
}

/* ---------------------------------------------------------------- the list */

static char names[MOST_TESTS][96];
static struct CMUnitTest tests[MOST_TESTS];

static size_t list_tests(void)
{
    size_t count = 0;
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) {
        const lw_table *table = lw_table_of((lw_isa)isa);
        for (size_t i = 0; i < table->count && count < MOST_TESTS; i++, count++) {
            snprintf(names[count], sizeof names[count], "%s/%s", table->rows[i].name, lw_isa_name((lw_isa)isa));
            tests[count] = (struct CMUnitTest){.name = names[count], .test_func = kernel_is_right,
                                               .initial_state = (void *)&table->rows[i]};
        }
    }
    return count;
}

int main(void)
{
    const char *given = getenv("LW_SEED"), *pattern = getenv("LW_TEST"), *all = getenv("LW_TEST_LONG");
    seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    thorough = all && strcmp(all, "0") != 0;
    printf("seed %llu (LW_SEED repeats it)\n", (unsigned long long)seed);
    if (pattern) cmocka_set_test_filter(pattern);
    const int failures = _cmocka_run_group_tests("kernels", tests, list_tests(), NULL, NULL);
    if (executed == 0 && failures == 0) fprintf(stderr, "test_kernels: no test ran\n");
    return failures != 0 || executed == 0;
}
