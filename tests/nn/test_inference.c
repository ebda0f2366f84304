/* SPDX-License-Identifier: BSD-3-Clause
 * test_inference.c: a network that only answers gives the answers of the trained one, with the same bits for every team
 * and every way to cut the images into calls of whole parts. */
#include "nn/inference.h"
#include "nn/elide.h"
#include "support.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { IMAGES = 150, CLASSES = 16 };

static lw_dispatch sets[LW_ISA_COUNT];
static int set_count;
static uint8_t pixels[IMAGES * 28 * 28 * 3], labels[IMAGES];
static float prob[IMAGES * CLASSES], loss[IMAGES];

static int find_sets(void **state)
{
    (void)state;
    numbers formula = {5};
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(numbers_word(&formula) >> 24);
    for (int i = 0; i < IMAGES; i++) labels[i] = (uint8_t)(i % 2);
    set_count = usable_sets(sets);
    return 0;
}

static void barrier(void)
{
#pragma omp barrier
}

static void answer(const lw_inference *inf, ptrdiff_t count, int threads)
{
    const lw_inference_batch batch = {count, pixels, labels, prob, loss};
    memset(prob, 0xff, sizeof prob); /* NaN */
    memset(loss, 0xff, sizeof loss);
#pragma omp parallel num_threads(threads)
    {
        const lw_team team = {omp_get_thread_num(), omp_get_num_threads(), barrier};
        lw_inference_run(inf, &batch, &team);
    }
}

static void prepare(lw_inference *inf, const network *n, const lw_dispatch *kernels, int members)
{
    lw_error err;
    if (!lw_inference_init(inf, &n->model, kernels, members, &err)) fail_msg("%s", err.text);
    lw_inference_load(inf, &n->net);
}

/* ---------------------------------------------------------------- the same answers */

static const struct {
    const char *text;
    int layers; /* that are left */
} models[] = {
    {LW_MODEL_TUTORIAL, 8},
    {"conv(9,3) batchnorm relu maxpool(2) conv(7,2) batchnorm relu maxpool(2) flatten dropout(0.5) dense(4)", 6},
    {"conv(5,3,stride=2) batchnorm conv(4,3) relu batchnorm flatten dense(6) batchnorm relu dense(3)", 6},
    {"dropout(0.2) conv(4,5) relu dropout(0.3) maxpool(3) flatten dense(12) relu dropout(0.4) dense(2) dropout(0.1)", 6},
    {"batchnorm conv(4,3) maxpool(2) flatten dense(3)", 5},
    {"conv(8,3) batchnorm relu residual(conv(8,3,pad=same) batchnorm relu conv(8,3,pad=same) batchnorm) relu "
     "globalavgpool dense(5)", 7},
    {"conv(6,3) branches(batchnorm relu|conv(3,1) batchnorm) flatten dropout(0.5) dense(4)", 6},
    {"flatten dense(5) batchnorm", 3},
};

static void assert_same_answers(const char *text, int layers, lw_dims input, const lw_dispatch *kernels)
{
    enum { COUNT = 5 };
    network trained;
    static lw_inference inf;
    network_open_elided(&trained, text, input, kernels, COUNT, 1);
    network_fill(&trained, COUNT, 3);
    for (ptrdiff_t i = 0; i < trained.net.arena; i++) trained.net.params[i] *= 0.2f; /* else one class has it all */
    prepare(&inf, &trained, kernels, 1);
    assert_int_equal(inf.model.layers, layers);
    for (ptrdiff_t i = 0; i < COUNT * lw_dims_count(input); i++) trained.net.input[i] = (float)pixels[i] / 255;
    for (int i = 0; i < COUNT; i++) trained.net.label[i] = labels[i];
    const lw_pass pass = pass_of(&trained, COUNT, false);
    lw_net_forward(&trained.net, &pass);
    answer(&inf, COUNT, 1);
    for (int i = 0; i < COUNT * trained.model.classes; i++)
        assert_near((double)prob[i], (double)trained.net.prob[i], 2e-5, text, i);
    for (int i = 0; i < COUNT; i++) assert_near((double)loss[i], (double)trained.net.loss[i], 1e-5 * (1 + (double)loss[i]), text, i);
    lw_inference_free(&inf);
    network_close(&trained);
}

static void answers_are_those_of_the_trained_network(void **state)
{
    (void)state;
    for (int s = 0; s < set_count; s++)
        for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
            assert_same_answers(models[i].text, models[i].layers, (lw_dims){28, 28, 1}, &sets[s]);
            assert_same_answers(models[i].text, models[i].layers, (lw_dims){23, 27, 3}, &sets[s]);
        }
}

/* ---------------------------------------------------------------- the same bits */

static void bits_depend_on_no_team(void **state)
{
    static const char text[] = "conv(8,3) batchnorm relu maxpool(2) conv(6,3) relu maxpool(2) flatten dense(10)";
    static const ptrdiff_t counts[] = {0, 1, 2, 63, 64, 65, 130, IMAGES};
    static float alone[IMAGES * CLASSES];
    static lw_inference inf;
    network trained;
    (void)state;
    network_open_elided(&trained, text, (lw_dims){28, 28, 1}, &sets[set_count - 1], 1, 1);
    network_fill(&trained, 1, 7);
    prepare(&inf, &trained, &sets[set_count - 1], 3);
    assert_in_range(inf.part, 2, 64);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        answer(&inf, counts[i], 1);
        memcpy(alone, prob, sizeof alone);
        for (ptrdiff_t k = 0; k < counts[i] * 10; k++) assert_true(isfinite(prob[k]));
        assert_true(isnan(prob[counts[i] * 10])); /* and no further */
        for (int threads = 2; threads <= 3; threads++) {
            answer(&inf, counts[i], threads);
            assert_memory_equal(alone, prob, sizeof alone);
        }
    }
    lw_inference_free(&inf);
    network_close(&trained);
}

/* ---------------------------------------------------------------- other weights */

/* Packed weights are kept from call to call, by each member of a team. */
static void answers_follow_the_weights(void **state)
{
    enum { COUNT = 40 };
    static const char text[] = "conv(8,3) relu maxpool(2) conv(6,3) relu maxpool(2) conv(4,3) relu flatten dense(10)";
    static float of_first[IMAGES * CLASSES], of_second[IMAGES * CLASSES];
    static lw_inference inf, fresh;
    network trained;
    (void)state;
    for (int s = 0; s < set_count; s++) {
        network_open_elided(&trained, text, (lw_dims){28, 28, 1}, &sets[s], 1, 1);
        network_fill(&trained, 1, 7);
        prepare(&inf, &trained, &sets[s], 2);
        answer(&inf, COUNT, 2);
        memcpy(of_first, prob, sizeof prob);
        answer(&inf, COUNT, 1);
        assert_memory_equal(of_first, prob, sizeof prob);
        network_fill(&trained, 1, 8);
        prepare(&fresh, &trained, &sets[s], 2);
        answer(&fresh, COUNT, 2);
        memcpy(of_second, prob, sizeof prob);
        assert_memory_not_equal(of_first, of_second, sizeof prob);
        lw_inference_load(&inf, &trained.net);
        answer(&inf, COUNT, 2);
        assert_memory_equal(of_second, prob, sizeof prob);
        lw_inference_free(&inf);
        lw_inference_free(&fresh);
        network_close(&trained);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_the_trained_network),
        cmocka_unit_test(bits_depend_on_no_team),
        cmocka_unit_test(answers_follow_the_weights),
    };
    return cmocka_run_group_tests(tests, find_sets, NULL);
}
