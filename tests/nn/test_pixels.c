/* SPDX-License-Identifier: BSD-3-Clause
 * test_pixels.c: what a network sees of pixels: settings, statistics, in training and in testing alike. */
#include "nn/pixels.h"
#include "nn/safetensors.h"
#include "nn/trainer.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void settings_are_read(void **state)
{
    (void)state;
    lw_pixels p, again;
    lw_error err;
    bool measure;
    char text[LW_PIXELS_TEXT];
    assert_true(lw_pixels_parse(&p, &measure, "unit", &err) && !measure && p.mean == 0 && p.sd == 1);
    assert_true(lw_pixels_parse(&p, &measure, "0.1307,0.3081", &err) && !measure && p.mean == 0.1307 && p.sd == 0.3081);
    assert_true(lw_pixels_parse(&p, &measure, "standard", &err) && measure);
    p = (lw_pixels){1.0 / 3, 2.0 / 7};
    lw_pixels_text(&p, text);
    assert_true(lw_pixels_parse(&again, &measure, text, &err) && again.mean == p.mean && again.sd == p.sd);
    static const char *const bad[] = {"", "Unit", "0.1", "0.1,", ",0.1", "0.1,0", "0.1,-1", "nan,1", "0,inf", "0,1,2", "0,1 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(lw_pixels_parse(&p, &measure, bad[i], &err));
        assert_refusal(&err, LW_ERROR_SETTING, "expected unit, standard or MEAN,SD");
    }
}

static void statistics_are_those_of_the_images(void **state)
{
    (void)state;
    const uint8_t pixels[] = {0, 255, 51, 102, 0, 0}, same[] = {9, 9, 9, 9, 9, 9}, labels[] = {0, 0};
    lw_pixels p;
    lw_error err;
    assert_true(lw_pixels_measure(&p, &(lw_images){2, 1, 3, pixels, labels}, &err));
    assert_near(p.mean, 0.26666666666666666, 1e-15, "mean", 0); /* of 0, 1, 0.2, 0.4, 0, 0 */
    assert_near(p.sd, sqrt(0.2 - 0.26666666666666666 * 0.26666666666666666), 1e-15, "sd", 0);
    assert_false(lw_pixels_measure(&p, &(lw_images){2, 1, 3, same, labels}, &err));
    assert_refusal(&err, LW_ERROR_DATA, "all pixels of the 2 training images are the same");
}

enum { IMAGES = 6, H = 3, W = 4 };

/* The input of a network after it was tested on one batch, or trained. */
static void see(float input[IMAGES * H * W], const lw_pixels *p, const lw_augment *augment, bool train)
{
    static uint8_t pixels[IMAGES * H * W], labels[IMAGES];
    static lw_dispatch sets[LW_ISA_COUNT];
    lw_images images = {IMAGES, H, W, pixels, labels};
    lw_augmenter augmenter = {0};
    network n;
    lw_trainer trainer;
    lw_progress progress;
    lw_error err;
    for (int i = 0; i < IMAGES * H * W; i++) pixels[i] = (uint8_t)(i * 7 % 256);
    usable_sets(sets);
    network_open(&n, "conv(2,2) flatten dense(3)", (lw_dims){H, W, 1}, &sets[0], IMAGES, 1);
    assert_true(n.net.pixel_scale == 1.0f / 255 && n.net.pixel_shift == 0);
    lw_pixels_apply(p, &n.net);
    lw_optimizer o = lw_optimizer_default(LW_SGD);
    assert_true(lw_trainer_init(&trainer, &n.net, &o, images, 1, 1, &err));
    if (augment) {
        assert_true(lw_augmenter_init(&augmenter, augment, &sets[0], H, W, 1, &err));
        trainer.augment = &augmenter;
    }
    if (train)
        lw_trainer_epoch(&trainer, 0, &progress);
    else
        lw_evaluate(&n.net, images, 1);
    for (int i = 0; i < IMAGES * H * W; i++) input[i] = n.net.input[i];
    lw_augmenter_free(&augmenter);
    lw_trainer_free(&trainer);
    network_close(&n);
}

/* Unit pixels, then those, less the mean and divided. */
static void assert_standardised(const lw_augment *augment, bool train)
{
    const lw_pixels unit = {0, 1}, p = {0.25, 0.5};
    float plain[IMAGES * H * W], got[IMAGES * H * W];
    see(plain, &unit, augment, train);
    see(got, &p, augment, train);
    for (int i = 0; i < IMAGES * H * W; i++)
        assert_near((double)got[i], ((double)plain[i] - 0.25) / 0.5, 1e-6, train ? "trained on" : "tested on", i);
}

static void training_and_testing_see_the_same(void **state)
{
    (void)state;
    lw_augment augment;
    lw_error err;
    assert_standardised(NULL, false);
    assert_standardised(NULL, true);
    /* Black comes in from the sides, and is what is erased. */
    assert_true(lw_augment_parse(&augment, "translate=0.5,rotate=20,erase=1,erase-size=0.6", &err));
    assert_standardised(&augment, true);
}

static void unit_is_what_a_network_starts_with(void **state)
{
    (void)state;
    lw_net net = {0};
    lw_pixels_apply(&(lw_pixels){0, 1}, &net);
    assert_true(net.pixel_scale == 1.0f / 255 && net.pixel_shift == 0);
}

static void metadata_comes_back(void **state)
{
    (void)state;
    lw_dispatch sets[LW_ISA_COUNT];
    char folder[PATH_SIZE], path[PATH_SIZE + 32], text[16] = "as before";
    network n;
    lw_error err;
    usable_sets(sets);
    folder_make(folder);
    snprintf(path, sizeof path, "%s/w.safetensors", folder);
    network_open(&n, "flatten dense(3)", (lw_dims){H, W, 1}, &sets[0], 1, 1);
    const lw_metadata written[] = {{"long", "sixteen letters!"}, {"quote", "a\"b"}, {"normalize", "0.1,0.25"}, {"none", ""}};
    assert_true(lw_safetensors_write(path, &n.net, written, 4, &err));
    lw_safetensors *file = lw_safetensors_open(path, &err);
    assert_non_null(file);
    assert_false(lw_safetensors_metadata(file, "resize", text, sizeof text));
    assert_false(lw_safetensors_metadata(file, "long", text, sizeof text));
    assert_false(lw_safetensors_metadata(file, "dense/kernel", text, sizeof text));
    assert_string_equal(text, "as before");
    assert_true(lw_safetensors_metadata(file, "normalize", text, sizeof text));
    assert_string_equal(text, "0.1,0.25");
    assert_true(lw_safetensors_metadata(file, "none", text, sizeof text));
    assert_string_equal(text, "");
    assert_true(lw_safetensors_metadata(file, "quote", text, sizeof text));
    assert_string_equal(text, "a\"b");
    lw_safetensors_close(file);
    network_close(&n);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_read),
        cmocka_unit_test(statistics_are_those_of_the_images),
        cmocka_unit_test(training_and_testing_see_the_same),
        cmocka_unit_test(unit_is_what_a_network_starts_with),
        cmocka_unit_test(metadata_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
