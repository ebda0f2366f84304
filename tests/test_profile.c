/* SPDX-License-Identifier: BSD-3-Clause
 * test_profile.c: the parts of a step add up to it, whatever the machine does meanwhile, and every kernel
 * call of the step is found among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/train/profile_problems.h"
#include "nn/synthetic.h"
#include "nn/trainer.h"

#include <math.h>
#include <string.h>

enum { IMAGES = 200, SIZE = 28, BATCH = 10 };

static void train(const char *text, int threads, lw_profile *profile, float *first_param,
                  void (*look)(const lw_net *net, const lw_optimizer *o, const lw_profile *p))
{
    static uint8_t pixels[IMAGES * SIZE * SIZE], labels[IMAGES];
    for (int i = 0; i < IMAGES * SIZE * SIZE; i++)
        pixels[i] = (uint8_t)(i * 7919);
    for (int i = 0; i < IMAGES; i++)
        labels[i] = (uint8_t)(i % 10);
    static lw_model model;
    static lw_net net;
    lw_error err;
    lw_dispatch kernels;
    char message[1024];
    assert_true(lw_dispatch_init(&kernels, "scalar", message, sizeof message));
    assert_true(lw_model_parse(&model, text, (lw_dims){SIZE, SIZE, 1}, &err));
    assert_true(lw_net_init(&net, &model, &kernels, BATCH, threads, &err));
    lw_net_init_params(&net, LW_INIT_GLOROT, 1);
    lw_optimizer o = lw_optimizer_default(LW_ADAM);
    lw_trainer trainer;
    lw_images images = {.count = IMAGES, .h = SIZE, .w = SIZE, .pixels = pixels, .labels = labels};
    assert_true(lw_trainer_init(&trainer, &net, &o, images, 1, threads, &err));
    trainer.profile = profile;
    lw_progress progress;
    assert_int_equal(lw_trainer_epoch(&trainer, 0, &progress), LW_DONE);
    if (look) look(&net, &trainer.optimizer, profile);
    *first_param = net.params[0];
    lw_trainer_free(&trainer);
    lw_net_free(&net);
}

static void look(const lw_net *net, const lw_optimizer *o, const lw_profile *p)
{
    int calls = 0;
    for (int i = 0; i < LW_PARTS; i++) {
        if (!p->part[i]) continue;
        lw_problem problems[LW_PART_PROBLEMS];
        bool in_layer = i < LW_PART_GATHER;
        const lw_layer *l = in_layer ? &net->model->layer[i / LW_LAYER_PARTS] : NULL;
        int n = lw_part_problems(net, o, l, in_layer ? i % LW_LAYER_PARTS : i, problems);
        bool none = i == LW_PART_STATISTICS || (l && l->type == &lw_layer_flatten);
        assert_int_equal(n > 0, !none);
        calls += n;
    }
    /* gather, conv, pool, dense 3, dropout, dense 2; loss; dense 2 + 1, dropout, relu, dense 2 + 1, relu of
     * the pool, pool, conv's weights; adam */
    assert_int_equal(calls, 1 + 1 + 1 + 3 + 1 + 2 + 1 + 3 + 1 + 1 + 3 + 1 + 1 + 1 + 1);
}

static const char model_text[] = "conv(4,3) relu maxpool(2) flatten dense(8) relu dropout(0.25) dense(10)";

static void parts_add_up(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        static lw_profile p;
        float param;
        lw_profile_init(&p);
        train(model_text, threads, &p, &param, look);
        assert_int_equal(p.cut_steps, (IMAGES / BATCH - LW_PROFILE_WARMUP) / 2);
        assert_int_equal(p.whole_steps, p.cut_steps);
        for (int step = 0; step < p.cut_steps; step++) {
            double sum = 0;
            for (int i = 0; i < LW_PARTS; i++)
                if (p.part[i]) sum += (double)p.part[i][step];
            /* The clock is read once more after the last cut; an interruption there may last long. */
            assert_true(sum > 0 && sum <= (double)p.total[step] * (1 + 1e-5));
        }
        lw_profile_free(&p);
    }
}

static void a_profile_changes_no_bit(void **state)
{
    (void)state;
    static lw_profile p;
    float with, without;
    lw_profile_init(&p);
    train(model_text, 1, &p, &with, NULL);
    train(model_text, 1, NULL, &without, NULL);
    lw_profile_free(&p);
    assert_memory_equal(&with, &without, sizeof with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(a_profile_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
