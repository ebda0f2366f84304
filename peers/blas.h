/* SPDX-License-Identifier: BSD-3-Clause
 * blas.h: the C interface of BLAS, as far as sgemm needs it, and what its two libraries share. */
#ifndef LW_PEERS_BLAS_H
#define LW_PEERS_BLAS_H

#include "kernels/kernels.h"

/* The values that every CBLAS has for CblasRowMajor and so on. */
enum { LW_CBLAS_ROW_MAJOR = 101, LW_CBLAS_NO_TRANS = 111, LW_CBLAS_TRANS = 112 };

/* With 32-bit integers, which is what the packages without "64" in their name have. */
typedef void lw_cblas_sgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a,
                               int lda, const float *b, int ldb, float beta, float *c, int ldc);

static inline void lw_cblas_call(lw_cblas_sgemm_fn *sgemm, const lw_sgemm_args *g)
{
    sgemm(LW_CBLAS_ROW_MAJOR, g->trans_a ? LW_CBLAS_TRANS : LW_CBLAS_NO_TRANS,
          g->trans_b ? LW_CBLAS_TRANS : LW_CBLAS_NO_TRANS, (int)g->M, (int)g->N, (int)g->K, g->alpha, g->A, (int)g->lda,
          g->B, (int)g->ldb, g->beta, g->C, (int)g->ldc);
}

/* Declines sizes that a 32-bit BLAS cannot take; nothing needs to be made otherwise. */
lw_sgemm_prepare_fn lw_blas_prepare;
void lw_blas_release(void *prepared);

/* An ISA of ours for the names that OpenBLAS and BLIS give their kernel sets; LW_ISA_COUNT for others. */
lw_isa lw_blas_isa(const char *kernel_set);

#endif
