/* SPDX-License-Identifier: BSD-3-Clause
 * variants.c: names to rows, and whether they have anything to do. */
#include "harness/variants.h"

#include "harness/exit_codes.h"
#include "harness/options.h"

#include <stdio.h>
#include <string.h>

static bool serves_any(const lw_kernel *k, const lw_worklist *work)
{
    for (int i = 0; i < work->count; i++)
        if (work->item[i].problem.op == k->op && lw_kernel_serves(k, &work->item[i].problem)) return true;
    return false;
}

/* The same name may stand in several sets. */
static int add(lw_variants *v, const char *name, const lw_selection *s, const lw_worklist *work)
{
    const lw_cpu cpu = lw_cpu_detect();
    bool known = false;
    const int before = v->count;
    for (int i = 0; i < s->sets.count; i++) {
        size_t count;
        const lw_kernel *rows = lw_set_rows(s->sets.set[i], &count);
        for (size_t r = 0; r < count; r++) {
            if (rows[r].library || strcmp(rows[r].name, name) != 0 || !lw_kernel_usable(&rows[r], &cpu))
                continue;
            known = true;
            if (v->count < LW_MAX_VARIANTS && serves_any(&rows[r], work)) v->row[v->count++] = &rows[r];
        }
    }
    if (!known)
        return lw_fail(LW_EXIT_USAGE, s->command, "'%s' has no variant '%s' (bench list shows them)",
                       s->kernel, name);
    if (v->count == before)
        return lw_fail(LW_EXIT_USAGE, s->command, "variant '%s' serves none of the problems", name);
    return LW_EXIT_OK;
}

int lw_variants_make(lw_variants *v, const char *names, const lw_selection *s, const lw_worklist *work)
{
    int code = LW_EXIT_OK;
    *v = (lw_variants){0};
    for (const char *at = names; at && code == LW_EXIT_OK;) {
        char name[64];
        at = lw_list_next(at, name, sizeof name);
        code = add(v, name, s, work);
    }
    return code;
}

bool lw_variants_have(const lw_variants *v, const lw_kernel *k)
{
    for (int i = 0; i < v->count; i++)
        if (v->row[i] == k) return true;
    return false;
}
