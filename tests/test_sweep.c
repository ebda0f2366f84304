/* SPDX-License-Identifier: BSD-3-Clause
 * test_sweep.c: one text to many problems, what is refused, and files of named problems. */
#include "harness/exit_codes.h"
#include "harness/sweep.h"
#include "harness/worklist.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static bool collect(void *context, const char *problem)
{
    char *all = context;
    strcat(strcat(all, problem), " ");
    return strlen(all) < 900;
}

static void gives(const char *text, const char *want)
{
    char all[1024] = "", err[512] = "";
    if (!lw_sweep_each(text, collect, all, err, sizeof err)) fail_msg("'%s': %s", text, err);
    assert_string_equal(all, want);
}

static void refused(const char *text, const char *why)
{
    char all[1024] = "", err[512] = "";
    if (lw_sweep_each(text, collect, all, err, sizeof err)) fail_msg("'%s' was taken", text);
    if (!strstr(err, why)) fail_msg("'%s' for '%s', wanted '%s'", err, text, why);
    assert_null(strchr(err, '\n'));
    assert_string_equal(all, ""); /* before the first problem */
}

static void test_ranges(void **unused)
{
    (void)unused;
    gives("64x64:64x10", "64x64:64x10 ");
    gives("NxN:NxN N=16..128*2", "16x16:16x16 32x32:32x32 64x64:64x64 128x128:128x128 ");
    gives("NxN:NxN N=16..100*2", "16x16:16x16 32x32:32x32 64x64:64x64 ");
    gives("nN N=64..512+192", "n64 n256 n448 ");
    gives("nN N=1..3", "n1 n2 n3 ");
    gives("nN N=5", "n5 ");
    gives("nN N=5,9..10,2", "n5 n9 n10 n2 ");
    gives("MxK:KxN M=1,2 K=3 N=4,5", "1x3:3x4 1x3:3x5 2x3:3x4 2x3:3x5 ");
    gives("M=1,2 K=3 N=4", "1x3:3x4 2x3:3x4 ");
    gives("mb2icCih5ocCCoh3kh3 C=1,2 CC=7", "mb2ic1ih5oc7oh3kh3 mb2ic2ih5oc7oh3kh3 ");
    gives("  nN \t N=1 ", "n1 ");
    gives("nN N=0..1", "n0 n1 ");
    gives("nN N=16..16*2", "n16 ");
}

static void test_refusals(void **unused)
{
    (void)unused;
    refused("", "it is empty");
    refused("nN N=4..2", "the range N=4..2 is empty");
    refused("nN N=4..9*1", "never ends");
    refused("nN N=4..9+0", "never ends");
    refused("nN N=4..9*0", "never ends");
    refused("nN N=0..9*2", "never ends");
    refused("nN M=3", "the axis N has no values");
    refused("n4 M=3", "there is no axis M in 'n4'");
    refused("MxM:MxM M=3 Q=2", "there is no axis Q in 'MxM:MxM'");
    refused("nN N=3 N=4", "the axis N is there twice");
    refused("nN n=3", "a word of capital letters");
    refused("nN =3", "a word of capital letters");
    refused("nN N=", "wants whole numbers");
    refused("nN N=x", "wants whole numbers");
    refused("nN N=-1", "wants whole numbers");
    refused("nN N=1,", "wants whole numbers");
    refused("nN N=1..", "wants an end");
    refused("nN N=1..4*", "wants a step after '*'");
    refused("nN N=1..4/2", "'/2' in N=1..4/2 is not understood");
    refused("nN N=99999999999999999999", "wants whole numbers up to 10^9");
    refused("nN N=1..10001", "more than 10000");
    refused("MxK:KxN M=1..200 K=1..200 N=1", "more than 10000 problems");
    refused("nN nM N=1", "one problem is wanted");
}

/* ---------------------------------------------------------------- files */

static char path[64];

static int list(const char *text, const char *ops, lw_worklist *w)
{
    lw_selection s;
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_true(lw_select(&s, "kernels", "scalar", "scalar", ops, NULL));
    return lw_worklist_make(w, &s, path, false);
}

/* The line that was printed goes to standard error; here only where it points. */
static void file_refused(const char *text, const char *where)
{
    lw_worklist w;
    char line[1024] = "", message[256];
    fflush(stderr);
    const int saved = dup(STDERR_FILENO);
    FILE *err = tmpfile();
    assert_non_null(err);
    dup2(fileno(err), STDERR_FILENO);
    const int code = list(text, NULL, &w);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(err);
    const size_t got = fread(line, 1, sizeof line - 1, err);
    fclose(err);
    lw_worklist_free(&w);
    assert_int_equal(code, LW_EXIT_USAGE);
    snprintf(message, sizeof message, "bench kernels: %s%s", path, where);
    if (strncmp(line, message, strlen(message)) != 0) fail_msg("got '%s', wanted '%s'", line, message);
    assert_int_equal(strcspn(line, "\n"), got - 1); /* one line */
}

static void test_file(void **unused)
{
    (void)unused;
    lw_worklist w;
    const char *text =
        "# a comment\n\nconv: conv2d_fwd,conv2d_bwd_data mb1ic2ih5oc3oh3kh3ph0 # of a layer\r\n"
        "squares:  sgemm NxN:NxN N=16..64*2";
    assert_int_equal(list(text, NULL, &w), LW_EXIT_OK);
    assert_int_equal(w.count, 5);
    assert_string_equal(w.item[0].name, "conv");
    assert_int_equal(w.item[0].problem.op, LW_OP_CONV2D_FWD);
    assert_int_equal(w.item[1].problem.op, LW_OP_CONV2D_BWD_DATA);
    assert_string_equal(w.item[4].name, "squares");
    assert_string_equal(w.item[4].problem.text, "64x64:64x64");
    lw_worklist_free(&w);
    assert_int_equal(list(text, "sgemm", &w), LW_EXIT_OK);
    assert_int_equal(w.count, 3);
    assert_string_equal(w.item[0].problem.text, "16x16:16x16");
    lw_worklist_free(&w);
}

static void test_file_refusals(void **unused)
{
    (void)unused;
    file_refused("", ": no problem of these ops is in it");
    file_refused("# nothing\n", ": no problem of these ops is in it");
    file_refused("a: add n4\nsgemm 4x4:4x4\n", ", line 2: `name: op problem` is wanted");
    file_refused("a: add\n", ", line 1: `name: op problem` is wanted");
    file_refused(": add n4\n", ", line 1: a name is one word");
    file_refused("a: add n4\nb: add n5\na: add n6\n", ", line 3: the name 'a' is that of line 1");
    file_refused("a: sgem 4x4:4x4\n", ", line 1: unknown op 'sgem'");
    file_refused("\na: add n4_wrong\n", ", line 2: problem 'n4_wrong', column 3");
    file_refused("a: add nN N=5..1\n", ", line 1: problem 'nN N=5..1': the range N=5..1 is empty");
}

static int make_file(void **unused)
{
    (void)unused;
    strcpy(path, "/tmp/lanewise-sweep-XXXXXX");
    const int fd = mkstemp(path);
    if (fd >= 0) close(fd);
    return fd < 0;
}

static int remove_file(void **unused)
{
    (void)unused;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_file_refusals),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
