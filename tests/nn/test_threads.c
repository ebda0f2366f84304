/* SPDX-License-Identifier: BSD-3-Clause
 * test_threads.c: training and evaluation give the same bits for any number of threads, for every kernel set
 * usable here. */
#include "nn/synthetic.h"
#include "nn/trainer.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { IMAGES = 299, MOST_THREADS = 4 };

static lw_dispatch sets[LW_ISA_COUNT];
static int set_count;
static uint8_t pixels[IMAGES * LW_SYNTHETIC_SIDE * LW_SYNTHETIC_SIDE], labels[IMAGES];

static int find_sets_and_draw(void **state)
{
    (void)state;
    set_count = usable_sets(sets);
    for (int i = 0; i < IMAGES; i++) {
        labels[i] = (uint8_t)(i * 7 % 10);
        lw_synthetic_draw(pixels + (ptrdiff_t)i * LW_SYNTHETIC_SIDE * LW_SYNTHETIC_SIDE, labels[i],
                          (uint64_t)i);
    }
    return 0;
}

static lw_images digits(int count)
{
    return (lw_images){count, LW_SYNTHETIC_SIDE, LW_SYNTHETIC_SIDE, pixels, labels};
}

typedef struct task {
    const char *text;
    int images, batch;
    lw_optimizer optimizer;
    bool elided;
} task;

/* What two runs must agree on, bit by bit. */
typedef struct trained {
    float *params;
    ptrdiff_t count;
    lw_progress progress[2];
    lw_score score;
} trained;

static trained train(const task *t, const lw_dispatch *kernels, int threads)
{
    network n;
    (t->elided ? network_open_elided : network_open)(&n, t->text, (lw_dims){LW_SYNTHETIC_SIDE, LW_SYNTHETIC_SIDE, 1},
                                                     kernels, t->batch, threads);
    lw_net_init_params(&n.net, LW_INIT_GLOROT, 5);
    lw_trainer trainer;
    lw_error err;
    trained result = {.count = n.net.values};
    assert_true(lw_trainer_init(&trainer, &n.net, &t->optimizer, digits(t->images), 9, threads, &err));
    for (int epoch = 0; epoch < 2; epoch++)
        assert_int_equal(lw_trainer_epoch(&trainer, epoch, &result.progress[epoch]), LW_DONE);
    result.score = lw_evaluate(&n.net, digits(t->images), threads);
    result.params = malloc((size_t)n.net.values * sizeof(float));
    assert_non_null(result.params);
    memcpy(result.params, n.net.params, (size_t)n.net.values * sizeof(float));
    lw_trainer_free(&trainer);
    network_close(&n);
    return result;
}

static void assert_same_bits(const trained *a, const trained *b, const task *t, const char *set, int threads)
{
    for (ptrdiff_t i = 0; i < a->count; i++)
        if (memcmp(&a->params[i], &b->params[i], sizeof(float)) != 0)
            fail_msg("%s, batch %d, %s, %d threads: parameter %td is %a, with one thread %a", t->text,
                     t->batch, set, threads, i, (double)b->params[i], (double)a->params[i]);
    for (int epoch = 0; epoch < 2; epoch++) {
        assert_memory_equal(&a->progress[epoch].loss, &b->progress[epoch].loss, sizeof(double));
        assert_memory_equal(&a->progress[epoch].accuracy, &b->progress[epoch].accuracy, sizeof(double));
    }
    assert_memory_equal(&a->score.loss, &b->score.loss, sizeof(double));
    assert_int_equal(a->score.correct, b->score.correct);
    assert_int_equal(b->score.images, t->images);
}

static void check_one(task t)
{
    for (int k = 0; k < set_count; k++) {
        trained one = train(&t, &sets[k], 1);
        const float *p = one.params;
        assert_true(one.score.loss == one.score.loss); /* not NaN */
        assert_true(p[0] != p[1]);
        for (int threads = 2; threads <= MOST_THREADS; threads++) {
            trained more = train(&t, &sets[k], threads);
            assert_same_bits(&one, &more, &t, lw_isa_name(sets[k].isa), threads);
            free(more.params);
        }
        free(one.params);
    }
}

static lw_optimizer nesterov(void)
{
    lw_optimizer o = lw_optimizer_default(LW_SGD);
    o.momentum = 0.9;
    o.nesterov = true;
    o.weight_decay = 1e-3;
    return o;
}

static void check(const char *text, int images, int batch, lw_optimizer optimizer)
{
    check_one((task){text, images, batch, optimizer, false});
    check_one((task){text, images, batch, optimizer, true});
}

static void a_convolutional_network_trains_to_the_same_bits(void **state)
{
    (void)state;
    check("conv(8,3,stride=2) relu maxpool(2) dropout(0.2) conv(20,3,pad=same) relu flatten dense(24) relu "
          "dense(10)",
          150, 64, lw_optimizer_default(LW_ADAM));
}

static void overlapping_windows_train_to_the_same_bits(void **state)
{
    (void)state;
    check("avgpool(2) conv(5,4,stride=2,pad=same) avgpool(3,2,pad=1) relu conv(10,2) globalavgpool", 61, 20, nesterov());
    check("maxpool(2) conv(5,4,stride=2,pad=same) maxpool(3,2,pad=1) relu conv(10,2) globalavgpool", 61, 20,
          nesterov());
}

static void batches_smaller_than_the_team_train_to_the_same_bits(void **state)
{
    (void)state;
    check("conv(6,5,stride=4) relu globalavgpool dense(10)", 7, 3, lw_optimizer_default(LW_ADAMW));
    check("flatten dense(17) relu dense(10)", 5, 1, lw_optimizer_default(LW_SGD));
}

static void batches_of_hundreds_train_to_the_same_bits(void **state)
{
    (void)state;
    check("maxpool(4) flatten dense(40) relu dropout(0.25) dense(10)", 299, 270,
          lw_optimizer_default(LW_ADAM));
    check("maxpool(7) conv(10,3,pad=same) relu globalavgpool", 299, 299, nesterov());
}

static void graphs_train_to_the_same_bits(void **state)
{
    (void)state;
    check("conv(7,3,stride=2) relu maxpool(2) residual(conv(7,3,pad=same) relu conv(7,3,pad=same)) relu "
          "branches(conv(5,1) relu|maxpool(3,1,same) conv(3,1)|) dropout(0.2) conv(9,3) relu maxpool(2) flatten dense(10)",
          90, 32, lw_optimizer_default(LW_ADAM));
    check("conv(9,3,stride=2) batchnorm relu residual(conv(9,3,pad=same) batchnorm relu) batchnorm maxpool(2) "
          "flatten dense(20) batchnorm relu dense(10)",
          70, 32, lw_optimizer_default(LW_ADAM));
    check("maxpool(4) residual(residual(conv(1,3,pad=same)) relu|relu) branches(globalavgpool|flatten) dense(10)", 61, 25,
          nesterov());
}

/* A network that was made for a larger team. */
static void evaluation_by_any_team_gives_the_same_bits(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++) {
        network n;
        network_open(&n, "conv(8,3,stride=3) relu maxpool(2) flatten dropout(0.5) dense(10)",
                     (lw_dims){LW_SYNTHETIC_SIDE, LW_SYNTHETIC_SIDE, 1}, &sets[k], 33, MOST_THREADS);
        lw_net_init_params(&n.net, LW_INIT_HE, 2);
        const lw_score one = lw_evaluate(&n.net, digits(100), 1);
        for (int threads = 2; threads <= MOST_THREADS; threads++) {
            const lw_score more = lw_evaluate(&n.net, digits(100), threads);
            assert_memory_equal(&one.loss, &more.loss, sizeof(double));
            assert_int_equal(one.correct, more.correct);
            assert_int_equal(more.images, 100);
        }
        network_close(&n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_convolutional_network_trains_to_the_same_bits),
        cmocka_unit_test(overlapping_windows_train_to_the_same_bits),
        cmocka_unit_test(batches_smaller_than_the_team_train_to_the_same_bits),
        cmocka_unit_test(batches_of_hundreds_train_to_the_same_bits),
        cmocka_unit_test(graphs_train_to_the_same_bits),
        cmocka_unit_test(evaluation_by_any_team_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, find_sets_and_draw, NULL);
}
