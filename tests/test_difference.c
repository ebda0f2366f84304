/* SPDX-License-Identifier: BSD-3-Clause
 * test_difference.c: `bench diff` against runs that were made up: nothing is found between a run and another
 * draw of it, whatever the noise is like, and what was planted is. */
#include "harness/records/csv.h"
#include "harness/records/difference.h"
#include "harness/timing/stats.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 150, SAMPLES = 21, TRIALS = 200 };
/* 0.05 of 200 trials is 10; three deviations more. */
enum { MOST_FALSE = 19 };

/* SplitMix64 and Box and Muller. */
static uint64_t state;

static double uniform(void)
{
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* How a run comes about. */
typedef struct world {
    double between;  /* standard deviation of what a whole row shifts by from run to run; one of ten shifts
                        four times as far */
    double clumping; /* correlation of neighbours among a row's samples */
    double factor;   /* on all times */
    double peak, ghz;
    int planted; /* a row that takes `slowdown` times as long; -1: none */
    double slowdown;
} world;

static const world quiet = {.factor = 1, .peak = 105, .ghz = 3.2, .planted = -1};

/* Skewed as times are: a floor, lognormal noise above it, and now and then an interruption. */
static void draw_row(lw_result *r, int row, const world *w)
{
    const double floor = 1e-7 * pow(10, 5.0 * row / ROWS) * w->factor *
                         (row == w->planted ? w->slowdown : 1) *
                         exp(w->between * normal() * (uniform() < 0.1 ? 4 : 1));
    double noise = normal(), sorted[SAMPLES], scratch[SAMPLES];
    r->sample = malloc(SAMPLES * sizeof *r->sample);
    assert_non_null(r->sample);
    r->samples = SAMPLES;
    for (int i = 0; i < SAMPLES; i++) {
        noise = w->clumping * noise + sqrt(1 - w->clumping * w->clumping) * normal();
        sorted[i] = r->sample[i] =
            floor * (1 + 0.003 * exp(noise) + (uniform() < 0.02 ? 0.2 * uniform() : 0));
    }
    const lw_summary s = lw_summarise(sorted, SAMPLES, scratch);
    r->median = s.median;
    r->low = s.ci_low;
    r->high = s.ci_high;
}

static lw_results draw(const world *w)
{
    static char problem[ROWS][32];
    lw_results run = {.count = ROWS, .row = calloc(ROWS, sizeof *run.row)};
    assert_non_null(run.row);
    for (int i = 0; i < ROWS; i++) {
        snprintf(problem[i], sizeof problem[i], "n%d", i + 1);
        run.row[i] = (lw_result){.op = "add",
                                 .problem = problem[i],
                                 .variant = "add_vec",
                                 .set = "avx2",
                                 .cache = "hot",
                                 .verdict = "stable",
                                 .cpu = "made up",
                                 .bound = i % 4 ? "FMA" : "L2",
                                 .threads = 1,
                                 .peak = w->peak,
                                 .ghz = w->ghz};
        draw_row(&run.row[i], i, w);
    }
    return run;
}

static const lw_rules usual = {.threshold = 0.03, .alpha = 0.05, .noise = NAN};

static lw_difference compare(const world *a, const world *b, lw_rules rules)
{
    lw_results run_a = draw(a), run_b = draw(b);
    lw_difference d;
    assert_true(lw_difference_make(&d, &run_a, &run_b, &rules));
    /* The pairs' rows end here; verdicts stay. */
    lw_results_free(&run_a);
    lw_results_free(&run_b);
    return d;
}

/* In how many of the trials anything was found that is not there. */
static int false_alarms(const world *w, double threshold)
{
    int alarms = 0;
    lw_rules rules = usual;
    rules.threshold = threshold;
    for (int i = 0; i < TRIALS; i++) {
        lw_difference d = compare(w, w, rules);
        assert_int_equal(d.count, ROWS);
        assert_int_equal(d.tested, ROWS);
        alarms += d.of[LW_CHANGE_REGRESSION] > 0;
        lw_difference_free(&d);
    }
    print_message("between %g clumping %g threshold %g: %d of %d\n", w->between, w->clumping, threshold,
                  alarms, TRIALS);
    return alarms;
}

static void test_nothing_between_draws(void **unused)
{
    (void)unused;
    state = 1;
    assert_true(false_alarms(&quiet, 0) <= MOST_FALSE);
    assert_int_equal(false_alarms(&quiet, 0.03), 0);
}

static void test_nothing_in_runs_that_differ(void **unused)
{
    (void)unused;
    world w = quiet;
    state = 2;
    for (w.between = 0.002; w.between < 0.1; w.between *= 4) {
        assert_true(false_alarms(&w, 0) <= MOST_FALSE);
        assert_true(false_alarms(&w, 0.03) <= MOST_FALSE);
    }
}

/* 21 samples show only part of a correlation; a threshold of some deviations takes care of the rest. */
static void test_nothing_in_clumps(void **unused)
{
    (void)unused;
    world w = quiet;
    state = 3;
    for (w.clumping = 0.5; w.clumping < 0.99; w.clumping += 0.2) {
        assert_true(false_alarms(&w, 0.01) <= MOST_FALSE);
        assert_int_equal(false_alarms(&w, 0.03), 0);
    }
}

static void test_five_percent_are_found(void **unused)
{
    (void)unused;
    state = 4;
    for (int percent = 0; percent <= 3; percent++) {
        int found = 0, others = 0;
        lw_rules rules = usual;
        rules.threshold = percent / 100.0;
        for (int i = 0; i < 50; i++) {
            world b = quiet;
            b.planted = i;
            b.slowdown = 1.05;
            lw_difference d = compare(&quiet, &b, rules);
            const bool seen = d.pair[i].verdict == LW_CHANGE_REGRESSION;
            found += seen;
            others += d.of[LW_CHANGE_REGRESSION] - seen;
            lw_difference_free(&d);
        }
        assert_true(found >= 48);
        assert_true(others <= 8);
    }
}

static void test_five_percent_the_other_way(void **unused)
{
    (void)unused;
    state = 5;
    world b = quiet;
    b.planted = 70;
    b.slowdown = 1 / 1.05;
    lw_difference d = compare(&quiet, &b, usual);
    assert_int_equal(d.pair[70].verdict, LW_CHANGE_IMPROVEMENT);
    assert_int_equal(d.of[LW_CHANGE_REGRESSION], 0);
    lw_difference_free(&d);
}

/* Where runs differ by 1 %, 5 % prove nothing and 70 % do. */
static void test_noise_raises_the_bar(void **unused)
{
    (void)unused;
    world a = quiet, b = quiet;
    state = 6;
    a.between = b.between = 0.01;
    b.planted = 33;
    b.slowdown = 1.7;
    lw_difference d = compare(&a, &b, usual);
    for (int kind = 0; kind < LW_NOISE_KINDS; kind++) {
        const lw_noise *n = &d.noise[kind];
        assert_true(n->found && n->value > 0.005 && n->value < 0.03);
        assert_true(n->bar > 0.1 && n->bar < 0.6);
    }
    assert_int_equal(d.pair[33].verdict, LW_CHANGE_REGRESSION);
    lw_difference_free(&d);
}

static void stretch(lw_result *r, double factor)
{
    for (size_t i = 0; i < r->samples; i++)
        r->sample[i] *= factor;
    r->median *= factor;
    r->low *= factor;
    r->high *= factor;
}

/* Rows that memory bounds scatter by themselves: they are not called changed, nor do they hide what
 * arithmetic lost. */
static void test_memory_has_its_own_noise(void **unused)
{
    (void)unused;
    int found = 0, others = 0;
    state = 12;
    for (int i = 0; i < 50; i++) {
        lw_results a = draw(&quiet), b = draw(&quiet);
        for (int k = 0; k < ROWS; k += 4) /* a third of them by far */
            stretch(&b.row[k], exp((k % 3 ? 0.005 : 0.15) * normal()));
        stretch(&b.row[33], 1.07);
        lw_difference d;
        assert_true(lw_difference_make(&d, &a, &b, &usual));
        const bool seen = d.pair[33].verdict == LW_CHANGE_REGRESSION;
        found += seen;
        others += d.of[LW_CHANGE_REGRESSION] > seen;
        lw_difference_free(&d);
        lw_results_free(&a);
        lw_results_free(&b);
    }
    print_message("found %d, others %d of 50\n", found, others);
    assert_true(found >= 48);
    assert_true(others <= 5);
}

static void test_a_slower_machine_is_named(void **unused)
{
    (void)unused;
    world slow = quiet;
    state = 7;
    slow.factor = 105.0 / 90;
    slow.peak = 90;
    lw_difference d = compare(&quiet, &slow, usual);
    assert_int_equal(d.of[LW_CHANGE_REGRESSION], 0);
    assert_int_equal(d.of[LW_CHANGE_MACHINE], ROWS);
    assert_true(fabs(d.machine - 105.0 / 90) < 0.01);
    lw_difference_free(&d);
    /* Its clock alone will do, and a kernel that lost more than the machine stands out. */
    slow.peak = NAN;
    slow.ghz = 3.2 * 90 / 105;
    slow.planted = 12;
    slow.slowdown = 1.1;
    d = compare(&quiet, &slow, usual);
    assert_int_equal(d.of[LW_CHANGE_REGRESSION], 1);
    assert_int_equal(d.pair[12].verdict, LW_CHANGE_REGRESSION);
    lw_difference_free(&d);
    /* A machine that became faster makes no regression of a row that stayed. */
    lw_difference back = compare(&slow, &quiet, usual);
    assert_int_equal(back.of[LW_CHANGE_REGRESSION], 0);
    lw_difference_free(&back);
}

static void test_a_slower_build_is_none_of_the_machine(void **unused)
{
    (void)unused;
    world slow = quiet;
    state = 8;
    slow.factor = 1.1;
    lw_difference d = compare(&quiet, &slow, usual);
    assert_true(d.of[LW_CHANGE_REGRESSION] > ROWS * 9 / 10);
    assert_true(fabs(d.machine - 1) < 1e-9);
    assert_true(fabs(d.shift - 0.1) < 0.01);
    lw_difference_free(&d);
}

/* A peak that was measured badly excuses nothing while the rows stayed where they were. */
static void test_a_peak_alone_excuses_nothing(void **unused)
{
    (void)unused;
    world b = quiet;
    state = 9;
    b.peak = 80;
    b.planted = 5;
    b.slowdown = 1.1;
    lw_difference d = compare(&quiet, &b, usual);
    assert_int_equal(d.pair[5].verdict, LW_CHANGE_REGRESSION);
    lw_difference_free(&d);
}

static void test_what_is_not_tested(void **unused)
{
    (void)unused;
    state = 10;
    world b = quiet;
    b.factor = 2;
    lw_results run_a = draw(&quiet), run_b = draw(&b);
    run_b.row[0].verdict = "unstable";
    run_a.row[1].verdict = "unknown";
    run_b.row[2].median = NAN;
    run_b.row[3].threads = 2;
    run_a.row[4].problem = run_a.row[5].problem; /* twice: the first of A with the first of B */
    lw_difference d;
    assert_true(lw_difference_make(&d, &run_a, &run_b, &usual));
    assert_int_equal(d.pair[0].verdict, LW_CHANGE_UNSTABLE);
    assert_int_equal(d.pair[1].verdict, LW_CHANGE_UNSTABLE);
    assert_int_equal(d.pair[2].verdict, LW_CHANGE_UNMEASURED);
    assert_int_equal(d.pair[3].verdict, LW_CHANGE_UNPAIRED);
    assert_ptr_equal(d.pair[4].b, &run_b.row[5]);
    assert_int_equal(d.pair[5].verdict, LW_CHANGE_UNPAIRED);
    assert_int_equal(d.count, ROWS + 2); /* n4 of two threads and n5 are only in B */
    assert_null(d.pair[ROWS].a);
    assert_int_equal(d.of[LW_CHANGE_UNPAIRED], 4);
    assert_int_equal(d.tested, ROWS - 5);
    lw_difference_free(&d);
    lw_results_free(&run_a);
    lw_results_free(&run_b);
}

/* ---------------------------------------------------------------- by way of files */

static void write_run(const char *path, const lw_results *run)
{
    static const char *const names[] = {"schema",    "op",      "problem", "variant", "isa",
                                        "threads",   "cache",   "cpu",     "command", "median_seconds",
                                        "ci_low",    "ci_high", "verdict", "ghz",     "peak_gflops",
                                        "samples_s", "bound"};
    char err[256];
    lw_csv *csv = lw_csv_create(path, names, 17, err, sizeof err);
    assert_non_null(csv);
    for (int i = 0; i < run->count; i++) {
        const lw_result *r = &run->row[i];
        char samples[SAMPLES * 32] = "";
        for (size_t k = 0; k < r->samples; k++)
            sprintf(samples + strlen(samples), "%s%.9g", k ? " " : "", r->sample[k]);
        lw_csv_int(csv, 2);
        lw_csv_text(csv, r->op);
        lw_csv_text(csv, r->problem);
        lw_csv_text(csv, r->variant);
        lw_csv_text(csv, r->set);
        lw_csv_int(csv, r->threads);
        lw_csv_text(csv, r->cache);
        lw_csv_text(csv, "a \"made up\", one");
        lw_csv_text(csv, "bench kernels");
        lw_csv_real(csv, r->median, 9);
        lw_csv_real(csv, r->low, 9);
        lw_csv_real(csv, r->high, 9);
        lw_csv_text(csv, r->verdict);
        lw_csv_real(csv, r->ghz, 4);
        lw_csv_real(csv, r->peak, 6);
        lw_csv_text(csv, samples);
        lw_csv_text(csv, r->bound);
        assert_true(lw_csv_end_row(csv));
    }
    assert_true(lw_csv_close(csv));
}

static void test_files_say_the_same(void **unused)
{
    (void)unused;
    char path[] = "/tmp/lanewise-difference-XXXXXX", err[256];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    state = 11;
    lw_results run = draw(&quiet), back;
    write_run(path, &run);
    if (!lw_results_read(&back, path, err, sizeof err)) fail_msg("%s", err);
    assert_int_equal(back.count, ROWS);
    for (int i = 0; i < ROWS; i++) {
        assert_true(lw_result_same_row(&run.row[i], &back.row[i]));
        assert_int_equal(back.row[i].line, i + 2);
        assert_int_equal(back.row[i].samples, SAMPLES);
        for (int k = 0; k < SAMPLES; k++)
            assert_true(fabs(back.row[i].sample[k] / run.row[i].sample[k] - 1) < 1e-8);
        assert_true(fabs(back.row[i].low / run.row[i].low - 1) < 1e-8);
        assert_true(fabs(back.row[i].peak - 105) < 1e-9);
        assert_string_equal(back.row[i].cpu, "a \"made up\", one");
    }
    lw_results_free(&run);
    lw_results_free(&back);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_between_draws),
        cmocka_unit_test(test_nothing_in_runs_that_differ),
        cmocka_unit_test(test_nothing_in_clumps),
        cmocka_unit_test(test_five_percent_are_found),
        cmocka_unit_test(test_five_percent_the_other_way),
        cmocka_unit_test(test_noise_raises_the_bar),
        cmocka_unit_test(test_memory_has_its_own_noise),
        cmocka_unit_test(test_a_slower_machine_is_named),
        cmocka_unit_test(test_a_slower_build_is_none_of_the_machine),
        cmocka_unit_test(test_a_peak_alone_excuses_nothing),
        cmocka_unit_test(test_what_is_not_tested),
        cmocka_unit_test(test_files_say_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
