/* SPDX-License-Identifier: BSD-3-Clause
 * dnnl.h: the declarations of oneDNN's C API v3 that peers/ uses, and no more: Debian 12 has v2, and the
 * branch for v3 must not rot there. It is compiled against this, never linked. Where v3 is installed its own
 * header is used.
 */
#ifndef LW_TESTS_ONEDNN_V3_H
#define LW_TESTS_ONEDNN_V3_H
#include <stddef.h>
#include <stdint.h>
#define DNNL_VERSION_MAJOR 3
typedef enum { dnnl_success = 0 } dnnl_status_t;
typedef enum { dnnl_f32 = 3, dnnl_u8 = 6 } dnnl_data_type_t;
typedef enum { dnnl_format_tag_any = 1, dnnl_nhwc, dnnl_hwio, dnnl_x } dnnl_format_tag_t;
typedef enum { dnnl_forward_training = 64 } dnnl_prop_kind_t;
typedef enum {
    dnnl_convolution_direct = 1,
    dnnl_eltwise_relu = 0x20,
    dnnl_eltwise_relu_use_dst_for_bwd = 0x100,
    dnnl_pooling_max = 0x1ff,
    dnnl_pooling_avg_include_padding = 0x2ff
} dnnl_alg_kind_t;
typedef enum { dnnl_cpu = 1 } dnnl_engine_kind_t;
typedef enum { dnnl_stream_default_flags = 1 } dnnl_stream_flags_t;
typedef enum {
    dnnl_query_src_md = 129,
    dnnl_query_diff_src_md,
    dnnl_query_weights_md,
    dnnl_query_diff_weights_md,
    dnnl_query_dst_md,
    dnnl_query_diff_dst_md,
    dnnl_query_workspace_md
} dnnl_query_t;
typedef enum {
    dnnl_cpu_isa_sse41 = 1,
    dnnl_cpu_isa_avx = 3,
    dnnl_cpu_isa_avx2 = 7,
    dnnl_cpu_isa_avx2_vnni = 0xf,
    dnnl_cpu_isa_avx512_core = 0x27,
    dnnl_cpu_isa_avx512_core_vnni = 0x67,
    dnnl_cpu_isa_avx512_core_bf16 = 0xe7
} dnnl_cpu_isa_t;
#define DNNL_RUNTIME_SEQ 1u
#define DNNL_RUNTIME_OMP 2u
#define DNNL_RUNTIME_TBB 4u
#define DNNL_ARG_SRC 1
#define DNNL_ARG_FROM 1
#define DNNL_ARG_DST 17
#define DNNL_ARG_TO 17
#define DNNL_ARG_WEIGHTS 33
#define DNNL_ARG_BIAS 41
#define DNNL_ARG_WORKSPACE 64
#define DNNL_ARG_DIFF_SRC 129
#define DNNL_ARG_DIFF_DST 145
#define DNNL_ARG_DIFF_WEIGHTS 161
#define DNNL_ARG_DIFF_BIAS 169
#define DNNL_MEMORY_ALLOCATE ((void *)(size_t)-1)
typedef int64_t dnnl_dim_t;
typedef dnnl_dim_t dnnl_dims_t[12];
typedef struct dnnl_memory_desc *dnnl_memory_desc_t;
typedef const struct dnnl_memory_desc *const_dnnl_memory_desc_t;
typedef struct dnnl_memory *dnnl_memory_t;
typedef struct dnnl_engine *dnnl_engine_t;
typedef struct dnnl_stream *dnnl_stream_t;
typedef struct dnnl_primitive_desc *dnnl_primitive_desc_t;
typedef const struct dnnl_primitive_desc *const_dnnl_primitive_desc_t;
typedef struct dnnl_primitive *dnnl_primitive_t;
typedef const struct dnnl_primitive *const_dnnl_primitive_t;
typedef struct dnnl_primitive_attr *dnnl_primitive_attr_t;
typedef const struct dnnl_primitive_attr *const_dnnl_primitive_attr_t;
typedef struct dnnl_post_ops *dnnl_post_ops_t;
typedef const struct dnnl_post_ops *const_dnnl_post_ops_t;
typedef struct {
    int arg;
    dnnl_memory_t memory;
} dnnl_exec_arg_t;
typedef struct {
    int major, minor, patch;
    const char *hash;
    unsigned cpu_runtime, gpu_runtime;
} dnnl_version_t;
const dnnl_version_t *dnnl_version(void);
dnnl_cpu_isa_t dnnl_get_effective_cpu_isa(void);
dnnl_status_t dnnl_sgemm(char, char, dnnl_dim_t, dnnl_dim_t, dnnl_dim_t, float, const float *, dnnl_dim_t,
                         const float *, dnnl_dim_t, float, float *, dnnl_dim_t);
dnnl_status_t dnnl_engine_create(dnnl_engine_t *, dnnl_engine_kind_t, size_t);
dnnl_status_t dnnl_stream_create(dnnl_stream_t *, dnnl_engine_t, unsigned);
dnnl_status_t dnnl_stream_wait(dnnl_stream_t);
dnnl_status_t dnnl_memory_create(dnnl_memory_t *, const_dnnl_memory_desc_t, dnnl_engine_t, void *);
dnnl_status_t dnnl_memory_destroy(dnnl_memory_t);
int dnnl_memory_desc_equal(const_dnnl_memory_desc_t, const_dnnl_memory_desc_t);
const_dnnl_memory_desc_t dnnl_primitive_desc_query_md(const_dnnl_primitive_desc_t, dnnl_query_t, int);
dnnl_status_t dnnl_primitive_desc_destroy(dnnl_primitive_desc_t);
dnnl_status_t dnnl_primitive_create(dnnl_primitive_t *, const_dnnl_primitive_desc_t);
dnnl_status_t dnnl_primitive_execute(const_dnnl_primitive_t, dnnl_stream_t, int, const dnnl_exec_arg_t *);
dnnl_status_t dnnl_primitive_destroy(dnnl_primitive_t);
dnnl_status_t dnnl_reorder_primitive_desc_create(dnnl_primitive_desc_t *, const_dnnl_memory_desc_t,
                                                 dnnl_engine_t, const_dnnl_memory_desc_t, dnnl_engine_t,
                                                 const_dnnl_primitive_attr_t);
dnnl_status_t dnnl_primitive_attr_create(dnnl_primitive_attr_t *);
dnnl_status_t dnnl_primitive_attr_destroy(dnnl_primitive_attr_t);
dnnl_status_t dnnl_primitive_attr_set_post_ops(dnnl_primitive_attr_t, const_dnnl_post_ops_t);
dnnl_status_t dnnl_post_ops_create(dnnl_post_ops_t *);
dnnl_status_t dnnl_post_ops_destroy(dnnl_post_ops_t);
dnnl_status_t dnnl_post_ops_append_eltwise(dnnl_post_ops_t, dnnl_alg_kind_t, float, float);
dnnl_status_t dnnl_memory_desc_create_with_tag(dnnl_memory_desc_t *, int, const dnnl_dims_t, dnnl_data_type_t,
                                               dnnl_format_tag_t);
dnnl_status_t dnnl_memory_desc_destroy(dnnl_memory_desc_t);
#define MD const_dnnl_memory_desc_t
#define D const dnnl_dims_t
dnnl_status_t dnnl_convolution_forward_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
                                                             dnnl_prop_kind_t, dnnl_alg_kind_t, MD, MD, MD,
                                                             MD, D, D, D, D, const_dnnl_primitive_attr_t);
dnnl_status_t dnnl_convolution_backward_data_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
                                                                   dnnl_alg_kind_t, MD, MD, MD, D, D, D, D,
                                                                   const_dnnl_primitive_desc_t,
                                                                   const_dnnl_primitive_attr_t);
dnnl_status_t dnnl_convolution_backward_weights_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
                                                                      dnnl_alg_kind_t, MD, MD, MD, MD, D, D,
                                                                      D, D, const_dnnl_primitive_desc_t,
                                                                      const_dnnl_primitive_attr_t);
dnnl_status_t dnnl_pooling_forward_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
                                                         dnnl_prop_kind_t, dnnl_alg_kind_t, MD, MD, D, D, D,
                                                         D, D, const_dnnl_primitive_attr_t);
dnnl_status_t dnnl_pooling_backward_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
                                                          dnnl_alg_kind_t, MD, MD, D, D, D, D, D,
                                                          const_dnnl_primitive_desc_t,
                                                          const_dnnl_primitive_attr_t);
dnnl_status_t dnnl_eltwise_forward_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
                                                         dnnl_prop_kind_t, dnnl_alg_kind_t, MD, MD, float,
                                                         float, const_dnnl_primitive_attr_t);
dnnl_status_t dnnl_eltwise_backward_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
                                                          dnnl_alg_kind_t, MD, MD, MD, float, float,
                                                          const_dnnl_primitive_desc_t,
                                                          const_dnnl_primitive_attr_t);
#undef MD
#undef D
#endif
