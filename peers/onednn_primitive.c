/* SPDX-License-Identifier: BSD-3-Clause
 * onednn_primitive.c: a primitive, its operands in the layouts that it has chosen, and the reorders before and
 * after. An operand whose layout is ours already is used where it lies. */
#include "peers/onednn_api.h"

#include <stdlib.h>

enum { MOST_OPERANDS = 5 };

struct lw_dnnl_primitive {
    dnnl_primitive_t primitive;
    int count;
    dnnl_memory_t ours[MOST_OPERANDS], theirs[MOST_OPERANDS]; /* the same where the layouts are */
    dnnl_exec_arg_t args[MOST_OPERANDS];
    bool output[MOST_OPERANDS];
    dnnl_primitive_t to_ours[MOST_OPERANDS]; /* reorders of outputs */
};

static void run(dnnl_primitive_t primitive, int count, const dnnl_exec_arg_t *args)
{
    lw_dnnl.dnnl_primitive_execute(primitive, lw_dnnl.stream, count, args);
    lw_dnnl.dnnl_stream_wait(lw_dnnl.stream);
}

static void run_reorder(dnnl_primitive_t reorder, dnnl_memory_t from, dnnl_memory_t to)
{
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    run(reorder, 2, args);
}

static dnnl_primitive_t new_reorder(lw_md_ref from, lw_md_ref to)
{
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_t reorder = NULL;
    if (lw_dnnl.dnnl_reorder_primitive_desc_create(&pd, from, lw_dnnl.engine, to, lw_dnnl.engine, NULL) != dnnl_success)
        return NULL;
    if (lw_dnnl.dnnl_primitive_create(&reorder, pd) != dnnl_success) reorder = NULL;
    lw_dnnl.dnnl_primitive_desc_destroy(pd);
    return reorder;
}

static bool add_operand(lw_dnnl_primitive *p, const lw_dnnl_operand *o)
{
    const int i = p->count++;
    p->output[i] = o->output;
    if (o->data && lw_dnnl.dnnl_memory_create(&p->ours[i], o->ours, lw_dnnl.engine, o->data) != dnnl_success) return false;
    if (o->data && lw_dnnl.dnnl_memory_desc_equal(o->ours, o->theirs)) {
        p->theirs[i] = p->ours[i];
    } else if (lw_dnnl.dnnl_memory_create(&p->theirs[i], o->theirs, lw_dnnl.engine, DNNL_MEMORY_ALLOCATE) != dnnl_success) {
        return false;
    } else if (o->data && o->output) {
        p->to_ours[i] = new_reorder(o->theirs, o->ours);
        if (!p->to_ours[i]) return false;
    } else if (o->data) {
        dnnl_primitive_t reorder = new_reorder(o->ours, o->theirs);
        if (!reorder) return false;
        run_reorder(reorder, p->ours[i], p->theirs[i]);
        lw_dnnl.dnnl_primitive_destroy(reorder);
    }
    p->args[i] = (dnnl_exec_arg_t){o->arg, p->theirs[i]};
    return true;
}

lw_dnnl_primitive *lw_dnnl_new(dnnl_primitive_desc_t pd, const lw_dnnl_operand *operands, int count)
{
    lw_dnnl_primitive *p = calloc(1, sizeof *p);
    bool ok = p && count <= MOST_OPERANDS && lw_dnnl.dnnl_primitive_create(&p->primitive, pd) == dnnl_success;
    for (int i = 0; i < count && ok; i++) ok = add_operand(p, &operands[i]);
    lw_dnnl.dnnl_primitive_desc_destroy(pd);
    if (ok) return p;
    lw_dnnl_release(p);
    return NULL;
}

void lw_dnnl_run(const lw_dnnl_primitive *p)
{
    run(p->primitive, p->count, p->args);
}

void lw_dnnl_finish(const lw_dnnl_primitive *p)
{
    for (int i = 0; i < p->count; i++)
        if (p->to_ours[i]) run_reorder(p->to_ours[i], p->theirs[i], p->ours[i]);
}

void lw_dnnl_release(void *prepared)
{
    lw_dnnl_primitive *p = prepared;
    if (!p) return;
    for (int i = 0; i < p->count; i++) {
        if (p->to_ours[i]) lw_dnnl.dnnl_primitive_destroy(p->to_ours[i]);
        if (p->theirs[i] && p->theirs[i] != p->ours[i]) lw_dnnl.dnnl_memory_destroy(p->theirs[i]);
        if (p->ours[i]) lw_dnnl.dnnl_memory_destroy(p->ours[i]);
    }
    if (p->primitive) lw_dnnl.dnnl_primitive_destroy(p->primitive);
    free(p);
}
