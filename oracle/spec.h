/* SPDX-License-Identifier: BSD-3-Clause
 *
 * spec.h: what the engine (case.c, problem.c) knows of an op. One lw_spec per op; a new op is its file with the
 * spec, and its line in problem.c.
 */
#ifndef LW_ORACLE_SPEC_H
#define LW_ORACLE_SPEC_H

#include "oracle/oracle.h"
#include "oracle/scan.h"

#include <stddef.h>

enum { LW_MAX_OPERANDS = 9 };

typedef enum lw_element { LW_F32, LW_U8, LW_I32 } lw_element;

typedef enum lw_role { LW_IN, LW_OUT, LW_INOUT } lw_role;

typedef enum lw_values {
    LW_VALUES_ANY,
    LW_VALUES_NONNEGATIVE, /* second moments */
    LW_VALUES_BELOW        /* integers 0 .. limit - 1: labels, pixels */
} lw_values;

/* A tensor of the problem as rows x cols with stride ld; dense ones as they like. */
typedef struct lw_operand {
    const char *name;
    size_t slot; /* offset of its pointer in lw_<op>_args */
    lw_role role;
    ptrdiff_t rows, cols, ld;
    lw_element element;
    lw_values values;
    int limit;
    int stands_at; /* > 0: in place, at operand number stands_at - 1 */
    bool bits;     /* an output without rounding: NaN apart, the bits must agree, signs of zero included */
} lw_operand;

/* What an output must be: |got - value| <= bound for finite values, NaN for NaN, the same infinity. Dense. */
typedef struct lw_want {
    double *value, *bound;
} lw_want;

typedef struct lw_spec {
    const char *syntax;           /* one line for --help */
    const char *const *problems;  /* the default list, NULL-terminated */
    int quick;                    /* how many of them in a quick run */
    bool exact;                   /* on small integers every ISA has the same bits */
    bool (*parse)(lw_scan *scan, lw_problem *p); /* sizes, then the contract's own conditions */
    void (*print)(lw_problem *p);                /* the canonical text */
    int (*operands)(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS]);
    double (*flop)(const lw_problem *p);
    double (*executed)(const lw_problem *p); /* NULL: as many */
    /* The i-th awkward shape for tiles of mr x nr; false past the end. Then any shape at random. */
    bool (*awkward)(lw_problem *p, int mr, int nr, size_t i);
    void (*any)(lw_problem *p, uint64_t *random);
    /* Operands that must fit one another (positions of maxima); NULL: none. */
    void (*arrange)(const lw_problem *p, void *const data[], uint64_t *random);
    void (*reference)(const lw_problem *p, const void *const data[], const lw_want want[]);
    size_t packed; /* offset in lw_<op>_args of the flag that the workspace holds packed weights; 0: there is none */
} lw_spec;

const lw_spec *lw_spec_of(lw_op op);

extern const lw_spec lw_spec_sgemm, lw_spec_conv2d_fwd, lw_spec_conv2d_bwd_data, lw_spec_conv2d_bwd_weights,
    lw_spec_conv2d_pool_fwd, lw_spec_conv2d_pool_bwd_data, lw_spec_conv2d_pool_bwd_weights,
    lw_spec_maxpool_fwd, lw_spec_maxpool_bwd, lw_spec_avgpool_fwd, lw_spec_avgpool_bwd, lw_spec_gavgpool_fwd,
    lw_spec_gavgpool_bwd, lw_spec_relu_fwd, lw_spec_relu_bwd, lw_spec_leakyrelu_fwd, lw_spec_leakyrelu_bwd,
    lw_spec_bias_fwd, lw_spec_bias_bwd, lw_spec_add,
    lw_spec_batchnorm_fwd, lw_spec_batchnorm_bwd, lw_spec_softmax_xent, lw_spec_dropout,
    lw_spec_normalize_u8, lw_spec_sgd, lw_spec_adam, lw_spec_rmsprop, lw_spec_affine_warp;

/* Unit roundoff, the `eps` of the contracts in kernels.h, and the bound for a sum of n rounded terms: the
 * contracts' 2*(n+3)*eps, and the spacing of denormals for each, for products that underflow. */
#define LW_EPS 0x1p-24

static inline double lw_sum_bound(double n, double magnitude)
{
    return 2 * (n + 3) * LW_EPS * magnitude + (n + 3) * 0x1p-149;
}

#endif
