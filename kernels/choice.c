/* SPDX-License-Identifier: BSD-3-Clause
 * choice.c: which row a call goes to, by its sizes. */
#include "kernels/kernels.h"

#include <string.h>

bool lw_row_serves(const lw_kernel *k, const lw_args *args)
{
    switch (k->op) {
#define X(ENUM, stem)                                                                                        \
    case LW_OP_##ENUM:                                                                                       \
        return !k->serves.stem || k->serves.stem(&args->stem);
        LW_FOR_EACH_OP(X)
#undef X
    default:
        return false;
    }
}

bool lw_row_alone(const lw_kernel *k, const lw_args *args)
{
    switch (k->op) {
#define X(ENUM, stem)                                                                                        \
    case LW_OP_##ENUM:                                                                                       \
        return k->alone.stem && k->alone.stem(&args->stem);
        LW_FOR_EACH_OP(X)
#undef X
    default:
        return false;
    }
}

size_t lw_row_workspace(const lw_kernel *k, const lw_args *args, int team_size)
{
    switch (k->op) {
#define X(ENUM, stem)                                                                                        \
    case LW_OP_##ENUM:                                                                                       \
        return k->workspace.stem ? k->workspace.stem(&args->stem, team_size) : 0;
        LW_FOR_EACH_OP(X)
#undef X
    default:
        return 0;
    }
}

/* ---------------------------------------------------------------- calls that are alike */

/* Shapes hold nothing but int, so there is no padding between. */
static bool same_conv2d(const lw_conv2d_shape *a, const lw_conv2d_shape *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static bool same_conv2d_pool(const lw_conv2d_pool_shape *a, const lw_conv2d_pool_shape *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static bool same_sgemm(const lw_sgemm_args *a, const lw_sgemm_args *b)
{
    return a->trans_a == b->trans_a && a->trans_b == b->trans_b && a->M == b->M && a->N == b->N &&
           a->K == b->K && a->lda == b->lda && a->ldb == b->ldb && a->ldc == b->ldc && a->alpha == b->alpha &&
           a->beta == b->beta;
}

bool lw_call_same(const lw_call *a, const lw_call *b)
{
    const lw_args *p = &a->args, *q = &b->args;
    if (a->op != b->op) return false;
    switch (a->op) {
    case LW_OP_SGEMM:
        return same_sgemm(&p->sgemm, &q->sgemm);
    case LW_OP_CONV2D_FWD:
        return same_conv2d(&p->conv2d_fwd.shape, &q->conv2d_fwd.shape) &&
               p->conv2d_fwd.relu == q->conv2d_fwd.relu;
    case LW_OP_CONV2D_BWD_DATA:
        return same_conv2d(&p->conv2d_bwd_data.shape, &q->conv2d_bwd_data.shape);
    case LW_OP_CONV2D_BWD_WEIGHTS:
        return same_conv2d(&p->conv2d_bwd_weights.shape, &q->conv2d_bwd_weights.shape);
    case LW_OP_CONV2D_POOL_FWD:
        return same_conv2d_pool(&p->conv2d_pool_fwd.shape, &q->conv2d_pool_fwd.shape) &&
               p->conv2d_pool_fwd.relu == q->conv2d_pool_fwd.relu;
    case LW_OP_CONV2D_POOL_BWD_DATA:
        return same_conv2d_pool(&p->conv2d_pool_bwd_data.shape, &q->conv2d_pool_bwd_data.shape);
    case LW_OP_CONV2D_POOL_BWD_WEIGHTS:
        return same_conv2d_pool(&p->conv2d_pool_bwd_weights.shape, &q->conv2d_pool_bwd_weights.shape);
    default:
        return false;
    }
}

bool lw_op_goes_by_size(lw_op op)
{
    const lw_call none = {.op = op};
    return lw_call_same(&none, &none);
}

/* ---------------------------------------------------------------- the row */

static bool takes(const lw_chosen *c, const lw_dispatch *d, const lw_call *call)
{
    if (c->row->isa != d->isa || c->row->op != call->op) return false;
    return c->forced ? lw_row_serves(c->row, &call->args) : lw_call_same(&c->call, call);
}

const lw_kernel *lw_dispatch_row(const lw_dispatch *d, const lw_call *call)
{
    for (int i = 0; i < d->choice.count; i++)
        if (takes(&d->choice.chosen[i], d, call)) return d->choice.chosen[i].row;
    return d->op[call->op];
}
