/* SPDX-License-Identifier: BSD-3-Clause
 * layer_concat.c: where branches meet: their channels one after the other at each position. A copy: kernels write
 * dense tensors, and one that wrote into every tenth line would lose more than the copy costs. */
#include "nn/layer.h"

#include <limits.h>
#include <string.h>

static bool join(lw_layer *l, const lw_dims *in, lw_error *err)
{
    double channels = 0;
    l->out = in[0];
    for (int i = 0; i < l->inputs; i++) {
        if (in[i].h != in[0].h || in[i].w != in[0].w)
            return lw_refuse(err, LW_ERROR_MODEL,
                             "branch %d gives %dx%d positions and branch 1 %dx%d; all must give the same (pad=same keeps "
                             "a size at stride 1)",
                             i + 1, in[i].h, in[i].w, in[0].h, in[0].w);
        l->of.channels[i] = in[i].c;
        channels += in[i].c;
    }
    if (channels > INT_MAX / 4) return lw_refuse(err, LW_ERROR_MODEL, "%.0f channels are too many", channels);
    l->out.c = (int)channels;
    return true;
}

static double flop(const lw_layer *l)
{
    (void)l;
    return 0;
}

static void forward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    ptrdiff_t lo, hi, first = 0;
    lw_team_share(p->team, (ptrdiff_t)p->mb * l->out.h * l->out.w, 16, &lo, &hi);
    for (int i = 0; i < l->inputs; first += l->of.channels[i++]) {
        const ptrdiff_t c = l->of.channels[i];
        for (ptrdiff_t at = lo; at < hi; at++)
            memcpy(t->dst + at * l->out.c + first, t->more_src[i] + at * c, (size_t)c * sizeof(float));
    }
}

static void backward(const lw_layer *l, const lw_tensors *t, const lw_pass *p)
{
    ptrdiff_t lo, hi, first = 0;
    lw_team_share(p->team, (ptrdiff_t)p->mb * l->out.h * l->out.w, 16, &lo, &hi);
    for (int i = 0; i < l->inputs; first += l->of.channels[i++]) {
        const ptrdiff_t c = l->of.channels[i];
        for (ptrdiff_t at = lo; t->more_diff[i] && at < hi; at++)
            memcpy(t->more_diff[i] + at * c, t->diff_dst + at * l->out.c + first, (size_t)c * sizeof(float));
    }
}

const lw_layer_type lw_layer_concat = {
    .word = "branches",
    .title = "Concatenate",
    .stem = "concatenate",
    .usage = "branches(first|second[|...])",
    .join = join,
    .flop = flop,
    .forward = forward,
    .backward = backward,
};
