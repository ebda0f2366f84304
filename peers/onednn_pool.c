/* SPDX-License-Identifier: BSD-3-Clause
 * onednn_pool.c: pooling by oneDNN, in our NHWC: pooling follows the layout that it is given, so that there is
 * nothing to choose. Positions of maxima lie in oneDNN's workspace; they are brought to ours and back by reorders. */
#include "peers/onednn_api.h"

typedef struct descs {
    dnnl_memory_desc_t src, dst, argmax;
    lw_dnnl_window window;
} descs;

static bool init(descs *d, const lw_pool_shape *s)
{
    const dnnl_dims_t src = {s->mb, s->c, s->ih, s->iw}, dst = {s->mb, s->c, s->oh, s->ow};
    *d = (descs){0};
    return lw_dnnl_window_of(&d->window, s->ih, s->iw, s->oh, s->ow, s->kh, s->kw, s->sh, s->sw, s->ph, s->pw) &&
           lw_md_init(&d->src, 4, src, dnnl_f32, dnnl_nhwc) && lw_md_init(&d->dst, 4, dst, dnnl_f32, dnnl_nhwc) &&
           lw_md_init(&d->argmax, 4, dst, dnnl_u8, dnnl_nhwc);
}

static void quit(descs *d)
{
    lw_md_free(&d->src);
    lw_md_free(&d->dst);
    lw_md_free(&d->argmax);
}

/* Global average pooling as a window over all positions, which stand in one column. */
static lw_pool_shape global(int mb, int hw, int c)
{
    return (lw_pool_shape){.mb = mb, .c = c, .ih = hw, .iw = 1, .oh = 1, .ow = 1, .kh = hw, .kw = 1, .sh = 1, .sw = 1};
}

static lw_dnnl_primitive *forward(const lw_pool_shape *s, dnnl_alg_kind_t alg, const float *src, float *dst, uint8_t *argmax)
{
    descs d;
    dnnl_primitive_desc_t pd;
    lw_dnnl_primitive *p = NULL;
    if (init(&d, s) && lw_pd_pool_fwd(&pd, alg, LW_MD_REF(d.src), LW_MD_REF(d.dst), &d.window)) {
        const lw_dnnl_operand operands[] = {
            {DNNL_ARG_SRC, false, (void *)src, LW_MD_REF(d.src), LW_MD_REF(d.src)},
            {DNNL_ARG_DST, true, dst, LW_MD_REF(d.dst), LW_MD_REF(d.dst)},
            {DNNL_ARG_WORKSPACE, true, argmax, LW_MD_REF(d.argmax), lw_dnnl_chosen(pd, dnnl_query_workspace_md)}};
        p = lw_dnnl_new(pd, operands, argmax ? 3 : 2);
    }
    quit(&d);
    return p;
}

static lw_dnnl_primitive *backward(const lw_pool_shape *s, dnnl_alg_kind_t alg, float *diff_src, const float *diff_dst,
                                   const uint8_t *argmax)
{
    descs d;
    dnnl_primitive_desc_t forward_pd = NULL, pd;
    lw_dnnl_primitive *p = NULL;
    if (init(&d, s) && lw_pd_pool_fwd(&forward_pd, alg, LW_MD_REF(d.src), LW_MD_REF(d.dst), &d.window) &&
        lw_pd_pool_bwd(&pd, alg, LW_MD_REF(d.src), LW_MD_REF(d.dst), &d.window, forward_pd)) {
        const lw_dnnl_operand operands[] = {
            {DNNL_ARG_DIFF_SRC, true, diff_src, LW_MD_REF(d.src), LW_MD_REF(d.src)},
            {DNNL_ARG_DIFF_DST, false, (void *)diff_dst, LW_MD_REF(d.dst), LW_MD_REF(d.dst)},
            {DNNL_ARG_WORKSPACE, false, (void *)argmax, LW_MD_REF(d.argmax), lw_dnnl_chosen(pd, dnnl_query_workspace_md)}};
        p = lw_dnnl_new(pd, operands, argmax ? 3 : 2);
    }
    if (forward_pd) lw_dnnl.dnnl_primitive_desc_destroy(forward_pd);
    quit(&d);
    return p;
}

void *lw_dnnl_maxpool_fwd_prepare(const lw_maxpool_fwd_args *a)
{
    return forward(&a->shape, dnnl_pooling_max, a->src, a->dst, a->argmax);
}

void *lw_dnnl_maxpool_bwd_prepare(const lw_maxpool_bwd_args *a)
{
    return backward(&a->shape, dnnl_pooling_max, a->diff_src, a->diff_dst, a->argmax);
}

void *lw_dnnl_gavgpool_fwd_prepare(const lw_gavgpool_fwd_args *a)
{
    const lw_pool_shape s = global(a->mb, a->hw, a->c);
    return forward(&s, dnnl_pooling_avg_include_padding, a->src, a->dst, NULL);
}

void *lw_dnnl_gavgpool_bwd_prepare(const lw_gavgpool_bwd_args *a)
{
    const lw_pool_shape s = global(a->mb, a->hw, a->c);
    return backward(&s, dnnl_pooling_avg_include_padding, a->diff_src, a->diff_dst, NULL);
}

LW_DNNL_CALLS(maxpool_fwd)
LW_DNNL_CALLS(maxpool_bwd)
LW_DNNL_CALLS(gavgpool_fwd)
LW_DNNL_CALLS(gavgpool_bwd)
