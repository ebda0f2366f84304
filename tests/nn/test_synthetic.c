/* SPDX-License-Identifier: BSD-3-Clause
 * test_synthetic.c: the generated digits: their checksum, their balance, and that no two are alike. */
#include "nn/synthetic.h"
#include "support.h"

static void the_synthetic_set_has_its_checksum(void **state)
{
    (void)state;
    lw_dataset set;
    lw_error err;
    if (!lw_dataset_load(&set, "synthetic", "/nonexistent", &err)) fail_msg("%s", err.text);
    assert_string_equal(set.name, "synthetic");
    assert_string_equal(set.folder, "");
    assert_string_equal(set.sha256, "7ea0591d789132fdd70c033c32acdb26bd268960072150222d6a2cbe481b5fda");
    assert_true(set.verified);
    assert_true(set.train.count == LW_SYNTHETIC_TRAIN && set.test.count == LW_SYNTHETIC_TEST);
    assert_true(lw_dataset_check_labels(&set, 10, &err));
    assert_false(lw_dataset_check_labels(&set, 9, &err));
    assert_refusal(&err, LW_ERROR_DATA, "synthetic: label 9 of item ");
    int count[10] = {0};
    for (ptrdiff_t i = 0; i < set.train.count; i++)
        count[set.train.labels[i]]++;
    for (int i = 0; i < 10; i++)
        assert_true(count[i] > 1080 && count[i] < 1320); /* 1200, and 3.6 deviations */
    uint8_t drawn[LW_SYNTHETIC_SIDE * LW_SYNTHETIC_SIDE];
    lw_synthetic_draw(drawn, set.train.labels[77], 77); /* one by one as in the whole */
    assert_memory_equal(drawn, set.train.pixels + (ptrdiff_t)77 * sizeof drawn, sizeof drawn);
    lw_synthetic_draw(drawn, set.test.labels[5], LW_SYNTHETIC_TRAIN + 5);
    assert_memory_equal(drawn, set.test.pixels + (ptrdiff_t)5 * sizeof drawn, sizeof drawn);
    lw_dataset_free(&set);
}

static void samples_of_a_digit_differ(void **state)
{
    (void)state;
    uint8_t a[LW_SYNTHETIC_SIDE * LW_SYNTHETIC_SIDE], b[sizeof a];
    for (int label = 0; label < 10; label++) {
        int ink = 0;
        lw_synthetic_draw(a, label, 1);
        lw_synthetic_draw(b, label, 2);
        assert_memory_not_equal(a, b, sizeof a);
        for (size_t i = 0; i < sizeof a; i++)
            ink += a[i] > 100;
        assert_true(ink > 20 && ink < 400);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_synthetic_set_has_its_checksum),
        cmocka_unit_test(samples_of_a_digit_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
