/* SPDX-License-Identifier: BSD-3-Clause
 * test_named.c: the models that come along are what they are called, and learn. */
#include "nn/model_named.h"
#include "nn/elide.h"
#include "nn/synthetic.h"
#include "nn/trainer.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { IMAGES = 40, BATCH = 5 }; /* few, for an emulator has them to train as well */

static const lw_dims mnist = {28, 28, 1};

static lw_model named(const char *name)
{
    char text[LW_MODEL_TEXT];
    lw_model model = {0};
    lw_error err;
    if (!lw_model_text(name, text, &err) || !lw_model_parse(&model, text, mnist, &err)) fail_msg("%s: %s", name, err.text);
    return model;
}

static void sizes_are_those_of_the_originals(void **state)
{
    (void)state;
    assert_int_equal(named("tutorial").params, 93322);
    assert_int_equal(named("lenet5").params, 61706);
    assert_int_equal(named("pytorch-mnist").params, 1199882);
    char text[LW_MODEL_TEXT];
    lw_error err;
    assert_true(lw_model_text("tutorial", text, &err));
    assert_string_equal(text, LW_MODEL_TUTORIAL);
}

static void the_accurate_one_stays_under_10_mflop(void **state)
{
    (void)state;
    const lw_model accurate = named("accurate"), fast = named("batchnorm-cnn"), tutorial = named("tutorial");
    assert_true(lw_model_flop(&accurate) < 10e6);
    assert_true(lw_model_flop(&fast) < lw_model_flop(&tutorial) / 2);
}

/* Within a few epochs over few drawn digits the mean loss is well below that of guessing, 2.3. */
static void each_learns(void **state)
{
    (void)state;
    static uint8_t pixels[IMAGES * LW_SYNTHETIC_SIDE * LW_SYNTHETIC_SIDE], labels[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
        labels[i] = (uint8_t)(i % 10);
        lw_synthetic_draw(pixels + (ptrdiff_t)i * LW_SYNTHETIC_SIDE * LW_SYNTHETIC_SIDE, labels[i], (uint64_t)i);
    }
    lw_dispatch kernels;
    char message[1024];
    assert_true(lw_dispatch_init(&kernels, "auto", message, sizeof message));
    for (const lw_named_model *m = lw_named_models; m->name; m++) {
        network n;
        lw_trainer trainer;
        lw_error err;
        lw_progress progress = {0};
        network_open_elided(&n, m->text, mnist, &kernels, BATCH, 1);
        lw_net_init_params(&n.net, LW_INIT_GLOROT, 1);
        lw_optimizer adam = lw_optimizer_default(LW_ADAM);
        adam.lr = 0.003;
        const lw_images images = {IMAGES, LW_SYNTHETIC_SIDE, LW_SYNTHETIC_SIDE, pixels, labels};
        assert_true(lw_trainer_init(&trainer, &n.net, &adam, images, 1, 1, &err));
        double loss = INFINITY;
        for (int epoch = 0; epoch < 8 && loss >= 1; epoch++, loss = progress.loss)
            assert_int_equal(lw_trainer_epoch(&trainer, epoch, &progress), LW_DONE);
        if (!(loss < 1)) fail_msg("%s: loss %g after 8 epochs", m->name, loss);
        lw_trainer_free(&trainer);
        network_close(&n);
    }
}

static void a_request_is_a_name_a_file_or_a_text(void **state)
{
    (void)state;
    char text[LW_MODEL_TEXT], folder[PATH_SIZE], path[PATH_SIZE], request[PATH_SIZE + 1];
    lw_error err;
    assert_true(lw_model_text("dense(10)", text, &err));
    assert_string_equal(text, "dense(10)");
    assert_true(lw_model_text("flatten", text, &err)); /* a layer's word, not a model's name */
    assert_true(lw_model_text("", text, &err));
    assert_false(lw_model_text("resnext", text, &err));
    assert_refusal(&err, LW_ERROR_MODEL, "unknown model 'resnext'; known: accurate batchnorm-cnn inception");
    folder_make(folder);
    path_join(path, folder, "model.txt");
    file_write(path, "a # b (\n# c\nd", 13);
    snprintf(request, sizeof request, "@%s", path);
    assert_true(lw_model_text(request, text, &err));
    assert_string_equal(text, "a      \n   \nd");
    static char large[LW_MODEL_TEXT];
    memset(large, 'a', sizeof large);
    file_write(path, large, sizeof large);
    assert_false(lw_model_text(request, text, &err));
    assert_non_null(strstr(err.text, "at most 8191 bytes"));
    file_write(path, "a\0b", 3);
    assert_false(lw_model_text(request, text, &err));
    assert_non_null(strstr(err.text, "not a text"));
    folder_remove(folder);
    assert_false(lw_model_text(request, text, &err));
    assert_non_null(strstr(err.text, "cannot read the model"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_of_the_originals),
        cmocka_unit_test(the_accurate_one_stays_under_10_mflop),
        cmocka_unit_test(each_learns),
        cmocka_unit_test(a_request_is_a_name_a_file_or_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
