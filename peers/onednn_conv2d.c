/* SPDX-License-Identifier: BSD-3-Clause
 * onednn_conv2d.c: the three convolutions by oneDNN, in layouts of its choice, with bias and ReLU fused. */
#include "peers/onednn_api.h"

/* Descriptors of a problem: ours, and with `any` the wish that oneDNN choose. */
typedef struct descs {
    dnnl_memory_desc_t src, wei, dst, bias, any_src, any_wei, any_dst;
    lw_dnnl_window window;
} descs;

static bool init(descs *d, const lw_conv2d_shape *s)
{
    const dnnl_dims_t src = {s->mb, s->ic, s->ih, s->iw}, wei = {s->oc, s->ic, s->kh, s->kw},
                      dst = {s->mb, s->oc, s->oh, s->ow}, bias = {s->oc};
    *d = (descs){0};
    return lw_dnnl_window_of(&d->window, s->ih, s->iw, s->oh, s->ow, s->kh, s->kw, s->sh, s->sw, s->ph, s->pw) &&
           lw_md_init(&d->src, 4, src, dnnl_f32, dnnl_nhwc) && lw_md_init(&d->wei, 4, wei, dnnl_f32, dnnl_hwio) &&
           lw_md_init(&d->dst, 4, dst, dnnl_f32, dnnl_nhwc) && lw_md_init(&d->bias, 1, bias, dnnl_f32, dnnl_x) &&
           lw_md_init(&d->any_src, 4, src, dnnl_f32, dnnl_format_tag_any) &&
           lw_md_init(&d->any_wei, 4, wei, dnnl_f32, dnnl_format_tag_any) &&
           lw_md_init(&d->any_dst, 4, dst, dnnl_f32, dnnl_format_tag_any);
}

static void quit(descs *d)
{
    dnnl_memory_desc_t *all[] = {&d->src, &d->wei, &d->dst, &d->bias, &d->any_src, &d->any_wei, &d->any_dst};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) lw_md_free(all[i]);
}

static lw_dnnl_conv conv_of(const descs *d, bool bias, bool relu)
{
    return (lw_dnnl_conv){.src = LW_MD_REF(d->any_src),
                          .wei = LW_MD_REF(d->any_wei),
                          .bias = bias ? LW_MD_REF(d->bias) : NULL,
                          .dst = LW_MD_REF(d->any_dst),
                          .window = d->window,
                          .relu = relu};
}

void *lw_dnnl_conv2d_fwd_prepare(const lw_conv2d_fwd_args *a)
{
    descs d;
    dnnl_primitive_desc_t pd;
    lw_dnnl_primitive *p = NULL;
    const bool known = init(&d, &a->shape);
    const lw_dnnl_conv c = conv_of(&d, a->bias != NULL, a->relu);
    if (known && lw_pd_conv_fwd(&pd, &c)) {
        const lw_dnnl_operand operands[] = {
            {DNNL_ARG_SRC, false, (void *)a->src, LW_MD_REF(d.src), lw_dnnl_chosen(pd, dnnl_query_src_md)},
            {DNNL_ARG_WEIGHTS, false, (void *)a->wei, LW_MD_REF(d.wei), lw_dnnl_chosen(pd, dnnl_query_weights_md)},
            {DNNL_ARG_DST, true, a->dst, LW_MD_REF(d.dst), lw_dnnl_chosen(pd, dnnl_query_dst_md)},
            {DNNL_ARG_BIAS, false, (void *)a->bias, LW_MD_REF(d.bias), LW_MD_REF(d.bias)}};
        p = lw_dnnl_new(pd, operands, a->bias ? 4 : 3);
    }
    quit(&d);
    return p;
}

void *lw_dnnl_conv2d_bwd_data_prepare(const lw_conv2d_bwd_data_args *a)
{
    descs d;
    dnnl_primitive_desc_t pd;
    lw_dnnl_primitive *p = NULL;
    const bool known = init(&d, &a->shape);
    const lw_dnnl_conv c = conv_of(&d, false, false);
    if (known && lw_pd_conv_bwd_data(&pd, &c)) {
        const lw_dnnl_operand operands[] = {
            {DNNL_ARG_DIFF_DST, false, (void *)a->diff_dst, LW_MD_REF(d.dst), lw_dnnl_chosen(pd, dnnl_query_diff_dst_md)},
            {DNNL_ARG_WEIGHTS, false, (void *)a->wei, LW_MD_REF(d.wei), lw_dnnl_chosen(pd, dnnl_query_weights_md)},
            {DNNL_ARG_DIFF_SRC, true, a->diff_src, LW_MD_REF(d.src), lw_dnnl_chosen(pd, dnnl_query_diff_src_md)}};
        p = lw_dnnl_new(pd, operands, 3);
    }
    quit(&d);
    return p;
}

void *lw_dnnl_conv2d_bwd_weights_prepare(const lw_conv2d_bwd_weights_args *a)
{
    descs d;
    dnnl_primitive_desc_t pd;
    lw_dnnl_primitive *p = NULL;
    const bool known = init(&d, &a->shape);
    const lw_dnnl_conv c = conv_of(&d, a->diff_bias != NULL, false);
    if (known && lw_pd_conv_bwd_weights(&pd, &c)) {
        const lw_dnnl_operand operands[] = {
            {DNNL_ARG_SRC, false, (void *)a->src, LW_MD_REF(d.src), lw_dnnl_chosen(pd, dnnl_query_src_md)},
            {DNNL_ARG_DIFF_DST, false, (void *)a->diff_dst, LW_MD_REF(d.dst), lw_dnnl_chosen(pd, dnnl_query_diff_dst_md)},
            {DNNL_ARG_DIFF_WEIGHTS, true, a->diff_wei, LW_MD_REF(d.wei), lw_dnnl_chosen(pd, dnnl_query_diff_weights_md)},
            {DNNL_ARG_DIFF_BIAS, true, a->diff_bias, LW_MD_REF(d.bias), LW_MD_REF(d.bias)}};
        p = lw_dnnl_new(pd, operands, a->diff_bias ? 4 : 3);
    }
    quit(&d);
    return p;
}

LW_DNNL_CALLS(conv2d_fwd)
LW_DNNL_CALLS(conv2d_bwd_data)
LW_DNNL_CALLS(conv2d_bwd_weights)
