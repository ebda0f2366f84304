/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_peers.c: the kernels of other libraries that are on this machine, as tests of their own named like
 * "conv2d_fwd/onednn"; a library that is not there is skipped by name. They are judged by what they promise:
 * ordinary values, in buffers that do not end at protected pages. LANEWISE_REQUIRE=onednn makes its absence a
 * failure. Then what holds with and without them: names, refusals, and that dispatch takes none of them.
 */
#include "harness/sets.h"
#include "oracle/oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOST_TESTS = 64 };

/* ---------------------------------------------------------------- rows */

static void check(const lw_kernel *k, const lw_problem *p, lw_setting s, int *passed)
{
    lw_case *c = lw_case_new(p, s, 1);
    assert_non_null(c);
    const lw_verdict v = lw_case_check(c, k);
    lw_case_free(c);
    if (!v.pass && !v.declined) fail_msg("%s/%s on %s: %s", k->name, k->library, p->text, v.detail);
    *passed += v.pass;
}

/* The default list's smaller problems: what bench compare stands on. The sweep is for `bench check`: a library's
 * bug at an odd size is a finding there, and no failure of ours. */
static void row_is_right(void **state)
{
    const lw_kernel *k = *state;
    int passed = 0;
    for (const char *const *text = lw_problem_defaults(k->op, false); *text; text++) {
        lw_problem p;
        char err[256];
        assert_true(lw_problem_parse(k->op, *text, &p, err, sizeof err));
        const lw_cost cost = lw_problem_cost(&p);
        if (cost.flop > 1e8 || cost.bytes > 3e7) continue; /* the fp64 reference takes seconds */
        check(k, &p, lw_setting_plain, &passed);
        check(k, &p, (lw_setting){LW_FILL_EXACT, LW_PLACE_OFFSET, 3}, &passed);
    }
    assert_true(passed > 0);
}

static void rows_are_well_formed(void **state)
{
    (void)state;
    for (int i = 0; i < LW_PEER_COUNT; i++) {
        const lw_peer *p = lw_peer_open((lw_peer_id)i, LW_CAP_NONE, 1);
        assert_string_equal(p->name, lw_peer_name((lw_peer_id)i));
        assert_true(strlen(p->package) > 0);
        if (!p->found) {
            assert_true(strlen(p->why_not) > 0 && p->count == 0);
            continue;
        }
        assert_true(strlen(p->version) > 0 && strlen(p->uses) > 0 && p->count > 0);
        for (size_t r = 0; r < p->count; r++) {
            const lw_kernel *k = &p->rows[r];
            assert_string_equal(k->library, p->name);
            assert_string_equal(lw_kernel_set(k), p->name);
            assert_ptr_equal(lw_peer_of(k), p);
            assert_true(k->tolerance > 0 && k->threads != LW_THREADS_TEAM);
        }
    }
}

/* ---------------------------------------------------------------- names */

static void names_become_sets(void **state)
{
    (void)state;
    lw_sets s;
    assert_true(lw_sets_parse(&s, "test", "scalar,openblas,blis,openblas"));
    assert_int_equal(s.count, 3);
    assert_int_equal(s.set[0], LW_ISA_SCALAR);
    assert_string_equal(lw_set_name(s.set[1]), "openblas");
    assert_string_equal(lw_set_name(s.set[2]), "blis");
    assert_false(s.optional[s.set[1]]);
    assert_true(lw_sets_parse(&s, "test", "auto,peers"));
    assert_int_equal(s.count, 1 + LW_PEER_COUNT);
    assert_true(s.optional[s.set[1]]);
    assert_true(lw_sets_parse(&s, "test", "peers,openblas")); /* named as well: it must be there */
    assert_false(s.optional[LW_ISA_COUNT + LW_PEER_OPENBLAS]);
    assert_false(lw_sets_parse(&s, "test", "scalar,,openblas"));
    assert_false(lw_sets_parse(&s, "test", "scalar,"));
    assert_false(lw_sets_parse(&s, "test", "mkl"));
}

static void dispatch_takes_no_peer(void **state)
{
    (void)state;
    lw_dispatch d;
    char message[1024];
    for (int i = 0; i < LW_PEER_COUNT; i++)
        assert_false(lw_dispatch_init(&d, lw_peer_name((lw_peer_id)i), message, sizeof message));
    assert_true(lw_dispatch_init(&d, "auto", message, sizeof message));
    for (int op = 0; op < LW_OP_COUNT; op++) assert_null(d.op[op]->library);
}

static void caps_follow_the_sets(void **state)
{
    (void)state;
    lw_sets s;
    lw_peer_cap cap;
    unsetenv("LANEWISE_PEER_ISA");
    assert_true(lw_sets_parse(&s, "test", "scalar,openblas"));
    assert_true(lw_sets_cap(&s, "test", NULL, &cap));
    assert_int_equal(cap, LW_CAP_NONE);
    assert_true(lw_sets_cap(&s, "test", "avx512", &cap));
    assert_int_equal(cap, LW_CAP_AVX512);
    s.set[0] = LW_ISA_AVX2;
    assert_true(lw_sets_cap(&s, "test", "same", &cap));
    assert_int_equal(cap, LW_CAP_AVX2);
    assert_true(lw_sets_cap(&s, "test", "any", &cap));
    assert_int_equal(cap, LW_CAP_NONE);
    setenv("LANEWISE_PEER_ISA", "avx1024", 1);
    assert_false(lw_sets_cap(&s, "test", NULL, &cap));
    unsetenv("LANEWISE_PEER_ISA");
}

/* ---------------------------------------------------------------- hooks */

static int made, released;

static void *doubling_prepare(const lw_add_args *a)
{
    if (a->n == 7) return NULL; /* not offered */
    made++;
    return calloc((size_t)a->n + 1, sizeof(float));
}

static void doubling_release(void *prepared)
{
    released++;
    free(prepared);
}

/* Works in a layout of its own, reversed, which finish turns round. */
static void reversed_add(const lw_add_args *a, void *prepared, const lw_team *team)
{
    (void)team;
    float *own = prepared;
    for (ptrdiff_t i = 0; i < a->n; i++) own[a->n - 1 - i] = a->a[i] + a->b[i];
}

static void reversed_finish(const lw_add_args *a, void *prepared, const lw_team *team)
{
    (void)team;
    const float *own = prepared;
    for (ptrdiff_t i = 0; i < a->n; i++) a->dst[i] = own[a->n - 1 - i];
}

static lw_verdict check_reversed(const char *text)
{
    const lw_kernel k = {.name = "planted", .op = LW_OP_ADD, .tolerance = 1, .fn.add = reversed_add,
                         .prepare.add = doubling_prepare, .finish.add = reversed_finish, .release = doubling_release};
    lw_problem p;
    char err[256];
    assert_true(lw_problem_parse(LW_OP_ADD, text, &p, err, sizeof err));
    lw_case *c = lw_case_new(&p, lw_setting_plain, 1);
    assert_non_null(c);
    lw_verdict v = lw_case_check(c, &k);
    assert_int_equal(lw_case_prepare(c, &k, 1), !v.declined);
    if (!v.declined) lw_case_run(c, &k, &lw_team_solo);
    lw_case_free(c);
    return v;
}

static void hooks_bracket_the_calls(void **state)
{
    (void)state;
    made = released = 0;
    assert_true(check_reversed("n37").pass);
    assert_true(made > 0);
    assert_int_equal(made, released);
    const lw_verdict v = check_reversed("n7");
    assert_true(v.declined && !v.pass);
    assert_int_equal(made, released);
}

/* ---------------------------------------------------------------- the list */

static char names[MOST_TESTS][64];
static struct CMUnitTest tests[MOST_TESTS] = {
    {.name = "rows are well formed", .test_func = rows_are_well_formed},
    {.name = "names become sets", .test_func = names_become_sets},
    {.name = "dispatch takes no peer", .test_func = dispatch_takes_no_peer},
    {.name = "caps follow the sets", .test_func = caps_follow_the_sets},
    {.name = "hooks bracket the calls", .test_func = hooks_bracket_the_calls},
};

static void not_there(void **state)
{
    const lw_peer *p = *state;
    const char *list = getenv("LANEWISE_REQUIRE");
    if (list && strstr(list, p->name)) fail_msg("LANEWISE_REQUIRE names %s: %s", p->name, p->why_not);
    print_message("skipped: %s: %s\n", p->name, p->why_not);
    skip();
}

static size_t list_tests(void)
{
    size_t count = 5;
    for (int i = 0; i < LW_PEER_COUNT; i++) {
        const lw_peer *p = lw_peer_open((lw_peer_id)i, LW_CAP_NONE, 1);
        if (!p->found) tests[count++] = (struct CMUnitTest){.name = p->name, .test_func = not_there, .initial_state = (void *)p};
        for (size_t r = 0; r < p->count && count < MOST_TESTS; r++, count++) {
            snprintf(names[count], sizeof names[count], "%s/%s", p->rows[r].name, p->name);
            tests[count] = (struct CMUnitTest){.name = names[count], .test_func = row_is_right,
                                               .initial_state = (void *)&p->rows[r]};
        }
    }
    return count;
}

int main(void)
{
    return _cmocka_run_group_tests("peers", tests, list_tests(), NULL, NULL);
}
