/* SPDX-License-Identifier: BSD-3-Clause
 * layer_add.c: where a residual's body and its shortcut meet. The gradient of a sum is that of each term: the body
 * gets the buffer itself, the shortcut a copy, as each may be overwritten on its way back. */
#include "nn/layer.h"

static bool join(lw_layer *l, const lw_dims *in, lw_error *err)
{
    if (in[0].h != in[1].h || in[0].w != in[1].w || in[0].c != in[1].c)
        return lw_refuse(err, LW_ERROR_MODEL,
                         "the body gives %dx%dx%d and the shortcut %dx%dx%d, which cannot be added; pad=same keeps a "
                         "size, and a shortcut such as residual( ... | conv(%d,1)) gives as many channels",
                         in[0].h, in[0].w, in[0].c, in[1].h, in[1].w, in[1].c, in[0].c);
    l->out = in[0];
    return true;
}

static double flop(const lw_layer *l)
{
    return (double)lw_dims_count(l->out);
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    const lw_add_args args = {p->mb * lw_dims_count(l->out), t->more_src[0], t->more_src[1], t->dst};
    p->kernels->op[LW_OP_ADD]->fn.add(&args, NULL, p->team);
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    for (int i = 0; i < 2; i++)
        if (t->more_diff[i]) lw_layer_copy(l, t->diff_dst, t->more_diff[i], p);
}

const lw_layer_type lw_layer_add = {
    .word = "residual",
    .title = "Add",
    .stem = "add",
    .usage = "residual(body[|shortcut])",
    .passes_diff = true,
    .join = join,
    .flop = flop,
    .forward = forward,
    .backward = backward,
};
