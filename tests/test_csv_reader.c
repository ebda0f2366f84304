/* SPDX-License-Identifier: BSD-3-Clause
 * test_csv_reader.c: what RFC 4180 allows is read, the rest is refused with its line. */
#include "harness/records/csv.h"
#include "harness/records/csv_reader.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[64];

static int make_file(void **unused)
{
    (void)unused;
    strcpy(path, "/tmp/lanewise-reader-XXXXXX");
    const int fd = mkstemp(path);
    if (fd >= 0) close(fd);
    return fd < 0;
}

static int remove_file(void **unused)
{
    (void)unused;
    return unlink(path);
}

static lw_csv_table *read_bytes(const char *bytes, size_t size, char *err, size_t err_size)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
    return lw_csv_read(path, err, err_size);
}

static lw_csv_table *taken(const char *text)
{
    char err[256] = "";
    lw_csv_table *t = read_bytes(text, strlen(text), err, sizeof err);
    if (!t) fail_msg("'%s' was refused: %s", text, err);
    return t;
}

/* `where`: what follows the path in the message. */
static void refused(const char *text, size_t size, const char *where)
{
    char err[256] = "";
    lw_csv_table *t = read_bytes(text, size, err, sizeof err);
    if (t) fail_msg("'%s' was taken", text);
    if (strncmp(err, path, strlen(path)) != 0 || !strstr(err + strlen(path), where) || strchr(err, '\n'))
        fail_msg("'%s', wanted: PATH%s", err, where);
}

static void cells(const char *text, int columns, int rows, const char *const *want)
{
    lw_csv_table *t = taken(text);
    assert_int_equal(lw_csv_row_count(t), rows);
    for (int i = 0; i < columns * rows; i++)
        assert_string_equal(lw_csv_cell(t, i / columns, i % columns), want[i]);
    lw_csv_table_free(t);
}

static void test_what_is_read(void **unused)
{
    (void)unused;
    cells("a,b\n1,2\n3,4\n", 2, 2, (const char *[]){"1", "2", "3", "4"});
    cells("a,b\r\n1,2\r\n3,4\r\n", 2, 2, (const char *[]){"1", "2", "3", "4"});
    cells("a,b\n1,2", 2, 1, (const char *[]){"1", "2"}); /* no end of the last line */
    cells("a,b\n,\n", 2, 1, (const char *[]){"", ""});
    cells("a\n\"\"\n", 1, 1, (const char *[]){""});
    cells("a,b\n\"x,y\",\"say \"\"so\"\"\"\n", 2, 1, (const char *[]){"x,y", "say \"so\""});
    cells("a,b\n\"two\nlines\",\"\"\"\"\n", 2, 1, (const char *[]){"two\nlines", "\""});
    cells("\"a\",\"b\"\r\n\"1\",2\r\n", 2, 1, (const char *[]){"1", "2"});
    cells("\xEF\xBB\xBF"
          "a,b\n1,2\n",
          2, 1, (const char *[]){"1", "2"});
    cells("a,b\n1,x\ry\n", 2, 1, (const char *[]){"1", "x\ry"}); /* a carriage return alone ends no line */
}

static void test_names_and_lines(void **unused)
{
    (void)unused;
    lw_csv_table *t = taken("a,b\n\"x\ny\",1\n2,3\n");
    assert_int_equal(lw_csv_column(t, "b"), 1);
    assert_int_equal(lw_csv_column(t, "c"), -1);
    assert_string_equal(lw_csv_cell(t, 0, -1), "");
    assert_int_equal(lw_csv_line(t, 0), 2);
    assert_int_equal(lw_csv_line(t, 1), 4);
    lw_csv_table_free(t);
}

static void test_what_is_refused(void **unused)
{
    (void)unused;
    refused("", 0, ": the file is empty");
    refused("a,b\n1,2\n3\n", 10, ", line 3: 1 field instead of the 2 of the header");
    refused("a,b\n1,2,3\n", 10, ", line 2: 3 fields instead of the 2");
    refused("a,b\n\"x\ny\",1\n3\n", 14, ", line 4: 1 field");
    refused("a,b\n1,\"x\n", 9, ", line 2: a quoted field begins here and never ends");
    refused("a,b\n1,\"x\"y\n", 11, ", line 2: 'y' after a closing quote");
    refused("a,b\n1,x\"y\n", 10, ", line 2: a quote within a field");
    refused("a,a\n1,2\n", 8, ", line 1: the column 'a' is there twice");
    refused("a,\n1,2\n", 7, ", line 1: column 2 of the header has no name");
    refused("a,b\n1,\0\n", 8, ": not a text file");
    char err[256];
    assert_null(lw_csv_read("/nonexistent/x.csv", err, sizeof err));
    assert_string_equal(err, "/nonexistent/x.csv: cannot be opened: No such file or directory");
    assert_null(lw_csv_read("/tmp", err, sizeof err));
    assert_non_null(strstr(err, "directory"));
}

static void test_numbers(void **unused)
{
    (void)unused;
    char err[256];
    double v = 0;
    lw_csv_table *t = taken("a,b,c,d\n1.5e-06,,x,1e999\n");
    assert_true(lw_csv_number(t, 0, 0, &v, err, sizeof err) && v == 1.5e-06);
    assert_true(lw_csv_number(t, 0, 1, &v, err, sizeof err) && isnan(v));
    assert_false(lw_csv_number(t, 0, 2, &v, err, sizeof err));
    assert_non_null(strstr(err, ", line 2: c wants a number, got 'x'"));
    assert_false(lw_csv_number(t, 0, 3, &v, err, sizeof err));
    lw_csv_table_free(t);
}

/* What our writer writes, our reader reads. */
static void test_round_trip(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"",           "plain", "a,b",      "\"",      "\"\"",
                                        "line\nfeed", "\r\n",  " spaces ", "\xC3\xA9"};
    enum { TEXTS = sizeof texts / sizeof *texts };
    const char *names[] = {"first", "odd, \"name\"", "number"};
    char err[256];
    lw_csv *csv = lw_csv_create(path, names, 3, err, sizeof err);
    assert_non_null(csv);
    for (int i = 0; i < TEXTS; i++) {
        lw_csv_text(csv, texts[i]);
        lw_csv_text(csv, texts[TEXTS - 1 - i]);
        lw_csv_real(csv, i / 3.0, 17);
        assert_true(lw_csv_end_row(csv));
    }
    assert_true(lw_csv_close(csv));
    lw_csv_table *t = lw_csv_read(path, err, sizeof err);
    if (!t) fail_msg("%s", err);
    assert_int_equal(lw_csv_row_count(t), TEXTS);
    assert_int_equal(lw_csv_column(t, names[1]), 1);
    for (int i = 0; i < TEXTS; i++) {
        double v;
        assert_string_equal(lw_csv_cell(t, i, 0), texts[i]);
        assert_string_equal(lw_csv_cell(t, i, 1), texts[TEXTS - 1 - i]);
        assert_true(lw_csv_number(t, i, 2, &v, err, sizeof err) && v == i / 3.0);
    }
    lw_csv_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read),    cmocka_unit_test(test_names_and_lines),
        cmocka_unit_test(test_what_is_refused), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
