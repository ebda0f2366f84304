/* SPDX-License-Identifier: BSD-3-Clause
 * select.c: options to sets, ops and problems. */
#include "harness/select.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool select_sets(lw_selection *s, const char *fallback)
{
    const char *environment = getenv("LANEWISE_KERNEL");
    if (!s->kernel) s->kernel = environment && *environment ? environment : fallback;
    if (!lw_sets_parse(&s->sets, s->command, s->kernel)) return false;
    for (int i = 0; i < LW_ISA_COUNT; i++) s->isa[i] = lw_sets_have(&s->sets, i);
    return true;
}

static bool select_ops(lw_selection *s, const char *ops)
{
    const char *names[LW_OP_COUNT];
    for (int i = 0; i < LW_OP_COUNT; i++) {
        names[i] = lw_op_name((lw_op)i);
        s->op[i] = !ops;
    }
    for (const char *at = ops; at;) {
        char name[64];
        at = lw_list_next(at, name, sizeof name);
        const lw_op found = lw_op_named(name);
        if (found == LW_OP_COUNT) {
            const char *nearest = lw_nearest(name, names, LW_OP_COUNT);
            if (nearest)
                lw_fail(0, s->command, "unknown op '%s'; did you mean '%s'? (bench list shows all)", name,
                        nearest);
            else
                lw_fail(0, s->command, "unknown op '%s' (bench list shows all)", name);
            return false;
        }
        s->op[found] = true;
    }
    return true;
}

typedef struct trial {
    lw_op op;
    bool parsed; /* a problem was reached at all: the sweep is well-formed */
    char err[512];
} trial;

static bool parses(void *context, const char *problem)
{
    trial *t = context;
    lw_problem p;
    t->parsed = true;
    return lw_problem_parse(t->op, problem, &p, t->err, sizeof t->err);
}

/* The problem, each if it stands for many, must fit each op that was named, or at least one if none was. */
static bool select_problem(lw_selection *s, bool ops_named)
{
    int fits = 0;
    for (int i = 0; i < LW_OP_COUNT; i++) {
        trial t = {.op = (lw_op)i};
        if (!s->op[i]) continue;
        if (lw_sweep_each(s->problem, parses, &t, t.err, sizeof t.err)) {
            fits++;
        } else if (ops_named || !t.parsed) {
            lw_fail(0, s->command, "%s", t.err);
            return false;
        } else {
            s->op[i] = false;
        }
    }
    if (fits > 0) return true;
    lw_fail(0, s->command,
            "--problem '%s' fits no op; name one with --op to learn why (--help shows the spellings)",
            s->problem);
    return false;
}

bool lw_select(lw_selection *s, const char *command, const char *kernel, const char *fallback,
               const char *ops, const char *problem)
{
    *s = (lw_selection){.command = command, .kernel = kernel, .problem = problem};
    return select_sets(s, fallback) && select_ops(s, ops) && (!problem || select_problem(s, ops != NULL));
}

bool lw_kernel_usable(const lw_kernel *k, const lw_cpu *cpu)
{
    if (k->library) return true;
    return lw_isa_usable(k->isa, cpu) && (k->needs & ~(cpu->cpu & cpu->os)) == 0;
}

int lw_select_rows(const lw_selection *s, lw_op op, const lw_cpu *cpu, const lw_kernel **out, int most)
{
    int found = 0;
    for (int i = 0; i < s->sets.count; i++) {
        size_t count;
        const lw_kernel *rows = lw_set_rows(s->sets.set[i], &count);
        for (size_t r = 0; r < count && found < most; r++)
            if (rows[r].op == op && lw_kernel_usable(&rows[r], cpu)) out[found++] = &rows[r];
    }
    return found;
}

const lw_kernel *lw_select_dispatched(lw_isa isa, lw_op op, const lw_cpu *cpu)
{
    lw_dispatch d;
    char message[1024];
    if (!lw_isa_usable(isa, cpu) || !lw_dispatch_init(&d, lw_isa_name(isa), message, sizeof message))
        return NULL;
    return d.op[op];
}
