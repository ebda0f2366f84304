/* SPDX-License-Identifier: BSD-3-Clause
 * layer.c: the list of layer types, and what several of them share. */
#include "nn/layer.h"

#include <string.h>

const lw_layer_type *const lw_layer_types[] = {
    &lw_layer_conv, &lw_layer_dense,     &lw_layer_maxpool, &lw_layer_avgpool, &lw_layer_globalavgpool,
    &lw_layer_relu, &lw_layer_leakyrelu, &lw_layer_dropout, &lw_layer_flatten, &lw_layer_batchnorm,     NULL,
};

ptrdiff_t lw_dims_count(lw_dims d)
{
    return (ptrdiff_t)d.h * d.w * d.c;
}

ptrdiff_t lw_param_count(const lw_param *p)
{
    ptrdiff_t count = 1;
    for (int i = 0; i < p->rank; i++)
        count *= p->shape[i];
    return count;
}

int lw_window_out(int in, int size, int stride, int *pad)
{
    if (*pad < 0) {
        int out = (in - 1) / stride + 1;
        int total = (out - 1) * stride + size - in;
        *pad = total > 0 ? total / 2 : 0;
        return out;
    }
    int room = in + 2 * *pad - size;
    return room < 0 ? 0 : room / stride + 1;
}

static int reach(int in, int out, int size, int stride, int pad)
{
    const int last = (out - 1) * stride - pad + size;
    return last < in ? last : in;
}

lw_dims lw_window_reach(lw_dims in, lw_dims out, int kh, int kw, int sh, int sw, int ph, int pw)
{
    return (lw_dims){reach(in.h, out.h, kh, sh, ph), reach(in.w, out.w, kw, sw, pw), in.c};
}

double lw_layer_pointwise_flop(const lw_layer *l)
{
    return (double)lw_dims_count(l->used_out);
}

lw_dims lw_layer_pointwise_reach(const lw_layer *l, lw_dims out)
{
    (void)l;
    return out;
}

void lw_layer_pointwise_resize(lw_layer *l, lw_dims in, lw_dims out)
{
    (void)l, (void)in, (void)out; /* it has no shape but the used ones */
}

void lw_layer_relu_forward(const lw_layer *l, float *dst, const lw_pass *p)
{
    lw_relu_fwd_args args = {p->mb * lw_dims_count(l->used_out), dst, dst};
    p->kernels->op[LW_OP_RELU_FWD]->fn.relu_fwd(&args, NULL, p->team);
}

void lw_layer_relu_backward(const lw_layer *l, const float *dst, float *diff_dst, const lw_pass *p)
{
    lw_relu_bwd_args args = {p->mb * lw_dims_count(l->used_out), dst, diff_dst, diff_dst};
    p->kernels->op[LW_OP_RELU_BWD]->fn.relu_bwd(&args, NULL, p->team);
}

void lw_layer_copy(const lw_layer *l, const float *src, float *dst, const lw_pass *p)
{
    ptrdiff_t lo, hi;
    if (src == dst) return;
    lw_team_share(p->team, p->mb * lw_dims_count(l->used_out), 16, &lo, &hi);
    if (lo < hi) memcpy(dst + lo, src + lo, (size_t)(hi - lo) * sizeof *dst);
}
