/* SPDX-License-Identifier: BSD-3-Clause
 * test_resize.c: images of another size, against weights worked out by hand. */
#include "nn/resize.h"
#include "support.h"

#include "kernels/kernels.h"

#include <string.h>

static void assert_resized(const uint8_t *src, int h, int w, const uint8_t *want, int to_h, int to_w)
{
    uint8_t dst[64];
    assert_true(to_h * to_w <= (int)sizeof dst);
    assert_true(lw_resize_images(src, 1, h, w, dst, to_h, to_w));
    assert_memory_equal(dst, want, (size_t)(to_h * to_w));
}

static void growing_is_bilinear(void **state)
{
    (void)state;
    /* Centres of the new pixels lie at 0.25, 0.75, 1.25, 1.75 of the old ones, whose own are at 0.5 and 1.5. */
    assert_resized((const uint8_t[]){0, 100}, 1, 2, (const uint8_t[]){0, 25, 75, 100}, 1, 4);
    assert_resized((const uint8_t[]){0, 100}, 2, 1, (const uint8_t[]){0, 25, 75, 100}, 4, 1);
    assert_resized((const uint8_t[]){0, 80, 160, 240}, 2, 2, (const uint8_t[]){0, 40, 80, 80, 120, 160, 160, 200, 240}, 3, 3);
    assert_resized((const uint8_t[]){7}, 1, 1, (const uint8_t[]){7, 7, 7, 7, 7, 7}, 2, 3);
}

static void shrinking_looks_at_every_pixel(void **state)
{
    (void)state;
    /* Four to two: the first sees 3/7, 3/7 and 1/7 of the old pixels. */
    assert_resized((const uint8_t[]){70, 0, 0, 0}, 1, 4, (const uint8_t[]){30, 0}, 1, 2);
    assert_resized((const uint8_t[]){0, 70, 0, 0}, 1, 4, (const uint8_t[]){30, 10}, 1, 2);
    assert_resized((const uint8_t[]){0, 0, 70, 0}, 4, 1, (const uint8_t[]){10, 30}, 2, 1);
    /* Three to one: a triangle of 2/3, 1, 2/3. */
    assert_resized((const uint8_t[]){70, 0, 0}, 1, 3, (const uint8_t[]){20}, 1, 1);
    assert_resized((const uint8_t[]){0, 70, 0}, 3, 1, (const uint8_t[]){30}, 1, 1);
}

static void a_fine_pattern_becomes_grey(void **state)
{
    (void)state;
    uint8_t board[16 * 16], dst[16];
    for (int i = 0; i < 256; i++) board[i] = (i + i / 16) % 2 ? 200 : 0;
    assert_true(lw_resize_images(board, 1, 16, 16, dst, 4, 4));
    for (int i = 0; i < 16; i++) assert_in_range(dst[i], 95, 105);
}

static void the_same_size_and_one_grey_stay(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {3, 5}, {28, 28}, {40, 7}, {13, 64}};
    uint8_t src[28 * 28], grey[28 * 28], dst[13 * 64 * 4];
    numbers n = {5};
    for (int i = 0; i < 28 * 28; i++) src[i] = (uint8_t)(numbers_word(&n) >> 24);
    memset(grey, 255, sizeof grey);
    assert_true(lw_resize_images(src, 1, 28, 28, dst, 28, 28));
    assert_memory_equal(src, dst, sizeof src);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int h = sizes[i][0], w = sizes[i][1];
        assert_true(lw_resize_images(grey, 1, 28, 28, dst, h, w));
        for (int j = 0; j < h * w; j++) assert_int_equal(dst[j], 255);
    }
}

static void images_do_not_mix(void **state)
{
    (void)state;
    const uint8_t two[] = {10, 20, 200, 220};
    uint8_t dst[2];
    assert_true(lw_resize_images(two, 2, 1, 2, dst, 1, 1));
    assert_int_equal(dst[0], 15);
    assert_int_equal(dst[1], 210);
}

static void a_set_is_resized_whole(void **state)
{
    (void)state;
    lw_dataset set;
    lw_error err;
    if (!lw_dataset_load(&set, "synthetic", NULL, &err)) fail_msg("%s", err.text);
    const ptrdiff_t train = set.train.count, test = set.test.count;
    const uint8_t *labels = set.test.labels;
    uint8_t want[10 * 12];
    assert_true(lw_resize_images(set.test.pixels + (test - 1) * 28 * 28, 1, 28, 28, want, 10, 12));
    assert_true(lw_dataset_resize(&set, 10, 12, &err));
    assert_true(set.train.count == train && set.test.count == test && set.test.labels == labels);
    assert_true(set.train.h == 10 && set.train.w == 12 && set.test.h == 10 && set.test.w == 12);
    assert_memory_equal(set.test.pixels + (test - 1) * 10 * 12, want, sizeof want);
    assert_false(lw_dataset_resize(&set, 4096, 4096, &err));
    assert_refusal(&err, LW_ERROR_SETTING, "images of 4096x4096 take");
    lw_dataset_free(&set);
}

static void sizes_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "32", "32x", "x32", "0x4", "4x0", "-3x3", "4097x1", "3x3x3", "3 x3", "99999999999x1"};
    int h, w;
    lw_error err;
    assert_true(lw_resize_parse("32x24", &h, &w, &err));
    assert_true(h == 32 && w == 24);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(lw_resize_parse(bad[i], &h, &w, &err));
        assert_refusal(&err, LW_ERROR_SETTING, "expected HEIGHTxWIDTH");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing_is_bilinear),        cmocka_unit_test(shrinking_looks_at_every_pixel),
        cmocka_unit_test(a_fine_pattern_becomes_grey), cmocka_unit_test(the_same_size_and_one_grey_stay),
        cmocka_unit_test(images_do_not_mix),          cmocka_unit_test(a_set_is_resized_whole),
        cmocka_unit_test(sizes_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
