/* SPDX-License-Identifier: BSD-3-Clause
 * test_team.c: how a team divides work, and the allocator. */
#include "kernels/kernels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void shares_partition_the_items(void **state)
{
    (void)state;
    const ptrdiff_t grains[] = {1, 2, 7, 8, 32, 1000};
    for (int size = 1; size <= 9; size++)
        for (size_t g = 0; g < sizeof grains / sizeof grains[0]; g++)
            for (ptrdiff_t n = 0; n < 200; n++) {
                const ptrdiff_t grain = grains[g], units = (n + grain - 1) / grain;
                ptrdiff_t expected = 0;
                for (int id = 0; id < size; id++) {
                    const lw_team team = {id, size, NULL};
                    ptrdiff_t lo, hi;
                    lw_team_share(&team, n, grain, &lo, &hi);
                    assert_int_equal(lo, expected);
                    assert_true(lo <= hi && hi <= n);
                    assert_true(lo % grain == 0 || lo == n);
                    assert_true(hi % grain == 0 || hi == n);
                    assert_true((hi - lo + grain - 1) / grain <= (units + size - 1) / size); /* even */
                    expected = hi;
                }
                assert_int_equal(expected, n);
            }
}

static void shares_of_huge_counts_do_not_overflow(void **state)
{
    (void)state;
    ptrdiff_t expected = 0;
    for (int id = 0; id < 7; id++) {
        const lw_team team = {id, 7, NULL};
        ptrdiff_t lo, hi;
        lw_team_share(&team, PTRDIFF_MAX, 64, &lo, &hi);
        assert_true(lo == expected && hi > lo);
        expected = hi;
    }
    assert_true(expected == PTRDIFF_MAX);
}

static void memory_is_aligned_and_zeroed(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes < 300; bytes++) {
        unsigned char *p = lw_alloc(bytes);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        for (size_t i = 0; i < bytes; i++) {
            assert_int_equal(p[i], 0);
            p[i] = 0xff; /* so that memory that comes back is dirty */
        }
        lw_free(p);
    }
    lw_free(NULL);
}

static void memory_that_does_not_exist_is_null(void **state)
{
    (void)state;
    volatile size_t most = SIZE_MAX; /* hidden from the compiler, which warns of such sizes */
    assert_null(lw_alloc(most));
    assert_null(lw_alloc(most - 63));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_partition_the_items),
        cmocka_unit_test(shares_of_huge_counts_do_not_overflow),
        cmocka_unit_test(memory_is_aligned_and_zeroed),
        cmocka_unit_test(memory_that_does_not_exist_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
