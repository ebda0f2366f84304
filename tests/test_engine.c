/* SPDX-License-Identifier: BSD-3-Clause
 * test_engine.c: the judge is judged: kernels with one planted fault each must be found out, and by the right
 * words. */
#include "harness/machine/workers.h"
#include "oracle/oracle.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* ---------------------------------------------------------------- kernels for add */

static void right_add(const lw_add_args *a, void *ws, const lw_team *team)
{
    (void)ws;
    ptrdiff_t lo, hi;
    lw_team_share(team, a->n, 1, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) a->dst[i] = a->a[i] + a->b[i];
}

static void misses_the_last(const lw_add_args *a, void *ws, const lw_team *team)
{
    (void)ws, (void)team;
    for (ptrdiff_t i = 0; i + 1 < a->n; i++) a->dst[i] = a->a[i] + a->b[i];
}

static void wrong_in_one_lane(const lw_add_args *a, void *ws, const lw_team *team)
{
    right_add(a, ws, team);
    if (a->n > 5) a->dst[5] += 1e-3f;
}

static void writes_one_too_many(const lw_add_args *a, void *ws, const lw_team *team)
{
    right_add(a, ws, team);
    a->dst[a->n] = 0;
}

static void writes_before(const lw_add_args *a, void *ws, const lw_team *team)
{
    right_add(a, ws, team);
    a->dst[-1] = 0;
}

static void reads_one_too_many(const lw_add_args *a, void *ws, const lw_team *team)
{
    right_add(a, ws, team);
    volatile float next = a->a[a->n];
    (void)next;
}

static void changes_its_input(const lw_add_args *a, void *ws, const lw_team *team)
{
    right_add(a, ws, team);
    ((float *)a->a)[a->n / 2] = 7;
}

static void swallows_nan(const lw_add_args *a, void *ws, const lw_team *team)
{
    right_add(a, ws, team);
    for (ptrdiff_t i = 0; i < a->n; i++)
        if (isnan(a->dst[i])) a->dst[i] = 0;
}

static void depends_on_the_team(const lw_add_args *a, void *ws, const lw_team *team)
{
    right_add(a, ws, team);
    if (team->size > 1 && team->id == 0) a->dst[0] = nextafterf(a->dst[0], INFINITY);
}

/* The smallest result, by as much as the largest may be. */
static void is_off_by_the_largest(const lw_add_args *a, void *ws, const lw_team *team)
{
    ptrdiff_t smallest = 0;
    float largest = 0;
    right_add(a, ws, team);
    for (ptrdiff_t i = 0; i < a->n; i++) {
        if (fabsf(a->dst[i]) < fabsf(a->dst[smallest])) smallest = i;
        largest = fmaxf(largest, fabsf(a->dst[i]));
    }
    a->dst[smallest] += 0x1p-25f * largest;
}

static void spreads_nan(const lw_add_args *a, void *ws, const lw_team *team)
{
    bool found = false;
    right_add(a, ws, team);
    for (ptrdiff_t i = 0; i < a->n; i++) found |= isnan(a->dst[i]);
    for (ptrdiff_t i = 0; found && i < a->n; i++) a->dst[i] = NAN;
}

static void is_only_for_even(const lw_add_args *a, void *ws, const lw_team *team)
{
    assert_true(a->n % 2 == 0);
    right_add(a, ws, team);
}

static size_t one_line(const lw_add_args *a, int team_size)
{
    (void)a, (void)team_size;
    return 64;
}

static void overruns_its_workspace(const lw_add_args *a, void *ws, const lw_team *team)
{
    ((volatile float *)ws)[16] = 1;
    right_add(a, NULL, team);
}

static void divides_by_zero(const lw_add_args *a, void *ws, const lw_team *team)
{
    right_add(a, ws, team);
    __builtin_trap();
}

static lw_kernel add_kernel(lw_add_fn *f)
{
    return (lw_kernel){.name = "planted", .op = LW_OP_ADD, .tolerance = 1, .fn.add = f};
}

static lw_verdict check(const lw_kernel *k, const char *text, lw_setting s, uint64_t seed)
{
    lw_problem p;
    char err[256];
    assert_true(lw_problem_parse(k->op, text, &p, err, sizeof err));
    lw_case *c = lw_case_new(&p, s, seed);
    assert_non_null(c);
    const lw_verdict v = lw_case_check(c, k);
    lw_case_free(c);
    return v;
}

/* In all settings; the first verdict that is not a pass. */
static lw_verdict sweep(lw_kernel k, const char *text)
{
    lw_verdict v = {.pass = true};
    for (uint64_t seed = 0; v.pass && seed < 8; seed++)
        for (size_t s = 0; v.pass && s < LW_SETTINGS; s++) v = check(&k, text, lw_setting_at(s, s), seed);
    return v;
}

static void assert_found(lw_add_fn *f, const char *words)
{
    const lw_verdict v = sweep(add_kernel(f), "n37");
    assert_false(v.pass);
    if (!strstr(v.detail, words)) fail_msg("'%s' is not in: %s", words, v.detail);
}

/* ---------------------------------------------------------------- tests */

static void a_right_kernel_passes_everywhere(void **state)
{
    (void)state;
    const char *const sizes[] = {"n0", "n1", "n37", "n38_inplace", "n5000"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const lw_verdict v = sweep(add_kernel(right_add), sizes[i]);
        if (!v.pass) fail_msg("n %s: %s", sizes[i], v.detail);
    }
}

static void faults_of_value_are_found(void **state)
{
    (void)state;
    assert_found(misses_the_last, "dst[0][36] is nan");
    assert_found(wrong_in_one_lane, "dst[0][5] is");
    assert_found(swallows_nan, "wanted nan");
}

static void writes_outside_are_found(void **state)
{
    (void)state;
    assert_found(writes_one_too_many, "outside of dst");
    assert_found(writes_before, "outside of dst");
    assert_found(changes_its_input, "changed its input a");
}

static void faulting_kernels_are_named_failures(void **state)
{
    (void)state;
    assert_found(reads_one_too_many, "0 bytes past the end of a");
    assert_found(divides_by_zero, "died of signal");
    lw_kernel k = add_kernel(overruns_its_workspace);
    k.workspace.add = one_line;
    const lw_verdict v = sweep(k, "n37");
    assert_false(v.pass);
    assert_non_null(strstr(v.detail, "past the end of the workspace"));
}

static void run_on_team(int size, void (*job)(void *context, const lw_team *team), void *context)
{
    const lw_workers w = {.size = size};
    lw_workers_run(&w, job, context);
}

static lw_verdict check_team(lw_add_fn *f, int size)
{
    lw_kernel k = add_kernel(f);
    lw_problem p;
    char err[256];
    k.tolerance = 1e6f; /* the bits are what is in question */
    assert_true(lw_problem_parse(LW_OP_ADD, "n37", &p, err, sizeof err));
    lw_case *c = lw_case_new(&p, lw_setting_plain, 1);
    const lw_verdict v = lw_case_check_team(c, &k, size, run_on_team);
    lw_case_free(c);
    return v;
}

static void bits_that_depend_on_the_team_are_found(void **state)
{
    (void)state;
    assert_true(check_team(right_add, 3).pass);
    const lw_verdict v = check_team(depends_on_the_team, 3);
    assert_false(v.pass);
    assert_non_null(strstr(v.detail, "other bits from a team of 3"));
}

static void writes_padding(const lw_sgemm_args *g, void *ws, const lw_team *team)
{
    lw_dispatch d;
    char message[256];
    assert_true(lw_dispatch_init(&d, "scalar", message, sizeof message));
    d.op[LW_OP_SGEMM]->fn.sgemm(g, ws, team);
    g->C[g->N] = 0;
}

static void padding_between_rows_is_watched(void **state)
{
    (void)state;
    const lw_kernel k = {.name = "planted", .op = LW_OP_SGEMM, .tolerance = 1, .fn.sgemm = writes_padding};
    const lw_verdict v = check(&k, "4x3:3x5_ldc9", lw_setting_plain, 1);
    assert_false(v.pass);
    assert_string_equal(v.detail, "wrote between the rows of C");
}

static void small_integers_leave_no_tolerance(void **state)
{
    (void)state;
    lw_kernel k = add_kernel(wrong_in_one_lane);
    k.tolerance = 1e30f;
    assert_true(check(&k, "n37", lw_setting_plain, 1).pass);
    assert_false(check(&k, "n37", (lw_setting){LW_FILL_EXACT, LW_PLACE_ALIGNED, 0}, 1).pass);
}

static void a_kernel_that_mixes_is_held_to_the_largest_bound(void **state)
{
    (void)state;
    lw_kernel k = add_kernel(wrong_in_one_lane);
    k.mixes = true;
    assert_false(check(&k, "n37", lw_setting_plain, 1).pass); /* off by far more than any */
    assert_false(check(&k, "n37", (lw_setting){LW_FILL_EXACT, LW_PLACE_ALIGNED, 0}, 1).pass);
    k = add_kernel(is_off_by_the_largest);
    assert_false(check(&k, "n37", lw_setting_plain, 1).pass);
    k.mixes = true;
    assert_true(check(&k, "n37", lw_setting_plain, 1).pass);
}

static void a_kernel_that_mixes_loses_no_nan(void **state)
{
    (void)state;
    lw_kernel k = add_kernel(spreads_nan);
    assert_false(sweep(k, "n37").pass);
    k.mixes = true;
    assert_true(sweep(k, "n37").pass);
    k = add_kernel(swallows_nan);
    k.mixes = true;
    assert_false(sweep(k, "n37").pass);
}

static bool serves_even(const lw_add_args *a)
{
    return a->n % 2 == 0;
}

static void what_a_row_does_not_serve_is_declined(void **state)
{
    (void)state;
    lw_kernel k = add_kernel(is_only_for_even);
    k.serves.add = serves_even;
    assert_true(check(&k, "n36", lw_setting_plain, 1).pass);
    const lw_verdict v = check(&k, "n37", lw_setting_plain, 2);
    assert_true(v.declined && !v.pass);
    lw_problem p;
    char err[256];
    assert_true(lw_problem_parse(LW_OP_ADD, "n37", &p, err, sizeof err));
    assert_false(lw_kernel_serves(&k, &p));
    lw_case *c = lw_case_new(&p, lw_setting_plain, 1);
    assert_non_null(c);
    assert_false(lw_case_prepare(c, &k, 1));
    lw_case_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_kernel_passes_everywhere),
        cmocka_unit_test(faults_of_value_are_found),
        cmocka_unit_test(writes_outside_are_found),
        cmocka_unit_test(faulting_kernels_are_named_failures),
        cmocka_unit_test(padding_between_rows_is_watched),
        cmocka_unit_test(bits_that_depend_on_the_team_are_found),
        cmocka_unit_test(small_integers_leave_no_tolerance),
        cmocka_unit_test(a_kernel_that_mixes_is_held_to_the_largest_bound),
        cmocka_unit_test(a_kernel_that_mixes_loses_no_nan),
        cmocka_unit_test(what_a_row_does_not_serve_is_declined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
