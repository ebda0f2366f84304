/* SPDX-License-Identifier: BSD-3-Clause
 * test_augment.c: augmentation moves images as it says, within its ranges, and by seed, epoch and index alone. */
#include "nn/augment.h"
#include "nn/trainer.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { H = 20, W = 26, PIXELS = H * W, IMAGES = 9 };

static lw_dispatch sets[LW_ISA_COUNT];
static int set_count;
static uint8_t pixels[IMAGES * PIXELS], labels[IMAGES];

/* Every image a blob off its centre, so that turns and moves can be told from each other. */
static int set_up(void **state)
{
    (void)state;
    set_count = usable_sets(sets);
    for (int i = 0; i < IMAGES; i++)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                const double dy = y - 8, dx = x - 15;
                pixels[i * PIXELS + y * W + x] = (uint8_t)(250 * exp(-(dx * dx + dy * dy) / 9));
            }
    return 0;
}

static lw_augment parsed(const char *text)
{
    lw_augment a;
    lw_error err;
    if (!lw_augment_parse(&a, text, &err)) fail_msg("%s: %s", text, err.text);
    return a;
}

static void open_augmenter(lw_augmenter *g, const char *text, const lw_dispatch *kernels, int threads)
{
    const lw_augment a = parsed(text);
    lw_error err;
    if (!lw_augmenter_init(g, &a, kernels, H, W, threads, &err)) fail_msg("%s", err.text);
}

/* Centre of gravity and mass of an image, and its spread about that centre. */
typedef struct moments {
    double y, x, mass, spread;
} moments;

static moments moments_of(const float *image)
{
    moments m = {0};
    for (int i = 0; i < PIXELS; i++) {
        m.mass += (double)image[i];
        m.y += (double)image[i] * (i / W);
        m.x += (double)image[i] * (i % W);
    }
    m.y /= m.mass;
    m.x /= m.mass;
    for (int i = 0; i < PIXELS; i++)
        m.spread += (double)image[i] / m.mass * ((i / W - m.y) * (i / W - m.y) + (i % W - m.x) * (i % W - m.x));
    return m;
}

typedef struct ranges {
    double low, high;
} ranges;

static void widen(ranges *r, double value)
{
    r->low = fmin(r->low, value);
    r->high = fmax(r->high, value);
}

static void check_range(const ranges *r, double low, double high, const char *what)
{
    const double fifth = (high - low) / 5; /* of hundreds of draws some come near each end, and none beyond */
    if (!(r->low >= low - 0.05 && r->low < low + fifth && r->high <= high + 0.05 && r->high > high - fifth))
        fail_msg("%s: %g .. %g, expected to fill %g .. %g", what, r->low, r->high, low, high);
}

static void images_move_within_their_ranges(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++) {
        float image[PIXELS];
        lw_augmenter g;
        ranges y = {1e9, -1e9}, x = y, angle = y, radius = y, spread = y;
        open_augmenter(&g, "translate=0.1", &sets[k], 1);
        for (int i = 0; i < 300; i++) {
            lw_augmenter_image(&g, 0, 1, 0, (uint64_t)i, pixels, 1.0f / 255, 0, image);
            const moments m = moments_of(image);
            widen(&y, m.y - 8);
            widen(&x, m.x - 15);
        }
        check_range(&y, -2, 2, "rows");
        check_range(&x, -2.6, 2.6, "columns");
        lw_augmenter_free(&g);

        open_augmenter(&g, "rotate=30", &sets[k], 1);
        for (int i = 0; i < 300; i++) {
            lw_augmenter_image(&g, 0, 1, 0, (uint64_t)i, pixels, 1.0f / 255, 0, image);
            const moments m = moments_of(image);
            const double cy = m.y - 9.5, cx = m.x - 12.5;
            widen(&angle, (atan2(cy, cx) - atan2(-1.5, 2.5)) * 180 / acos(-1));
            widen(&radius, hypot(cy, cx));
        }
        check_range(&angle, -30, 30, "degrees");
        assert_true(fabs(radius.low - hypot(1.5, 2.5)) < 0.05 && fabs(radius.high - hypot(1.5, 2.5)) < 0.05);
        lw_augmenter_free(&g);

        open_augmenter(&g, "scale=0.2", &sets[k], 1);
        lw_augmenter_image(&g, 0, 1, 0, 0, pixels, 1.0f / 255, 0, image);
        for (int i = 0; i < 300; i++) {
            lw_augmenter_image(&g, 0, 1, 0, (uint64_t)i, pixels, 1.0f / 255, 0, image);
            widen(&spread, sqrt(moments_of(image).spread / 9));
        }
        assert_true(spread.low > 0.78 && spread.low < 0.87 && spread.high > 1.13 && spread.high < 1.24);
        lw_augmenter_free(&g);
    }
}

/* A shear keeps areas; an elastic distortion moves pixels by no more than its points. */
static void distortions_keep_what_they_should(void **state)
{
    (void)state;
    float image[PIXELS], plain[PIXELS];
    lw_augmenter g;
    for (int i = 0; i < PIXELS; i++)
        plain[i] = (float)pixels[i] / 255;
    const moments before = moments_of(plain);
    open_augmenter(&g, "shear=20", &sets[set_count - 1], 1);
    for (int i = 0; i < 50; i++) {
        lw_augmenter_image(&g, 0, 1, 0, (uint64_t)i, pixels, 1.0f / 255, 0, image);
        assert_near(moments_of(image).mass, before.mass, 0.02 * before.mass, "mass", i);
    }
    lw_augmenter_free(&g);
    open_augmenter(&g, "elastic=2,grid=5", &sets[set_count - 1], 1);
    double farthest = 0;
    for (int i = 0; i < 50; i++) {
        lw_augmenter_image(&g, 0, 1, 0, (uint64_t)i, pixels, 1.0f / 255, 0, image);
        const moments m = moments_of(image);
        farthest = fmax(farthest, hypot(m.y - before.y, m.x - before.x));
    }
    assert_true(farthest > 0.3 && farthest < 2 * sqrt(2));
    lw_augmenter_free(&g);
}

static void rectangles_are_erased_as_often_as_said(void **state)
{
    (void)state;
    static uint8_t white[PIXELS];
    float image[PIXELS];
    lw_augmenter g;
    int erased = 0;
    memset(white, 255, sizeof white);
    open_augmenter(&g, "erase=0.5,erase-size=0.5", &sets[set_count - 1], 1);
    for (int i = 0; i < 400; i++) {
        int black = 0, y0 = H, y1 = -1, x0 = W, x1 = -1;
        lw_augmenter_image(&g, 0, 9, 3, (uint64_t)i, white, 1.0f / 255, 0, image);
        for (int j = 0; j < PIXELS; j++) {
            if (image[j] != 0) continue;
            black++;
            y0 = j / W < y0 ? j / W : y0;
            y1 = j / W > y1 ? j / W : y1;
            x0 = j % W < x0 ? j % W : x0;
            x1 = j % W > x1 ? j % W : x1;
        }
        erased += black > 0;
        if (black) assert_int_equal(black, (y1 - y0 + 1) * (x1 - x0 + 1)); /* one rectangle, and all of it */
        assert_true(y1 - y0 < H / 2 && x1 - x0 < W / 2);
    }
    assert_true(erased > 150 && erased < 250);
    lw_augmenter_free(&g);
}

/* Alone, mirroring moves whole pixels: the image itself or its mirror image, and nothing between. */
static void images_are_mirrored_as_often_as_said(void **state)
{
    (void)state;
    float image[PIXELS], plain[PIXELS], mirrored[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
        plain[i] = (float)pixels[i] * (1.0f / 255);
        mirrored[i / W * W + W - 1 - i % W] = plain[i];
    }
    for (int k = 0; k < set_count; k++) {
        lw_augmenter g;
        int flipped = 0;
        open_augmenter(&g, "flip=0.3", &sets[k], 1);
        for (int i = 0; i < 400; i++) {
            lw_augmenter_image(&g, 0, 9, 3, (uint64_t)i, pixels, 1.0f / 255, 0, image);
            const bool is_flipped = image[8 * W + 10] > image[8 * W + 15];
            flipped += is_flipped;
            for (int j = 0; j < PIXELS; j++)
                assert_near(image[j], is_flipped ? mirrored[j] : plain[j], 1e-6, "pixel", j);
        }
        assert_true(flipped > 80 && flipped < 160);
        lw_augmenter_free(&g);
    }
}

static void what_happens_depends_on_seed_epoch_and_index_alone(void **state)
{
    (void)state;
    float first[PIXELS], again[PIXELS], other[PIXELS];
    lw_augmenter g;
    open_augmenter(&g, "rotate=20,translate=0.2,elastic=3,erase=0.5", &sets[set_count - 1], 3);
    lw_augmenter_image(&g, 0, 5, 2, 7, pixels, 1.0f / 255, 0, first);
    lw_augmenter_image(&g, 1, 6, 2, 7, pixels, 1.0f / 255, 0, other);
    assert_memory_not_equal(first, other, sizeof first);
    lw_augmenter_image(&g, 1, 5, 3, 7, pixels, 1.0f / 255, 0, other);
    assert_memory_not_equal(first, other, sizeof first);
    lw_augmenter_image(&g, 1, 5, 2, 8, pixels, 1.0f / 255, 0, other);
    assert_memory_not_equal(first, other, sizeof first);
    lw_augmenter_image(&g, 2, 5, 2, 7, pixels, 1.0f / 255, 0, again);
    assert_memory_equal(first, again, sizeof first);
    lw_augmenter_free(&g);
}

/* Weights after two epochs, by `threads` threads. */
static void train(int threads, bool augment, float *weights, ptrdiff_t *arena)
{
    const lw_images images = {IMAGES, H, W, pixels, labels};
    const lw_optimizer o = lw_optimizer_default(LW_ADAM);
    network n;
    lw_trainer t;
    lw_progress p;
    lw_error err;
    lw_augmenter g;
    open_augmenter(&g, "rotate=20,translate=0.2,elastic=3,erase=0.5", &sets[set_count - 1], threads);
    network_open(&n, "conv(3,3) relu flatten dense(5)", (lw_dims){H, W, 1}, &sets[set_count - 1], 4, threads);
    lw_net_init_params(&n.net, LW_INIT_GLOROT, 1);
    assert_true(lw_trainer_init(&t, &n.net, &o, images, 6, threads, &err));
    if (augment) t.augment = &g;
    for (int epoch = 0; epoch < 2; epoch++)
        assert_int_equal(lw_trainer_epoch(&t, epoch, &p), LW_DONE);
    *arena = n.net.arena;
    memcpy(weights, n.net.params, (size_t)n.net.arena * sizeof *weights);
    lw_trainer_free(&t);
    network_close(&n);
    lw_augmenter_free(&g);
}

static void training_has_the_same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    static float one[1 << 14], many[1 << 14];
    ptrdiff_t arena;
    train(1, true, one, &arena);
    for (int threads = 2; threads <= 4; threads++) {
        train(threads, true, many, &arena);
        assert_memory_equal(one, many, (size_t)arena * sizeof *one);
    }
    train(2, false, many, &arena);
    assert_memory_not_equal(one, many, (size_t)arena * sizeof *one);
}

static void texts_come_back_and_nonsense_is_refused(void **state)
{
    (void)state;
    char text[LW_AUGMENT_TEXT];
    lw_augment a = parsed("scale=0.1, rotate=10");
    lw_error err;
    lw_augment_text(&a, text);
    assert_string_equal(text, "rotate=10,scale=0.1");
    assert_true(lw_augment_is_on(&a));
    a = parsed("grid=4");
    assert_false(lw_augment_is_on(&a));
    a = parsed(NULL);
    lw_augment_text(&a, text);
    assert_string_equal(text, "");
    assert_false(lw_augment_is_on(&a));
    assert_false(lw_augment_parse(&a, "rotat=1", &err));
    assert_refusal(&err, LW_ERROR_SETTING, "no setting 'rotat' (rotate, translate,");
    assert_false(lw_augment_parse(&a, "scale=1.5", &err));
    assert_refusal(&err, LW_ERROR_SETTING, "scale wants a number from 0 to 0.9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_move_within_their_ranges),
        cmocka_unit_test(distortions_keep_what_they_should),
        cmocka_unit_test(rectangles_are_erased_as_often_as_said),
        cmocka_unit_test(images_are_mirrored_as_often_as_said),
        cmocka_unit_test(what_happens_depends_on_seed_epoch_and_index_alone),
        cmocka_unit_test(training_has_the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(texts_come_back_and_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
