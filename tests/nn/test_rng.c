/* SPDX-License-Identifier: BSD-3-Clause
 * test_rng.c: known answers and properties of the random numbers, the shuffle and the checksum. */
#include "nn/rng.h"
#include "nn/sha256.h"
#include "support.h"

#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- numbers */

static void assert_first_words(lw_rng rng, const uint32_t want[4])
{
    for (int i = 0; i < 4; i++)
        assert_int_equal(lw_rng_next(&rng), want[i]);
}

/* The three known answers of Random123 for philox4x32-10: the counter is (block, stream), the key the seed.
 */
static void words_are_those_of_random123(void **state)
{
    (void)state;
    assert_first_words((lw_rng){0}, (const uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    assert_first_words((lw_rng){.seed = UINT64_MAX, .stream = UINT64_MAX, .block = UINT64_MAX},
                       (const uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    assert_first_words((lw_rng){.seed = UINT64_C(0x299f31d0a4093822),
                                .stream = UINT64_C(0x0370734413198a2e),
                                .block = UINT64_C(0x85a308d3243f6a88)},
                       (const uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

static void streams_of_purposes_epochs_and_indices_differ(void **state)
{
    (void)state;
    assert_true(lw_rng_stream(LW_PURPOSE_SHUFFLE, 3, 5) == UINT64_C(0x0200003000000005));
    assert_true(lw_rng_stream(LW_PURPOSE_SYNTHETIC, 0xfffff, UINT64_C(0xfffffffff)) ==
                UINT64_C(0x04ffffffffffffff));
    assert_int_equal(LW_PURPOSE_INIT, 1);
    assert_int_equal(LW_PURPOSE_DROPOUT, 3);
    const lw_rng at = lw_rng_at(11, LW_PURPOSE_DROPOUT, 2, 9);
    assert_true(at.seed == 11 && at.stream == lw_rng_stream(LW_PURPOSE_DROPOUT, 2, 9));
    assert_true(at.block == 0 && at.left == 0);
}

static void a_stream_goes_on_from_block_to_block(void **state)
{
    (void)state;
    lw_rng whole = lw_rng_at(5, LW_PURPOSE_INIT, 0, 1);
    for (uint64_t block = 0; block < 100; block++) {
        lw_rng from = lw_rng_at(5, LW_PURPOSE_INIT, 0, 1);
        from.block = block;
        for (int i = 0; i < 4; i++)
            assert_int_equal(lw_rng_next(&whole), lw_rng_next(&from));
    }
}

/* At 1 in 10,000: chi-square of n - 1 degrees of freedom by Wilson and Hilferty. */
static void assert_even(const int *count, int n, double draws)
{
    double chi2 = 0;
    for (int i = 0; i < n; i++)
        chi2 += (count[i] - draws / n) * (count[i] - draws / n) / (draws / n);
    const double k = n - 1, limit = k * pow(1 - 2 / (9 * k) + 3.72 * sqrt(2 / (9 * k)), 3);
    assert_near(chi2, 0, limit, "chi-square", n);
}

static void bounded_numbers_are_even(void **state)
{
    (void)state;
    lw_rng rng = lw_rng_at(1, LW_PURPOSE_SYNTHETIC, 0, 0);
    for (uint32_t n = 2; n <= 40; n++) {
        int count[40] = {0};
        for (int i = 0; i < 20000; i++) {
            const uint32_t drawn = lw_rng_below(&rng, n);
            assert_true(drawn < n);
            count[drawn]++;
        }
        assert_even(count, (int)n, 20000);
    }
    for (int i = 0; i < 10; i++)
        assert_int_equal(lw_rng_below(&rng, 1), 0);
}

/* Below 3 * 2^30 a plain product or remainder would draw a third of the numbers twice as often. */
static void bounded_numbers_have_no_bias(void **state)
{
    (void)state;
    lw_rng rng = lw_rng_at(2, LW_PURPOSE_SYNTHETIC, 0, 0);
    int count[3] = {0}, remainder[3] = {0};
    for (int i = 0; i < 30000; i++) {
        const uint32_t drawn = lw_rng_below(&rng, UINT32_C(3) << 30);
        count[drawn >> 30]++;
        remainder[drawn % 3]++;
    }
    assert_even(count, 3, 30000);
    assert_even(remainder, 3, 30000);
}

static void the_unit_interval_excludes_one(void **state)
{
    (void)state;
    lw_rng rng = lw_rng_at(3, LW_PURPOSE_SYNTHETIC, 0, 0);
    int count[16] = {0};
    for (int i = 0; i < 20000; i++) {
        const float u = lw_rng_unit(&rng);
        assert_true(u >= 0 && u < 1 && u * 0x1p24f == floorf(u * 0x1p24f));
        count[(int)(u * 16)]++;
    }
    assert_even(count, 16, 20000);
    lw_rng last = {.word = {0, 0, 0, UINT32_MAX}, .left = 1};
    assert_true(lw_rng_unit(&last) == 1 - 0x1p-24f);
}

/* ---------------------------------------------------------------- shuffle */

static void shuffles_are_those_of_another_program(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed, epoch;
        uint32_t order[12];
    } known[] = {
        /* golden/make_shuffle.py */
        {1, 0, {7, 1, 4, 8, 2, 11, 6, 9, 10, 3, 5, 0}},
        {1, 1, {6, 1, 11, 10, 7, 3, 0, 4, 2, 8, 5, 9}},
        {(UINT64_C(1) << 32) + 7, 1000, {3, 0, 1, 6, 9, 8, 5, 7, 4, 10, 11, 2}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint32_t order[12];
        lw_shuffle(order, 12, known[i].seed, known[i].epoch);
        assert_memory_equal(order, known[i].order, sizeof order);
    }
}

static void a_shuffle_is_a_permutation_within_its_bounds(void **state)
{
    (void)state;
    for (uint32_t n = 0; n <= 300; n++) {
        uint32_t order[302];
        bool seen[300] = {false};
        order[n] = order[n + 1] = 0xdeadbeef;
        lw_shuffle(order, n, 4, n);
        assert_true(order[n] == 0xdeadbeef && order[n + 1] == 0xdeadbeef);
        for (uint32_t i = 0; i < n; i++) {
            assert_true(order[i] < n && !seen[order[i]]);
            seen[order[i]] = true;
        }
    }
}

static void every_order_is_as_likely_as_any_other(void **state)
{
    (void)state;
    int count[120] = {0};
    for (uint64_t epoch = 0; epoch < 24000; epoch++) {
        uint32_t order[5];
        int rank = 0;
        lw_shuffle(order, 5, 6, epoch);
        for (int i = 0; i < 5; i++) {
            int smaller = 0;
            for (int j = i + 1; j < 5; j++)
                smaller += order[j] < order[i];
            rank = rank * (5 - i) + smaller;
        }
        count[rank]++;
    }
    assert_even(count, 120, 24000);
}

static void seeds_and_epochs_shuffle_differently(void **state)
{
    (void)state;
    uint32_t first[64], second[64];
    lw_shuffle(first, 64, 1, 1);
    for (int bit = 0; bit < 64; bit++) {
        lw_shuffle(second, 64, 1 ^ UINT64_C(1) << bit, 1);
        assert_memory_not_equal(first, second, sizeof first);
    }
    for (int bit = 0; bit < 20; bit++) {
        lw_shuffle(second, 64, 1, 1 ^ UINT64_C(1) << bit);
        assert_memory_not_equal(first, second, sizeof first);
    }
    lw_shuffle(second, 64, 1, 1);
    assert_memory_equal(first, second, sizeof first);
}

/* ---------------------------------------------------------------- checksum */

/* FIPS 180-2, appendix B. */
static void checksums_are_those_of_the_standard(void **state)
{
    (void)state;
    char hex[LW_SHA256_HEX];
    assert_true(lw_sha256_hex("abc", 3, hex));
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_true(lw_sha256_hex(two_blocks, strlen(two_blocks), hex));
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_random123),
        cmocka_unit_test(streams_of_purposes_epochs_and_indices_differ),
        cmocka_unit_test(a_stream_goes_on_from_block_to_block),
        cmocka_unit_test(bounded_numbers_are_even),
        cmocka_unit_test(bounded_numbers_have_no_bias),
        cmocka_unit_test(the_unit_interval_excludes_one),
        cmocka_unit_test(shuffles_are_those_of_another_program),
        cmocka_unit_test(a_shuffle_is_a_permutation_within_its_bounds),
        cmocka_unit_test(every_order_is_as_likely_as_any_other),
        cmocka_unit_test(seeds_and_epochs_shuffle_differently),
        cmocka_unit_test(checksums_are_those_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
