/* SPDX-License-Identifier: BSD-3-Clause
 * test_choice.c: files of `bench tune` and names to chosen rows, and every refusal with its line; what `bench
 * tune` measures for a network are the calls that the network makes. */
#include "harness/choice.h"
#include "harness/tune/tune.h"
#include "nn/elide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/lanewise-choice-XXXXXX";
static lw_dispatch scalar;

#define HEAD "schema,set,op,problem,variant\n"
#define CONV "mb2ic3ih8oc4oh6kh3ph0"

static int start(void **state)
{
    char message[1024];
    (void)state;
    unsetenv("LANEWISE_CHOICE");
    const int fd = mkstemp(path);
    if (fd >= 0) close(fd);
    return fd >= 0 && lw_dispatch_init(&scalar, "scalar", message, sizeof message) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return unlink(path);
}

static void put(const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0 && fclose(out) == 0);
}

static const char *own(lw_op op)
{
    return scalar.op[op]->name;
}

static void assert_refused(const char *text, const char *why)
{
    lw_choices c;
    char err[1024];
    put(text);
    assert_false(lw_choices_read(&c, path, err, sizeof err));
    if (!strstr(err, why) || !strstr(err, path) || strchr(err, '\n'))
        fail_msg("'%s' lacks '%s', the file or is no line", err, why);
}

/* ---------------------------------------------------------------- files */

static void reads_what_was_chosen(void **state)
{
    lw_choices c;
    lw_dispatch d = scalar;
    char text[1024], err[1024] = "";
    lw_problem p;
    (void)state;
    snprintf(text, sizeof text, HEAD "1,scalar,conv2d_fwd," CONV "_relu,%s\n1,scalar,sgemm,4x5:5x6_tn,%s\n",
             own(LW_OP_CONV2D_FWD), own(LW_OP_SGEMM));
    put(text);
    assert_true(lw_choices_open(&c, &d, path, NULL, err, sizeof err));
    assert_int_equal(c.count, 2);
    assert_int_equal(d.choice.count, 2);
    assert_true(lw_problem_parse(LW_OP_SGEMM, "4x5:5x6_tn", &p, err, sizeof err));
    const lw_call call = {LW_OP_SGEMM, p.args};
    assert_true(lw_call_same(&c.chosen[1].call, &call));
    assert_false(lw_call_same(&c.chosen[0].call, &call));
    assert_ptr_equal(lw_dispatch_row(&d, &call), scalar.op[LW_OP_SGEMM]);
    lw_choices_free(&c);
}

static void refuses_with_file_and_line(void **state)
{
    char text[1024];
    (void)state;
    assert_refused("", "");
    assert_refused("schema,set,op,problem\n", "no column 'variant'");
    assert_refused(HEAD "2,scalar,sgemm,4x5:5x6,sgemm\n", "line 2: schema '2', this version reads 1");
    assert_refused(HEAD "1,mmx,sgemm,4x5:5x6,sgemm\n", "line 2: unknown kernel set 'mmx'");
    assert_refused(HEAD "1,scalar,gemm,4x5:5x6,sgemm\n", "line 2: unknown op 'gemm'");
    assert_refused(HEAD "1,scalar,relu_fwd,n5,relu_fwd\n", "line 2: relu_fwd has one kernel for all sizes");
    assert_refused(HEAD "1,scalar,sgemm,4x5:6x6,sgemm\n", "line 2: ");
    assert_refused(HEAD "1,scalar,sgemm,4x5:5x6,sgemm_9x9\n",
                   "line 2: scalar has no variant 'sgemm_9x9' of sgemm");
    snprintf(text, sizeof text, HEAD "1,scalar,sgemm,4x5:5x6,%s\n", own(LW_OP_CONV2D_FWD));
    assert_refused(text, "line 2: scalar has no variant");
    snprintf(text, sizeof text, HEAD "1,scalar,sgemm,4x5:5x6,%s\n1,scalar,sgemm,4x5:5x6,%s\n",
             own(LW_OP_SGEMM), own(LW_OP_SGEMM));
    assert_refused(text, "line 3: line 2 has that problem already");
}

/* Every row of every table that does not serve all problems. */
static void refuses_a_row_that_does_not_serve(void **state)
{
    (void)state;
    for (int isa = 0; isa < LW_ISA_COUNT; isa++)
        for (size_t r = 0; r < lw_table_of((lw_isa)isa)->count; r++) {
            const lw_kernel *k = &lw_table_of((lw_isa)isa)->rows[r];
            lw_problem p;
            char text[1024];
            size_t i = 0;
            while (lw_problem_sweep(k->op, k->mr, k->nr, i, 0, 1, &p) && lw_kernel_serves(k, &p))
                i++;
            if (lw_kernel_serves(k, &p)) continue;
            snprintf(text, sizeof text, HEAD "1,%s,%s,%s,%s\n", lw_isa_name(k->isa), lw_op_name(k->op),
                     p.text, k->name);
            assert_refused(text, "does not serve");
        }
}

/* A file may come from a machine with other sets. */
static void passes_over_sets_that_are_not_built(void **state)
{
    (void)state;
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) {
        lw_choices c;
        char text[256], err[1024] = "";
        if (lw_table_of((lw_isa)isa)->count > 0) continue;
        snprintf(text, sizeof text, HEAD "1,%s,sgemm,4x5:5x6,whatever\n", lw_isa_name((lw_isa)isa));
        put(text);
        assert_true(lw_choices_read(&c, path, err, sizeof err));
        assert_int_equal(c.count, 0);
        lw_choices_free(&c);
    }
}

static void hash_of(const char *text, char hash[LW_SHA256_HEX])
{
    lw_choices c;
    char err[1024] = "";
    put(text);
    if (!lw_choices_read(&c, path, err, sizeof err)) fail_msg("%s", err);
    strcpy(hash, c.sha256);
    lw_choices_free(&c);
}

static void times_are_no_part_of_the_hash(void **state)
{
    char text[512], first[LW_SHA256_HEX], again[LW_SHA256_HEX], other[LW_SHA256_HEX];
    (void)state;
    snprintf(text, sizeof text, "schema,set,op,problem,variant,seconds\n1,scalar,sgemm,4x5:5x6,%s,1e-3\n",
             own(LW_OP_SGEMM));
    hash_of(text, first);
    snprintf(text, sizeof text, HEAD "1,scalar,sgemm,4x5:5x6,%s\n", own(LW_OP_SGEMM));
    hash_of(text, again);
    snprintf(text, sizeof text, HEAD "1,scalar,sgemm,4x5:5x7,%s\n", own(LW_OP_SGEMM));
    hash_of(text, other);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
}

/* ---------------------------------------------------------------- names */

static void names_come_first_and_are_checked(void **state)
{
    lw_choices c;
    lw_dispatch d = scalar;
    char text[256], names[256], err[1024] = "";
    (void)state;
    snprintf(text, sizeof text, HEAD "1,scalar,sgemm,4x5:5x6,%s\n", own(LW_OP_SGEMM));
    put(text);
    snprintf(names, sizeof names, "%s,%s", own(LW_OP_CONV2D_FWD), own(LW_OP_CONV2D_BWD_DATA));
    assert_true(lw_choices_open(&c, &d, path, names, err, sizeof err));
    assert_true(c.count == 3 && c.forced == 2 && c.chosen[0].forced && c.chosen[1].forced &&
                !c.chosen[2].forced);
    lw_choices_free(&c);
    assert_false(lw_choices_open(&c, &d, NULL, "conv2d_fwd_nothing", err, sizeof err));
    assert_non_null(strstr(err, "variant 'conv2d_fwd_nothing' is none of scalar's"));
    assert_false(lw_choices_open(&c, &d, NULL, own(LW_OP_RELU_FWD), err, sizeof err));
    assert_non_null(strstr(err, "one kernel for all sizes"));
    assert_false(lw_choices_open(&c, &d, NULL, "", err, sizeof err));
    assert_int_equal(d.choice.count, 0);
}

/* ---------------------------------------------------------------- what is measured for a network */

static bool among(const lw_tune_tasks *t, const lw_call *call)
{
    for (int i = 0; i < t->count; i++) {
        const lw_call task = {t->task[i].problem.op, t->task[i].problem.args};
        if (lw_call_same(&task, call)) return true;
    }
    return false;
}

static void assert_all_measured(const char *text, bool dense)
{
    static lw_model model;
    static lw_net net;
    const lw_tune_model m = {.name = text, .h = 28, .w = 28, .batch = 3, .threads = 1, .dense = dense};
    lw_tune_tasks tasks = {0};
    lw_error err;
    if (!lw_tune_add_model(&tasks, &m, &scalar, &err)) fail_msg("%s", err.text);
    assert_true(lw_model_parse(&model, text, (lw_dims){28, 28, 1}, &err));
    if (!dense) lw_model_elide(&model);
    assert_true(lw_net_init(&net, &model, &scalar, 3, 1, &err));
    for (int i = 0; i < model.layers; i++)
        for (int part = 0; part < LW_LAYER_PARTS; part++) {
            const lw_layer *l = &model.layer[i];
            lw_call call;
            if (!net.tensors[i].kernel[part]) continue;
            assert_true(l->type->call(l, (lw_part)part, 3, &call));
            if (!among(&tasks, &call))
                fail_msg("%s: %s %s is not measured", text, l->name, lw_part_name((lw_part)part));
        }
    lw_net_free(&net);
    lw_tune_tasks_free(&tasks);
}

static void measures_every_call_of_a_network(void **state)
{
    static const char *const models[] = {"conv(4,3) relu maxpool(2) conv(5,3) relu conv(5,3,pad=same) relu "
                                         "maxpool(2) flatten dense(6) relu dense(3)",
                                         "conv(4,5,stride=2) batchnorm relu residual(conv(4,3,pad=same) relu "
                                         "conv(4,1)) relu globalavgpool dense(3)"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_all_measured(models[i], false);
        assert_all_measured(models[i], true);
    }
}

/* ---------------------------------------------------------------- what is chosen */

static lw_compared timed(double ratio, double low, double high)
{
    return (lw_compared){
        .kernel = scalar.op[LW_OP_SGEMM], .verdict = {.pass = true}, .ratio = {9, ratio, low, high}};
}

static void only_what_is_faster_beyond_doubt_is_chosen(void **state)
{
    static lw_tuned t; /* too large for a stack */
    (void)state;
    t = (lw_tuned){
        .count = 4,
        .row = {timed(1, 1, 1), timed(0.9, 0.8, 1.01), timed(1.2, 1.1, 1.3), timed(0.97, 0.96, 0.98)}};
    lw_tuned_choose(&t);
    assert_int_equal(t.chosen, 3);
    t.row[2] = timed(0.5, 0.4, 0.6);
    lw_tuned_choose(&t);
    assert_int_equal(t.chosen, 2);
    t.row[2].verdict.pass = false;
    lw_tuned_choose(&t);
    assert_int_equal(t.chosen, 3);
    t.count = 3;
    lw_tuned_choose(&t);
    assert_int_equal(t.chosen, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_chosen),
        cmocka_unit_test(refuses_with_file_and_line),
        cmocka_unit_test(refuses_a_row_that_does_not_serve),
        cmocka_unit_test(passes_over_sets_that_are_not_built),
        cmocka_unit_test(times_are_no_part_of_the_hash),
        cmocka_unit_test(names_come_first_and_are_checked),
        cmocka_unit_test(measures_every_call_of_a_network),
        cmocka_unit_test(only_what_is_faster_beyond_doubt_is_chosen),
    };
    return cmocka_run_group_tests_name("choice", tests, start, end);
}
