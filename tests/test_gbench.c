/* SPDX-License-Identifier: BSD-3-Clause
 * test_gbench.c: what the shim makes of a sample and of a row. */
#include "harness/timing/gbench_shim.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct counter {
    int calls;
    int64_t iterations;
} counter;

static lw_elapsed count(void *context, int64_t iterations)
{
    counter *c = context;
    c->calls++;
    c->iterations = iterations;
    return (lw_elapsed){0.5, 0.25};
}

/* Short or long, the library neither repeats a sample nor changes its number of calls. */
static void a_sample_runs_once_with_its_iterations(void **state)
{
    (void)state;
    const int64_t wanted[] = {1, 7, 1000000007};
    for (size_t i = 0; i < 3; i++) {
        counter c = {0, 0};
        lw_elapsed e = {0, 0};
        assert_true(lw_gbench_sample("op/problem/set/threads:1", count, &c, wanted[i], &e));
        assert_int_equal(c.calls, 1);
        assert_int_equal(c.iterations, wanted[i]);
        assert_true(e.wall == 0.5 && e.cpu == 0.25);
    }
}

static char *report_of(const lw_gbench_row *rows, int rows_count, lw_gbench_format format)
{
    static char text[1 << 16];
    char path[] = "/tmp/lanewise-gbench-XXXXXX", err[256];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    const lw_gbench_options options = {.out = path, .out_format = format, .time_unit = "ms"};
    lw_gbench_report *r = lw_gbench_report_open(&options, err, sizeof err);
    assert_non_null(r);
    for (int i = 0; i < rows_count; i++) assert_true(lw_gbench_report_row(r, &rows[i]));
    assert_true(lw_gbench_report_close(r));
    const ssize_t length = read(fd, text, sizeof text - 1);
    assert_true(length > 0);
    text[length] = '\0';
    close(fd);
    unlink(path);
    return text;
}

static void rejected_samples_are_no_repetitions(void **state)
{
    (void)state;
    lw_samples s = {.loops = 10, .count = 3, .accepted = 2};
    s.at[0] = (lw_sample){0.002, 0.001, NAN, 0, 0, true};
    s.at[1] = (lw_sample){0.777, 0.777, NAN, 1, 0, false};
    s.at[2] = (lw_sample){0.004, 0.003, NAN, 2, 0, true};
    const lw_gbench_row row = {.name = "one", .threads = 2, .flop = 8, .bytes = 16, .samples = &s};
    const char *text = report_of(&row, 1, LW_GBENCH_CSV);
    assert_non_null(strstr(text, "\n\"one\",10,2,1,ms,"));
    assert_non_null(strstr(text, "\n\"one\",10,4,3,ms,"));
    assert_null(strstr(text, "777"));
    assert_non_null(strstr(text, "\n\"one_mean\",2,3,2,ms,"));
    assert_non_null(strstr(text, "\n\"one_median\",2,3,2,ms,"));
}

static void one_sample_has_no_aggregates(void **state)
{
    (void)state;
    lw_samples s = {.loops = 1, .count = 1, .accepted = 1};
    s.at[0] = (lw_sample){0.002, 0.002, NAN, 0, 0, true};
    const lw_gbench_row row = {.name = "one", .threads = 1, .bytes = 16, .samples = &s};
    const char *text = report_of(&row, 1, LW_GBENCH_JSON);
    assert_non_null(strstr(text, "\"run_type\": \"iteration\""));
    assert_null(strstr(text, "aggregate"));
}

static void a_wrong_kernel_is_an_error_without_a_time(void **state)
{
    (void)state;
    lw_samples none = {.loops = 0};
    const lw_gbench_row row = {.name = "one", .error = "dst[3] is \"7\"", .threads = 1, .samples = &none};
    const char *text = report_of(&row, 1, LW_GBENCH_JSON);
    assert_non_null(strstr(text, "\"error_occurred\": true"));
    assert_non_null(strstr(text, "dst[3] is \\\"7\\\""));
}

static void a_report_without_rows_is_whole(void **state)
{
    (void)state;
    const char *text = report_of(NULL, 0, LW_GBENCH_JSON);
    assert_non_null(strstr(text, "\"benchmarks\": ["));
    assert_non_null(strstr(text, "]\n}\n"));
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    char err[256] = "";
    const lw_gbench_options options = {.out = "/nonexistent/x.json", .out_format = LW_GBENCH_JSON};
    assert_null(lw_gbench_report_open(&options, err, sizeof err));
    assert_string_equal(err, "cannot create /nonexistent/x.json: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_runs_once_with_its_iterations),
        cmocka_unit_test(rejected_samples_are_no_repetitions),
        cmocka_unit_test(one_sample_has_no_aggregates),
        cmocka_unit_test(a_wrong_kernel_is_an_error_without_a_time),
        cmocka_unit_test(a_report_without_rows_is_whole),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
