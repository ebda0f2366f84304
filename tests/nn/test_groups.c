/* SPDX-License-Identifier: BSD-3-Clause
 * test_groups.c: who is in which group, and that a group meets without the others. */
#include "nn/groups.h"
#include "support.h"

#include <omp.h>
#include <stdatomic.h>

enum { MOST = 7, MEETINGS = 200 };

static void whole_meets(void)
{
#pragma omp barrier
}

static void everybody_is_in_one_group(void **state)
{
    (void)state;
    lw_groups *g = lw_groups_new(MOST);
    assert_non_null(g);
    for (int size = 1; size <= MOST; size++)
        for (int count = 1; count <= size; count++) {
            int members[MOST] = {0}, before = 0, last = 0;
            for (int id = 0; id < size; id++) {
                const lw_team whole = {id, size, whole_meets};
                int group;
                const lw_team mine = lw_groups_enter(g, count, &whole, &group);
                assert_in_range(group, last, last + (id > 0)); /* neighbours stay together */
                before = group == last ? before : 0;
                last = group;
                assert_int_equal(mine.id, before++);
                assert_in_range(mine.size, size / count, (size + count - 1) / count);
                members[group]++;
                assert_true(members[group] <= mine.size);
            }
            assert_int_equal(last, count - 1);
        }
    lw_groups_free(g);
}

/* Each member writes its turn, meets, and then sees the turn of its whole group, however far the others are. */
static int wrong_turns(lw_groups *g, int count, const lw_team *whole, atomic_int (*turn)[MOST])
{
    int group, wrong = 0;
    const lw_team mine = lw_groups_enter(g, count, whole, &group);
    for (int i = 1; i <= MEETINGS; i++) {
        atomic_store_explicit(&turn[group][mine.id], i, memory_order_relaxed);
        lw_team_sync(&mine);
        for (int j = 0; j < mine.size; j++) wrong += atomic_load_explicit(&turn[group][j], memory_order_relaxed) != i;
        lw_team_sync(&mine);
        if (group == 0) continue;
        for (volatile int slow = 0; slow < 100 * group; slow++) {} /* groups drift apart */
    }
    return wrong;
}

static void groups_meet_on_their_own(void **state)
{
    (void)state;
    lw_groups *g = lw_groups_new(MOST);
    assert_non_null(g);
    for (int count = 1; count <= 4; count++) {
        static atomic_int turn[MOST][MOST];
        int wrong = 0, size = 0;
#pragma omp parallel num_threads(4) reduction(+ : wrong)
        {
            const lw_team whole = {omp_get_thread_num(), omp_get_num_threads(), whole_meets};
            if (whole.id == 0) size = whole.size;
            if (count <= whole.size) wrong += wrong_turns(g, count, &whole, turn);
        }
        assert_int_equal(size, 4);
        assert_int_equal(wrong, 0);
    }
    lw_groups_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_in_one_group),
        cmocka_unit_test(groups_meet_on_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
