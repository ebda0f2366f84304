/* SPDX-License-Identifier: BSD-3-Clause
 * gbench_name.c: names of benchmarks. */
#include "harness/timing/gbench_name.h"

#include "harness/sets.h"

#include <stdio.h>
#include <string.h>

static bool alone_in_its_set(const lw_kernel *k)
{
    for (int set = 0; set < LW_SET_COUNT; set++) {
        size_t count, same = 0;
        bool ours = false;
        const lw_kernel *rows = lw_set_rows(set, &count);
        for (size_t i = 0; i < count; i++) {
            same += rows[i].op == k->op;
            ours = ours || &rows[i] == k;
        }
        if (ours) return same == 1;
    }
    return true;
}

const char *lw_gbench_name(const lw_problem *p, const lw_kernel *k, int threads, const char *cache, char *text,
                           size_t size)
{
    const bool alone = alone_in_its_set(k), hot = strcmp(cache, "hot") == 0;
    snprintf(text, size, "%s/%s/%s%s%s/threads:%d%s%s", lw_op_name(p->op), p->text, lw_kernel_set(k), alone ? "" : ":",
             alone ? "" : k->name, threads, hot ? "" : "/cache:", hot ? "" : cache);
    return text;
}
