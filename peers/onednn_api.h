/* SPDX-License-Identifier: BSD-3-Clause
 *
 * onednn_api.h: oneDNN as the other files of this folder see it: the functions of the shared object, memory
 * descriptors and primitive descriptors that look alike in API v2 and v3, and a primitive with its operands.
 */
#ifndef LW_PEERS_ONEDNN_API_H
#define LW_PEERS_ONEDNN_API_H

#include "kernels/kernels.h"

#include <oneapi/dnnl/dnnl.h>

/* ---------------------------------------------------------------- the shared object's functions */

#define LW_FOR_EACH_DNNL_COMMON(X)                                                                  \
    X(dnnl_version) X(dnnl_get_effective_cpu_isa) X(dnnl_sgemm)                                     \
    X(dnnl_engine_create) X(dnnl_stream_create) X(dnnl_stream_wait)                                 \
    X(dnnl_memory_create) X(dnnl_memory_destroy)                     \
    X(dnnl_memory_desc_equal) X(dnnl_primitive_desc_query_md) X(dnnl_primitive_desc_destroy)        \
    X(dnnl_primitive_create) X(dnnl_primitive_execute) X(dnnl_primitive_destroy)                    \
    X(dnnl_reorder_primitive_desc_create) X(dnnl_primitive_attr_create) X(dnnl_primitive_attr_destroy) \
    X(dnnl_primitive_attr_set_post_ops) X(dnnl_post_ops_create) X(dnnl_post_ops_destroy)            \
    X(dnnl_post_ops_append_eltwise)

#if DNNL_VERSION_MAJOR == 2
#    define LW_FOR_EACH_DNNL(X)                                                                     \
        LW_FOR_EACH_DNNL_COMMON(X) X(dnnl_memory_desc_init_by_tag) X(dnnl_primitive_desc_create)    \
        X(dnnl_convolution_forward_desc_init) X(dnnl_convolution_backward_data_desc_init)           \
        X(dnnl_convolution_backward_weights_desc_init) X(dnnl_pooling_forward_desc_init)            \
        X(dnnl_pooling_backward_desc_init) X(dnnl_eltwise_forward_desc_init)                        \
        X(dnnl_eltwise_backward_desc_init)
#elif DNNL_VERSION_MAJOR == 3
#    define LW_FOR_EACH_DNNL(X)                                                                     \
        LW_FOR_EACH_DNNL_COMMON(X) X(dnnl_memory_desc_create_with_tag) X(dnnl_memory_desc_destroy)  \
        X(dnnl_convolution_forward_primitive_desc_create)                                           \
        X(dnnl_convolution_backward_data_primitive_desc_create)                                     \
        X(dnnl_convolution_backward_weights_primitive_desc_create)                                  \
        X(dnnl_pooling_forward_primitive_desc_create) X(dnnl_pooling_backward_primitive_desc_create) \
        X(dnnl_eltwise_forward_primitive_desc_create) X(dnnl_eltwise_backward_primitive_desc_create)
#else
#    error "oneDNN 2 and 3 are known here"
#endif

typedef struct lw_dnnl_api {
#define X(name) __typeof__(name) *name;
    LW_FOR_EACH_DNNL(X)
#undef X
    dnnl_engine_t engine;
    dnnl_stream_t stream;
} lw_dnnl_api;

extern lw_dnnl_api lw_dnnl;

/* ---------------------------------------------------------------- descriptors */

/* In v2 a memory descriptor is a struct and passed by address, in v3 it is a handle. */
#if DNNL_VERSION_MAJOR == 2
typedef const dnnl_memory_desc_t *lw_md_ref;
#    define LW_MD_REF(md) (&(md))
#else
typedef const_dnnl_memory_desc_t lw_md_ref;
#    define LW_MD_REF(md) (md)
#endif

bool lw_md_init(dnnl_memory_desc_t *md, int ndims, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag);
void lw_md_free(dnnl_memory_desc_t *md);

/* Windows of convolution and pooling: top and left, then bottom and right. */
typedef struct lw_dnnl_window {
    dnnl_dims_t strides, kernel, pad_l, pad_r;
} lw_dnnl_window;

/* false: a window that oneDNN does not take. */
bool lw_dnnl_window_of(lw_dnnl_window *w, int ih, int iw, int oh, int ow, int kh, int kw, int sh, int sw, int ph, int pw);

/* Each makes a primitive descriptor; false: oneDNN does not offer it. */
typedef struct lw_dnnl_conv {
    lw_md_ref src, wei, bias, dst; /* or their gradients; bias may be NULL */
    lw_dnnl_window window;
    bool relu;
} lw_dnnl_conv;
bool lw_pd_conv_fwd(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c);
bool lw_pd_conv_bwd_data(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c);
bool lw_pd_conv_bwd_weights(dnnl_primitive_desc_t *pd, const lw_dnnl_conv *c);
bool lw_pd_pool_fwd(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t alg, lw_md_ref src, lw_md_ref dst, const lw_dnnl_window *w);
bool lw_pd_pool_bwd(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t alg, lw_md_ref diff_src, lw_md_ref diff_dst,
                    const lw_dnnl_window *w, dnnl_primitive_desc_t forward);
bool lw_pd_relu_fwd(dnnl_primitive_desc_t *pd, lw_md_ref data);
bool lw_pd_relu_bwd(dnnl_primitive_desc_t *pd, lw_md_ref data, dnnl_primitive_desc_t forward);

/* ---------------------------------------------------------------- a primitive with its operands */

/* An operand in our layout, and in the one that the primitive has chosen. */
typedef struct lw_dnnl_operand {
    int arg;       /* DNNL_ARG_SRC ... */
    bool output;
    void *data;    /* ours; NULL: an operand that only oneDNN knows */
    lw_md_ref ours, theirs;
} lw_dnnl_operand;

typedef struct lw_dnnl_primitive lw_dnnl_primitive;

/* Takes `pd`; brings the inputs into their layout. NULL: no memory, or oneDNN refuses. */
lw_dnnl_primitive *lw_dnnl_new(dnnl_primitive_desc_t pd, const lw_dnnl_operand *operands, int count);
void lw_dnnl_run(const lw_dnnl_primitive *p);
void lw_dnnl_finish(const lw_dnnl_primitive *p); /* outputs into our layout */
void lw_dnnl_release(void *p);

static inline lw_md_ref lw_dnnl_chosen(dnnl_primitive_desc_t pd, dnnl_query_t what)
{
    return lw_dnnl.dnnl_primitive_desc_query_md(pd, what, 0);
}

/* ---------------------------------------------------------------- the rows */

/* Each op's three functions, for the table in onednn.c. */
#define LW_DNNL_OP(stem)                                 \
    lw_##stem##_prepare_fn lw_dnnl_##stem##_prepare;     \
    lw_##stem##_fn lw_dnnl_##stem, lw_dnnl_##stem##_finish;
LW_DNNL_OP(conv2d_fwd)
LW_DNNL_OP(conv2d_bwd_data)
LW_DNNL_OP(conv2d_bwd_weights)
LW_DNNL_OP(maxpool_fwd)
LW_DNNL_OP(maxpool_bwd)
LW_DNNL_OP(gavgpool_fwd)
LW_DNNL_OP(gavgpool_bwd)
LW_DNNL_OP(relu_fwd)
LW_DNNL_OP(relu_bwd)
#undef LW_DNNL_OP

#define LW_DNNL_CALLS(stem)                                                                        \
    void lw_dnnl_##stem(const lw_##stem##_args *a, void *prepared, const lw_team *team)            \
    {                                                                                              \
        (void)a, (void)team;                                                                       \
        lw_dnnl_run(prepared);                                                                     \
    }                                                                                              \
    void lw_dnnl_##stem##_finish(const lw_##stem##_args *a, void *prepared, const lw_team *team)   \
    {                                                                                              \
        (void)a, (void)team;                                                                       \
        lw_dnnl_finish(prepared);                                                                  \
    }

#endif
