/* SPDX-License-Identifier: BSD-3-Clause
 * onednn_relu.c: ReLU by oneDNN, backward from the output as ours. */
#include "peers/onednn_api.h"

void *lw_dnnl_relu_fwd_prepare(const lw_relu_fwd_args *a)
{
    dnnl_memory_desc_t md;
    dnnl_primitive_desc_t pd;
    lw_dnnl_primitive *p = NULL;
    const dnnl_dims_t n = {a->n};
    if (a->n == 0 || !lw_md_init(&md, 1, n, dnnl_f32, dnnl_x)) return NULL;
    if (lw_pd_relu_fwd(&pd, LW_MD_REF(md))) {
        const lw_dnnl_operand operands[] = {{DNNL_ARG_SRC, false, (void *)a->src, LW_MD_REF(md), LW_MD_REF(md)},
                                            {DNNL_ARG_DST, true, a->dst, LW_MD_REF(md), LW_MD_REF(md)}};
        p = lw_dnnl_new(pd, operands, 2);
    }
    lw_md_free(&md);
    return p;
}

void *lw_dnnl_relu_bwd_prepare(const lw_relu_bwd_args *a)
{
    dnnl_memory_desc_t md;
    dnnl_primitive_desc_t forward = NULL, pd;
    lw_dnnl_primitive *p = NULL;
    const dnnl_dims_t n = {a->n};
    if (a->n == 0 || !lw_md_init(&md, 1, n, dnnl_f32, dnnl_x)) return NULL;
    if (lw_pd_relu_fwd(&forward, LW_MD_REF(md)) && lw_pd_relu_bwd(&pd, LW_MD_REF(md), forward)) {
        const lw_dnnl_operand operands[] = {{DNNL_ARG_DST, false, (void *)a->dst, LW_MD_REF(md), LW_MD_REF(md)},
                                            {DNNL_ARG_DIFF_DST, false, (void *)a->diff_dst, LW_MD_REF(md), LW_MD_REF(md)},
                                            {DNNL_ARG_DIFF_SRC, true, a->diff_src, LW_MD_REF(md), LW_MD_REF(md)}};
        p = lw_dnnl_new(pd, operands, 3);
    }
    if (forward) lw_dnnl.dnnl_primitive_desc_destroy(forward);
    lw_md_free(&md);
    return p;
}

LW_DNNL_CALLS(relu_fwd)
LW_DNNL_CALLS(relu_bwd)
