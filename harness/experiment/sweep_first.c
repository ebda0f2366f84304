/* SPDX-License-Identifier: BSD-3-Clause
 * sweep_first.c: runs whose weights other runs start from come first, each as part of its own experiment, so that the
 * two share them. */
#include "harness/experiment/sweep.h"

#include "harness/exit_codes.h"
#include "harness/records/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_there(const lw_planned_run *run, int runs, const lw_planned_run *one)
{
    for (int i = 0; i < runs; i++)
        if (strcmp(run[i].identity, one->identity) == 0) return true;
    return false;
}

static bool is_done(const lw_planned_run *r)
{
    lw_run_stage stage = lw_run_folder_stage(r);
    return stage == LW_RUN_FINISHED || stage == LW_RUN_DIVERGED;
}

/* What is needed of one other plan; false: out of memory. */
static bool find_needed(const lw_sweep *s, const lw_plan *plan, lw_planned_run *run, int *runs)
{
    *runs = 0;
    for (int i = 0; i < s->runs; i++) {
        if (s->plan->variant[s->run[i].variant].first != plan || is_done(&s->run[i])) continue;
        if (!lw_planned_run_first(&run[*runs], &s->run[i], s->plan, s->out)) return false;
        if (!is_done(&run[*runs]) && !is_there(run, *runs, &run[*runs])) ++*runs;
    }
    return true;
}

static int do_needed(const lw_sweep *s, const lw_plan *plan, lw_planned_run *run, int runs)
{
    char out[LW_RUN_PATH];
    lw_sweep first = *s;
    lw_folder_beside(s->out, plan->name, out);
    first.plan = plan;
    first.out = out;
    first.run = run;
    first.runs = runs;
    fprintf(stderr, "first %d runs of %s, whose weights are needed\n", runs, plan->name);
    if (!lw_make_folder(out)) return lw_fail(LW_EXIT_OUTPUT, "run", "cannot create folder %s: %s", out, strerror(errno));
    return lw_sweep_do(&first);
}

int lw_sweep_first(const lw_sweep *s, bool doing, int *left)
{
    lw_planned_run *run = malloc(((size_t)s->runs + 1) * sizeof *run);
    int code = run ? LW_EXIT_OK : LW_EXIT_MEMORY, runs;
    *left = 0;
    for (int i = 0; code == LW_EXIT_OK && i < s->plan->firsts; i++) {
        if (!find_needed(s, s->plan->first[i], run, &runs))
            code = LW_EXIT_MEMORY;
        else if (runs && doing)
            code = do_needed(s, s->plan->first[i], run, runs);
        *left += runs;
    }
    free(run);
    return code == LW_EXIT_MEMORY ? lw_fail(code, "run", "out of memory") : code;
}
