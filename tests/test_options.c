/* SPDX-License-Identifier: BSD-3-Clause
 * test_options.c: values, ranges, refusals. What is printed is compared by test_cli.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/exit_codes.h"
#include "harness/options.h"

#include <getopt.h>
#include <string.h>

static bool flag, switched;
static int threads, any;
static uint64_t seed;
static double rate;
static const char *name, *method;

static const lw_option table[] = {{LW_OPT_HEADING, .help = "Options"},
                                  {LW_OPT_FLAG, "flag", 'f', .value = &flag},
                                  {LW_OPT_BOOL, "switch", .value = &switched},
                                  {LW_OPT_INT, "threads", 't', "N", &threads, .min = 1, .max = 64},
                                  {LW_OPT_INT, "any", .value = &any},
                                  {LW_OPT_U64, "seed", 's', "N", &seed, .help = ""},
                                  {LW_OPT_REAL, "rate", 'r', "X", &rate, .min = 0, .max = 1},
                                  {LW_OPT_TEXT, "name", 'n', "TEXT", &name, .help = ""},
                                  {LW_OPT_TEXT, "method", .value = &method, .choices = "adam|sgd"},
                                  {.kind = LW_OPT_END}};

/* Parses words (the last one NULL) as the arguments of "bench test"; returns the exit code. */
static int parse(int operands, const char *const *words)
{
    const lw_usage usage = {"test", "[options]", "For the test.", NULL, operands};
    static char copies[16][64];
    char *argv[17] = {copies[0]};
    int argc = 1, code = -1;
    strcpy(copies[0], "test");
    for (; *words; words++, argc++) {
        strcpy(copies[argc], *words);
        argv[argc] = copies[argc];
    }
    flag = switched = false;
    threads = 7;
    any = 7;
    seed = 7;
    rate = 0.5;
    name = method = NULL;
    bool go_on = lw_options_parse(&usage, table, argc, argv, &code);
    assert_int_equal(go_on, code == LW_EXIT_OK);
    return code;
}

#define PARSE(...) parse(0, (const char *const[]){__VA_ARGS__, NULL})

static void values_arrive(void **state)
{
    (void)state;
    assert_int_equal(
        PARSE("--flag", "--threads", "3", "--seed=18446744073709551615", "-r", "0.25", "--name", "x y"), 0);
    assert_true(flag && threads == 3 && seed == UINT64_MAX && rate == 0.25);
    assert_string_equal(name, "x y");
    assert_int_equal(PARSE("-ft5", "--any", "-3", "--method", "sgd", "--seed", "0xff"), 0);
    assert_true(flag && threads == 5 && any == -3 && seed == 255);
    assert_string_equal(method, "sgd");
}

static void a_switch_needs_no_value_and_takes_one(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--switch"), 0);
    assert_true(switched);
    assert_int_equal(PARSE("--switch=yes"), 0);
    assert_true(switched);
    assert_int_equal(PARSE("--switch", "--switch=0"), 0);
    assert_false(switched);
    assert_int_equal(PARSE("--switch=maybe"), LW_EXIT_USAGE);
}

static void what_is_not_given_keeps_its_default(void **state)
{
    (void)state;
    assert_int_equal(parse(0, (const char *const[]){NULL}), 0);
    assert_true(!flag && threads == 7 && seed == 7 && rate == 0.5 && !name);
}

static void the_last_one_wins(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-t", "3", "--threads=9"), 0);
    assert_int_equal(threads, 9);
}

static void bad_values_are_refused(void **state)
{
    (void)state;
    const char *const bad[][2] = {{"--threads", "0"},      {"--threads", "65"},
                                  {"--threads", "x"},      {"--threads", "3x"},
                                  {"--threads", ""},       {"--threads", " 3"},
                                  {"--threads", "3.5"},    {"--threads", "99999999999999999999"},
                                  {"--any", "3000000000"}, {"--seed", "-1"},
                                  {"--seed", "1e3"},       {"--seed", "0x"},
                                  {"--seed", ""},          {"--seed", "18446744073709551616"},
                                  {"--rate", "1.5"},       {"--rate", "nan"},
                                  {"--rate", "inf"},       {"--rate", "0.5x"},
                                  {"--rate", ""},          {"--name", ""},
                                  {"--method", "ada"},     {"--method", ""},
                                  {"--method", "adam|sgd"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(PARSE(bad[i][0], bad[i][1]), LW_EXIT_USAGE);
        assert_true(threads == 7 && any == 7 && seed == 7 && rate == 0.5 && !name && !method);
    }
}

static void unknown_and_incomplete_options_are_refused(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--thread-count", "3"), LW_EXIT_USAGE);
    assert_int_equal(PARSE("-z"), LW_EXIT_USAGE);
    assert_int_equal(PARSE("--threads"), LW_EXIT_USAGE);
    assert_int_equal(PARSE("-t"), LW_EXIT_USAGE);
    assert_int_equal(PARSE("--flag=yes"), LW_EXIT_USAGE);
    assert_int_equal(PARSE("operand"), LW_EXIT_USAGE);
}

static void operands_are_left_at_optind(void **state)
{
    (void)state;
    assert_int_equal(parse(1, (const char *const[]){"-f", "mnist", NULL}), 0);
    assert_int_equal(optind, 2);
    assert_int_equal(parse(1, (const char *const[]){"mnist", "-f", NULL}), 0);
    assert_true(flag);
    assert_int_equal(parse(1, (const char *const[]){"--", "-f", NULL}), 0);
    assert_false(flag);
    assert_int_equal(parse(1, (const char *const[]){"a", "b", NULL}), LW_EXIT_USAGE);
}

static void choices_are_whole_words(void **state)
{
    (void)state;
    assert_true(lw_choice_contains("adam|sgd", "adam") && lw_choice_contains("adam|sgd", "sgd"));
    assert_false(lw_choice_contains("adam|sgd", "ada") || lw_choice_contains("adam|sgd", "dam"));
    assert_false(lw_choice_contains("adam|sgd", "") || lw_choice_contains("adam|sgd", "sgdx"));
}

static void the_nearest_name_is_suggested(void **state)
{
    (void)state;
    const char *const names[] = {"threads", "seed", "problem"};
    assert_string_equal(lw_nearest("thread", names, 3), "threads");
    assert_string_equal(lw_nearest("porblem", names, 3), "problem");
    assert_string_equal(lw_nearest("prob", names, 3), "problem");
    assert_null(lw_nearest("zzzzzz", names, 3));
    assert_null(lw_nearest("an-option-that-is-longer-than-any-other-option", names, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_arrive),
        cmocka_unit_test(a_switch_needs_no_value_and_takes_one),
        cmocka_unit_test(what_is_not_given_keeps_its_default),
        cmocka_unit_test(the_last_one_wins),
        cmocka_unit_test(bad_values_are_refused),
        cmocka_unit_test(unknown_and_incomplete_options_are_refused),
        cmocka_unit_test(operands_are_left_at_optind),
        cmocka_unit_test(choices_are_whole_words),
        cmocka_unit_test(the_nearest_name_is_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
