/* SPDX-License-Identifier: BSD-3-Clause
 * test_csv.c: quoting, empty values, appending, files whose writer was killed, and full disks. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/records/csv.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *const columns[] = {"name", "count", "value"};
static char folder[] = "/tmp/lanewise-csv-XXXXXX", path[64], err[256];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/rows.csv", folder);
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void write_text(const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void assert_text(const char *want)
{
    char got[4096];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(got, want);
}

static bool add_row(lw_csv *csv, const char *name, int64_t count, double value)
{
    lw_csv_text(csv, name);
    lw_csv_int(csv, count);
    lw_csv_real(csv, value, 6);
    return lw_csv_end_row(csv);
}

static void fields_are_quoted_where_they_must_be(void **state)
{
    (void)state;
    lw_csv *csv = lw_csv_create(path, columns, 3, err, sizeof err);
    assert_non_null(csv);
    assert_true(add_row(csv, "plain", 1, 0.5));
    assert_true(add_row(csv, "a,b", -2, 1e-9));
    assert_true(add_row(csv, "say \"hi\"", INT64_MIN, 1234567));
    assert_true(add_row(csv, "two\nlines", INT64_MAX, 0));
    assert_true(add_row(csv, NULL, 0, 1));
    assert_true(lw_csv_close(csv));
    assert_text("name,count,value\nplain,1,0.5\n\"a,b\",-2,1e-09\n\"say "
                "\"\"hi\"\"\",-9223372036854775808,1.23457e+06\n"
                "\"two\nlines\",9223372036854775807,0\n,0,1\n");
}

static void nan_and_infinity_are_empty(void **state)
{
    (void)state;
    lw_csv *csv = lw_csv_create(path, columns, 3, err, sizeof err);
    assert_true(add_row(csv, "a", 1, NAN));
    assert_true(add_row(csv, "b", 2, -INFINITY));
    assert_true(lw_csv_close(csv));
    assert_text("name,count,value\na,1,\nb,2,\n");
}

static void rows_are_on_disk_before_close(void **state)
{
    (void)state;
    lw_csv *csv = lw_csv_create(path, columns, 3, err, sizeof err);
    assert_text("name,count,value\n");
    assert_true(add_row(csv, "a", 1, 2));
    lw_csv_text(csv, "unfinished");
    assert_text("name,count,value\na,1,2\n");
    lw_csv_close(csv);
    assert_text("name,count,value\na,1,2\n");
}

static void create_starts_afresh(void **state)
{
    (void)state;
    write_text("something else\n1\n");
    lw_csv_close(lw_csv_create(path, columns, 3, err, sizeof err));
    assert_text("name,count,value\n");
}

static void append_writes_one_header(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        lw_csv *csv = lw_csv_append(path, columns, 3, err, sizeof err);
        assert_non_null(csv);
        assert_true(add_row(csv, "r", i, i));
        assert_true(lw_csv_close(csv));
    }
    assert_text("name,count,value\nr,0,0\nr,1,1\nr,2,2\n");
}

static void append_refuses_another_header(void **state)
{
    (void)state;
    const char *others[] = {"name,count\nr,1\n",   "name,count,value,more\nr,1,2,3\n",
                            "name,value,count\n",  "x",
                            "name,count,valuex\n", "not,a,header,at,all,and,no,line,feed"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        write_text(others[i]);
        assert_null(lw_csv_append(path, columns, 3, err, sizeof err));
        assert_non_null(strstr(err, "header"));
        assert_text(others[i]);
    }
}

static void append_accepts_a_spreadsheets_header(void **state)
{
    (void)state;
    write_text("name,count,value\r\nr,0,0\r\n");
    lw_csv *csv = lw_csv_append(path, columns, 3, err, sizeof err);
    assert_non_null(csv);
    assert_true(add_row(csv, "r", 1, 1));
    lw_csv_close(csv);
    assert_text("name,count,value\r\nr,0,0\r\nr,1,1\n");
}

static void append_repairs_what_a_killed_writer_left(void **state)
{
    (void)state;
    const char *torn[] = {"",
                          "na",
                          "name,count,value",
                          "name,count,value\n",
                          "name,count,value\nr,5",
                          "name,count,value\n\"two\nli"};
    for (size_t i = 0; i < sizeof torn / sizeof *torn; i++) {
        write_text(torn[i]);
        lw_csv *csv = lw_csv_append(path, columns, 3, err, sizeof err);
        assert_non_null(csv);
        assert_true(add_row(csv, "r", 1, 1));
        assert_true(lw_csv_close(csv));
        assert_text("name,count,value\nr,1,1\n");
    }
    write_text("name,count,value\n\"two\nlines\",1,1\nr,5");
    lw_csv *csv = lw_csv_append(path, columns, 3, err, sizeof err);
    assert_true(add_row(csv, "r", 1, 1));
    lw_csv_close(csv);
    assert_text("name,count,value\n\"two\nlines\",1,1\nr,1,1\n");
}

static void what_cannot_be_opened_says_why(void **state)
{
    (void)state;
    assert_null(lw_csv_create("/nonexistent/folder/x.csv", columns, 3, err, sizeof err));
    assert_non_null(strstr(err, "/nonexistent/folder/x.csv: No such file or directory"));
    assert_null(lw_csv_append(folder, columns, 3, err, sizeof err));
    assert_non_null(strstr(err, "directory"));
}

static void a_full_device_is_noticed_at_once(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0) skip();
    assert_null(lw_csv_create("/dev/full", columns, 3, err, sizeof err));
    assert_non_null(strstr(err, "cannot write /dev/full: No space left on device"));
    assert_null(lw_csv_append("/dev/full", columns, 3, err, sizeof err));
}

/* A limit on the size of files stands for a disk that fills up in the middle of a row. */
static void a_row_that_does_not_fit_is_taken_back(void **state)
{
    (void)state;
    struct rlimit old, small = {0};
    lw_csv *csv = lw_csv_create(path, columns, 3, err, sizeof err);
    assert_true(add_row(csv, "first", 1, 1));
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    small.rlim_cur = 32; /* the header and the first row are 27 bytes */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool written = add_row(csv, "second", 2, 2);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_false(written);
    assert_non_null(strstr(lw_csv_error(csv), "cannot write"));
    assert_false(lw_csv_close(csv));
    assert_text("name,count,value\nfirst,1,1\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, remove_file)
    const struct CMUnitTest tests[] = {
        TEST(fields_are_quoted_where_they_must_be),
        TEST(nan_and_infinity_are_empty),
        TEST(rows_are_on_disk_before_close),
        TEST(create_starts_afresh),
        TEST(append_writes_one_header),
        TEST(append_refuses_another_header),
        TEST(append_accepts_a_spreadsheets_header),
        TEST(append_repairs_what_a_killed_writer_left),
        TEST(what_cannot_be_opened_says_why),
        TEST(a_full_device_is_noticed_at_once),
        TEST(a_row_that_does_not_fit_is_taken_back),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
