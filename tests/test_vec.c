/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_vec.c: the vector that element-wise code is written over: its tails at every length and offset, its
 * corner cases, and Philox against the known answers of Random123. Compiled with the flags of the ISA whose
 * vector it tests, and begun by test_vec_main.c.
 */
#include "tests/test_vec.h"

#include "kernels/philox.h"
#include "kernels/vec/dropout.h"
#include "kernels/vec/vec_math.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

/* ---------------------------------------------------------------- tails */

/* Two pages that may be used between two that may not. */
static unsigned char *guarded(size_t *bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *p = mmap(NULL, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(p, MAP_FAILED);
    assert_int_equal(mprotect(p + page, 2 * page, PROT_READ | PROT_WRITE), 0);
    *bytes = 2 * page;
    return p + page;
}

static void release(unsigned char *p, size_t bytes)
{
    assert_int_equal(munmap(p - bytes / 2, 2 * bytes), 0);
}

static void loads_stay_inside_their_lanes(void **state)
{
    (void)state;
    size_t bytes;
    unsigned char *area = guarded(&bytes);
    float *first = (float *)(void *)area;
    const ptrdiff_t count = (ptrdiff_t)(bytes / sizeof(float));
    for (ptrdiff_t i = 0; i < count; i++) first[i] = (float)(i + 1);
    for (int n = 0; n <= VF_LANES; n++)
        for (int offset = 0; offset <= 2 * VF_LANES; offset++) {
            const ptrdiff_t at[] = {offset, count - n - offset}; /* from the first page, up to the last */
            for (int i = 0; i < 2; i++) {
                float got[VF_LANES];
                vf_store(got, vf_load_n(first + at[i], n));
                for (int lane = 0; lane < VF_LANES; lane++)
                    assert_true(got[lane] == (lane < n ? (float)(at[i] + lane + 1) : 0.0f));
            }
        }
    release(area, bytes);
}

static void stores_stay_inside_their_lanes(void **state)
{
    (void)state;
    size_t bytes;
    unsigned char *area = guarded(&bytes);
    float *first = (float *)(void *)area;
    const ptrdiff_t count = (ptrdiff_t)(bytes / sizeof(float));
    float lanes[VF_LANES];
    for (int lane = 0; lane < VF_LANES; lane++) lanes[lane] = (float)(lane + 1);
    for (int n = 0; n <= VF_LANES; n++)
        for (int offset = 0; offset <= 2 * VF_LANES; offset++) {
            const ptrdiff_t at[] = {offset, count - n - offset};
            for (int i = 0; i < 2; i++) {
                for (ptrdiff_t j = 0; j < count; j++) first[j] = -1.0f;
                vf_store_n(first + at[i], vf_load(lanes), n);
                for (ptrdiff_t j = 0; j < count; j++) {
                    const ptrdiff_t lane = j - at[i];
                    assert_true(first[j] == (lane >= 0 && lane < n ? lanes[lane] : -1.0f));
                }
            }
        }
    release(area, bytes);
}

static void bytes_stay_inside_their_lanes(void **state)
{
    (void)state;
    size_t bytes;
    unsigned char *area = guarded(&bytes);
    for (int n = 0; n <= VF_LANES; n++)
        for (size_t offset = 0; offset <= 2 * VF_LANES; offset++) {
            const size_t at[] = {offset, bytes - (size_t)n - offset};
            for (int i = 0; i < 2; i++) {
                for (size_t j = 0; j < bytes; j++) area[j] = (unsigned char)(255 - j % 251);
                const vi loaded = vi_load_u8_n(area + at[i], n);
                float got[VF_LANES];
                vf_store(got, vi_to_float(loaded));
                for (int lane = 0; lane < VF_LANES; lane++)
                    assert_true(got[lane] == (lane < n ? (float)(255 - (at[i] + (size_t)lane) % 251) : 0.0f));
                memset(area, 7, bytes);
                vi_store_u8_n(area + at[i], loaded, n);
                for (size_t j = 0; j < bytes; j++) {
                    const bool inside = j >= at[i] && j < at[i] + (size_t)n;
                    assert_int_equal(area[j], inside ? 255 - j % 251 : 7);
                }
            }
        }
    release(area, bytes);
}

static void a_block_of_bytes_keeps_its_order(void **state)
{
    (void)state;
    vi block[VEC_BLOCK];
    unsigned char got[VEC_BLOCK * VF_LANES];
    for (int u = 0; u < VEC_BLOCK; u++)
        block[u] = vi_add(vi_iota(), vi_set1((uint32_t)(256 - VEC_BLOCK * VF_LANES + u * VF_LANES)));
    vi_store_u8_block(got, block);
    for (int i = 0; i < VEC_BLOCK * VF_LANES; i++) assert_int_equal(got[i], 256 - VEC_BLOCK * VF_LANES + i);
}

/* ---------------------------------------------------------------- arithmetic */

static void comparisons_with_nan_and_signed_zero(void **state)
{
    (void)state;
    const float values[] = {-INFINITY, -1.0f, -0.0f, 0.0f, 1e-45f, 1.0f, INFINITY, NAN};
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            const float a = values[i], b = values[j];
            const vf va = vf_set1(a), vb = vf_set1(b), one = vf_set1(1.0f), two = vf_set1(2.0f);
            const float max = vf_first(vf_max(va, vb)), want = a > b ? a : b;
            assert_memory_equal(&max, &want, sizeof max);
            assert_true(vf_first(vf_select(vf_le(va, vb), one, two)) == (a <= b ? 1.0f : 2.0f));
            assert_true(vf_first(vf_select(vf_not_le(va, vb), one, two)) == (a <= b ? 2.0f : 1.0f));
            assert_true(vf_first(vf_keep(vf_not_nan(va), one)) == (isnan(a) ? 0.0f : 1.0f));
            assert_true(vf_first(vf_clear(vf_not_nan(va), one)) == (isnan(a) ? 1.0f : 0.0f));
        }
}

static void reductions_see_every_lane(void **state)
{
    (void)state;
    for (int lane = 0; lane < VF_LANES; lane++) {
        float x[VF_LANES] = {0};
        x[lane] = 3.0f;
        assert_true(vf_sum(vf_load(x)) == 3.0f);
        assert_true(vf_maximum(vf_load(x)) == 3.0f);
    }
    vf row[8];
    float sum[8];
    for (int i = 0; i < 8; i++) row[i] = vf_add(vi_to_float(vi_iota()), vf_set1((float)(100 * i)));
    vf_sum_8(sum, row);
    for (int i = 0; i < 8; i++) assert_true(sum[i] == (float)(VF_LANES * (100 * i) + VF_LANES * (VF_LANES - 1) / 2));
}

static void transpose(void **state)
{
    (void)state;
    vf row[VF_LANES];
    for (int i = 0; i < VF_LANES; i++) row[i] = vi_to_float(vi_add(vi_iota(), vi_set1((uint32_t)(100 * i))));
    vf_transpose(row);
    for (int i = 0; i < VF_LANES; i++) {
        float got[VF_LANES];
        vf_store(got, row[i]);
        for (int j = 0; j < VF_LANES; j++) assert_true(got[j] == (float)(100 * j + i));
    }
}

static void unsigned_integers(void **state)
{
    (void)state;
    const uint32_t values[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xd2511f53, 0xfffffffe, 0xffffffff};
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            const vm ge = vi_ge_unsigned(vi_set1(values[i]), vi_set1(values[j]));
            assert_true(vf_first(vf_keep(ge, vf_set1(1.0f))) == (values[i] >= values[j] ? 1.0f : 0.0f));
            vi high, low;
            uint32_t h[VF_LANES], l[VF_LANES];
            vi_multiply_wide(vi_add(vi_set1(values[i]), vi_iota()), values[j], &high, &low);
            vi_store(h, high);
            vi_store(l, low);
            for (uint32_t lane = 0; lane < VF_LANES; lane++) {
                const uint64_t want = (uint64_t)(uint32_t)(values[i] + lane) * values[j];
                assert_int_equal(h[lane], (uint32_t)(want >> 32));
                assert_int_equal(l[lane], (uint32_t)want);
            }
        }
}

static void bytes_are_gathered_and_numbers_truncated(void **state)
{
    (void)state;
    uint8_t bytes[200];
    for (int i = 0; i < 200; i++) bytes[i] = (uint8_t)(200 - i);
    const vi offset = vi_truncate(vf_fma(vi_to_float(vi_iota()), vf_set1(11.0f), vf_set1(0.99f))); /* 0, 11, 22, ... */
    const vi four = vi_gather_bytes(bytes, offset);
    uint32_t first[VF_LANES], second[VF_LANES];
    vi_store(first, vi_byte0(four));
    vi_store(second, vi_byte1(four));
    for (uint32_t j = 0; j < VF_LANES; j++) {
        assert_int_equal(first[j], 200 - 11 * j);
        assert_int_equal(second[j], 199 - 11 * j);
    }
    const float values[] = {-INFINITY, -1.0f, 0.0f, 1.5f, INFINITY, NAN};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            float got[VF_LANES];
            vf_store(got, vf_min(vf_set1(values[i]), vf_set1(values[j])));
            const float want = values[i] < values[j] ? values[i] : values[j];
            assert_true(isnan(want) ? isnan(got[0]) : got[0] == want);
        }
}

static void exp_and_log_within_one_ulp(void **state)
{
    (void)state;
    for (float x = -87.0f; x < 88.0f; x += 0.37f) {
        const double want = exp((double)x), got = (double)vf_first(vf_exp(vf_set1(x)));
        assert_true(fabs(got - want) <= 0x1p-23 * want);
        const double back = (double)vf_first(vf_log(vf_set1((float)want)));
        const double log_want = log((double)(float)want);
        assert_true(fabs(back - log_want) <= 0x1p-23 * fabs(log_want));
    }
    assert_true(isnan(vf_first(vf_exp(vf_set1(NAN)))) && isnan(vf_first(vf_log(vf_set1(NAN)))));
    assert_true(vf_first(vf_exp(vf_set1(-INFINITY))) == 0.0f);
}

/* ---------------------------------------------------------------- Philox */

static const struct {
    uint32_t counter[4], key[2], want[4];
} known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void philox_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        lw_philox_block counter;
        memcpy(counter.word, known[i].counter, sizeof counter.word);
        const lw_philox_block got = lw_philox(counter, known[i].key[0], known[i].key[1]);
        assert_memory_equal(got.word, known[i].want, sizeof got.word);
    }
}

static void philox_of_lanes_is_philox(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const uint32_t *c = known[i].counter;
        vi word[4] = {vi_add(vi_set1(c[0]), vi_iota()), vi_set1(c[1]), vi_set1(c[2]), vi_set1(c[3])};
        uint32_t got[4][VF_LANES];
        vec_philox(word, known[i].key[0], known[i].key[1]);
        for (int w = 0; w < 4; w++) vi_store(got[w], word[w]);
        for (uint32_t lane = 0; lane < VF_LANES; lane++) {
            const lw_philox_block counter = {{c[0] + lane, c[1], c[2], c[3]}};
            const lw_philox_block want = lw_philox(counter, known[i].key[0], known[i].key[1]);
            for (int w = 0; w < 4; w++) assert_int_equal(got[w][lane], want.word[w]);
        }
    }
}

int lw_test_vec(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_stay_inside_their_lanes),
        cmocka_unit_test(stores_stay_inside_their_lanes),
        cmocka_unit_test(bytes_stay_inside_their_lanes),
        cmocka_unit_test(a_block_of_bytes_keeps_its_order),
        cmocka_unit_test(comparisons_with_nan_and_signed_zero),
        cmocka_unit_test(reductions_see_every_lane),
        cmocka_unit_test(transpose),
        cmocka_unit_test(unsigned_integers),
        cmocka_unit_test(bytes_are_gathered_and_numbers_truncated),
        cmocka_unit_test(exp_and_log_within_one_ulp),
        cmocka_unit_test(philox_known_answers),
        cmocka_unit_test(philox_of_lanes_is_philox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
