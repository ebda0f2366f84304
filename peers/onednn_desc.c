/* SPDX-License-Identifier: BSD-3-Clause
 * onednn_desc.c: descriptors, and with them all that differs between oneDNN's API v2 (an operation descriptor
 * first, then the primitive's) and v3 (the primitive's at once). */
#include "peers/onednn_api.h"

#include <string.h>

lw_dnnl_api lw_dnnl;

#if DNNL_VERSION_MAJOR == 2
bool lw_md_init(dnnl_memory_desc_t *md, int ndims, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    return lw_dnnl.dnnl_memory_desc_init_by_tag(md, ndims, dims, type, tag) == dnnl_success;
}

void lw_md_free(dnnl_memory_desc_t *md)
{
    (void)md;
}
#else
bool lw_md_init(dnnl_memory_desc_t *md, int ndims, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    *md = NULL;
    return lw_dnnl.dnnl_memory_desc_create_with_tag(md, ndims, dims, type, tag) == dnnl_success;
}

void lw_md_free(dnnl_memory_desc_t *md)
{
    if (*md) lw_dnnl.dnnl_memory_desc_destroy(*md);
}
#endif

/* Our shapes state oh, and the padding at the end follows. oneDNN's follows from oh rounded down, so that less
 * than a stride of input may stay unread. Where more is left over the padding would be negative; oneDNN takes
 * that and writes past its operands (2.6.3), so such shapes are declined. */
static dnnl_dim_t pad_after(int in, int out, int kernel, int stride, int before)
{
    const int pad = (out - 1) * stride + kernel - in - before;
    return pad < 0 && pad + stride > 0 ? 0 : pad;
}

bool lw_dnnl_window_of(lw_dnnl_window *w, int ih, int iw, int oh, int ow, int kh, int kw, int sh, int sw, int ph, int pw)
{
    *w = (lw_dnnl_window){.strides = {sh, sw},
                          .kernel = {kh, kw},
                          .pad_l = {ph, pw},
                          .pad_r = {pad_after(ih, oh, kh, sh, ph), pad_after(iw, ow, kw, sw, pw)}};
    return w->pad_r[0] >= 0 && w->pad_r[1] >= 0;
}

static bool relu_attr(dnnl_primitive_attr_t *attr)
{
    dnnl_post_ops_t ops = NULL;
    if (lw_dnnl.dnnl_primitive_attr_create(attr) != dnnl_success) return false;
    bool ok = lw_dnnl.dnnl_post_ops_create(&ops) == dnnl_success;
#if DNNL_VERSION_MAJOR == 2
    ok = ok && lw_dnnl.dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0) == dnnl_success;
#else
    ok = ok && lw_dnnl.dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0, 0) == dnnl_success;
#endif
    ok = ok && lw_dnnl.dnnl_primitive_attr_set_post_ops(*attr, ops) == dnnl_success;
    if (ops) lw_dnnl.dnnl_post_ops_destroy(ops);
    return ok;
}

#if DNNL_VERSION_MAJOR == 2
static bool create(dnnl_primitive_desc_t *pd, const void *op, dnnl_primitive_attr_t attr, dnnl_primitive_desc_t forward)
{
    return lw_dnnl.dnnl_primitive_desc_create(pd, op, attr, lw_dnnl.engine, forward) == dnnl_success;
}

static bool conv_fwd(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c, dnnl_primitive_attr_t attr)
{
    dnnl_convolution_desc_t op;
    const lw_dnnl_window *w = &c->window;
    return lw_dnnl.dnnl_convolution_forward_desc_init(&op, dnnl_forward_training, dnnl_convolution_direct, c->src, c->wei,
                                                      c->bias, c->dst, w->strides, w->pad_l, w->pad_r) == dnnl_success &&
           create(pd, &op, attr, NULL);
}

static bool conv_bwd_data(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c, dnnl_primitive_desc_t forward)
{
    dnnl_convolution_desc_t op;
    const lw_dnnl_window *w = &c->window;
    return lw_dnnl.dnnl_convolution_backward_data_desc_init(&op, dnnl_convolution_direct, c->src, c->wei, c->dst, w->strides,
                                                            w->pad_l, w->pad_r) == dnnl_success &&
           create(pd, &op, NULL, forward);
}

static bool conv_bwd_weights(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c, dnnl_primitive_desc_t forward)
{
    dnnl_convolution_desc_t op;
    const lw_dnnl_window *w = &c->window;
    return lw_dnnl.dnnl_convolution_backward_weights_desc_init(&op, dnnl_convolution_direct, c->src, c->wei, c->bias, c->dst,
                                                               w->strides, w->pad_l, w->pad_r) == dnnl_success &&
           create(pd, &op, NULL, forward);
}

bool lw_pd_pool_fwd(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t alg, lw_md_ref src, lw_md_ref dst, const lw_dnnl_window *w)
{
    dnnl_pooling_desc_t op;
    return lw_dnnl.dnnl_pooling_forward_desc_init(&op, dnnl_forward_training, alg, src, dst, w->strides, w->kernel, w->pad_l,
                                                  w->pad_r) == dnnl_success &&
           create(pd, &op, NULL, NULL);
}

bool lw_pd_pool_bwd(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t alg, lw_md_ref diff_src, lw_md_ref diff_dst,
                    const lw_dnnl_window *w, dnnl_primitive_desc_t forward)
{
    dnnl_pooling_desc_t op;
    return lw_dnnl.dnnl_pooling_backward_desc_init(&op, alg, diff_src, diff_dst, w->strides, w->kernel, w->pad_l, w->pad_r) ==
               dnnl_success &&
           create(pd, &op, NULL, forward);
}

bool lw_pd_relu_fwd(dnnl_primitive_desc_t *pd, lw_md_ref data)
{
    dnnl_eltwise_desc_t op;
    return lw_dnnl.dnnl_eltwise_forward_desc_init(&op, dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, data, 0, 0) ==
               dnnl_success &&
           create(pd, &op, NULL, NULL);
}

bool lw_pd_relu_bwd(dnnl_primitive_desc_t *pd, lw_md_ref data, dnnl_primitive_desc_t forward)
{
    dnnl_eltwise_desc_t op;
    return lw_dnnl.dnnl_eltwise_backward_desc_init(&op, dnnl_eltwise_relu_use_dst_for_bwd, data, data, 0, 0) == dnnl_success &&
           create(pd, &op, NULL, forward);
}
#else
static const dnnl_dims_t dense = {0, 0}; /* oneDNN counts dilation from 0 */

static bool conv_fwd(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c, dnnl_primitive_attr_t attr)
{
    const lw_dnnl_window *w = &c->window;
    return lw_dnnl.dnnl_convolution_forward_primitive_desc_create(pd, lw_dnnl.engine, dnnl_forward_training,
                                                                  dnnl_convolution_direct, c->src, c->wei, c->bias, c->dst,
                                                                  w->strides, dense, w->pad_l, w->pad_r, attr) == dnnl_success;
}

static bool conv_bwd_data(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c, dnnl_primitive_desc_t forward)
{
    const lw_dnnl_window *w = &c->window;
    return lw_dnnl.dnnl_convolution_backward_data_primitive_desc_create(pd, lw_dnnl.engine, dnnl_convolution_direct, c->src,
                                                                        c->wei, c->dst, w->strides, dense, w->pad_l, w->pad_r,
                                                                        forward, NULL) == dnnl_success;
}

static bool conv_bwd_weights(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c, dnnl_primitive_desc_t forward)
{
    const lw_dnnl_window *w = &c->window;
    return lw_dnnl.dnnl_convolution_backward_weights_primitive_desc_create(
               pd, lw_dnnl.engine, dnnl_convolution_direct, c->src, c->wei, c->bias, c->dst, w->strides, dense, w->pad_l,
               w->pad_r, forward, NULL) == dnnl_success;
}

bool lw_pd_pool_fwd(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t alg, lw_md_ref src, lw_md_ref dst, const lw_dnnl_window *w)
{
    return lw_dnnl.dnnl_pooling_forward_primitive_desc_create(pd, lw_dnnl.engine, dnnl_forward_training, alg, src, dst,
                                                              w->strides, w->kernel, dense, w->pad_l, w->pad_r,
                                                              NULL) == dnnl_success;
}

bool lw_pd_pool_bwd(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t alg, lw_md_ref diff_src, lw_md_ref diff_dst,
                    const lw_dnnl_window *w, dnnl_primitive_desc_t forward)
{
    return lw_dnnl.dnnl_pooling_backward_primitive_desc_create(pd, lw_dnnl.engine, alg, diff_src, diff_dst, w->strides,
                                                               w->kernel, dense, w->pad_l, w->pad_r, forward,
                                                               NULL) == dnnl_success;
}

bool lw_pd_relu_fwd(dnnl_primitive_desc_t *pd, lw_md_ref data)
{
    return lw_dnnl.dnnl_eltwise_forward_primitive_desc_create(pd, lw_dnnl.engine, dnnl_forward_training,
                                                              dnnl_eltwise_relu_use_dst_for_bwd, data, data, 0, 0,
                                                              NULL) == dnnl_success;
}

bool lw_pd_relu_bwd(dnnl_primitive_desc_t *pd, lw_md_ref data, dnnl_primitive_desc_t forward)
{
    return lw_dnnl.dnnl_eltwise_backward_primitive_desc_create(pd, lw_dnnl.engine, dnnl_eltwise_relu_use_dst_for_bwd, data, data,
                                                               data, 0, 0, forward, NULL) == dnnl_success;
}
#endif

bool lw_pd_conv_fwd(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c)
{
    dnnl_primitive_attr_t attr = NULL;
    const bool ok = (!c->relu || relu_attr(&attr)) && conv_fwd(pd, c, attr);
    if (attr) lw_dnnl.dnnl_primitive_attr_destroy(attr);
    return ok;
}

typedef bool backward_fn(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c, dnnl_primitive_desc_t forward);

/* A backward pass may choose its implementation after the forward one's. */
static bool backward(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c, backward_fn *f)
{
    dnnl_primitive_desc_t forward = NULL;
    if (!conv_fwd(&forward, c, NULL)) return false;
    const bool ok = f(pd, c, forward);
    lw_dnnl.dnnl_primitive_desc_destroy(forward);
    return ok;
}

bool lw_pd_conv_bwd_data(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c)
{
    return backward(pd, c, conv_bwd_data);
}

bool lw_pd_conv_bwd_weights(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c)
{
    return backward(pd, c, conv_bwd_weights);
}
