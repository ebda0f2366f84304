/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libxsmm.c: libxsmm, which compiles a kernel for one small product at run time. One op: sgemm, of up to 128^3
 * multiplications (its own default stops at 64^3), in the transposes, alpha and beta that it compiles for; always
 * on one thread. Debian has it as a static library only, so that it is there or not when this is built.
 */
#include "peers/load.h"

#include <libxsmm.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct compiled {
    libxsmm_smmfunction kernel;
} compiled;

/* Row-major C = A*B is column-major C' = B'*A'. */
static void *prepare(const lw_sgemm_args *g)
{
    const double size = (double)g->M * (double)g->N * (double)g->K;
    if (size == 0 || size > 128.0 * 128 * 128 || g->lda > INT_MAX || g->ldb > INT_MAX || g->ldc > INT_MAX) return NULL;
    const libxsmm_blasint lda = (libxsmm_blasint)g->ldb, ldb = (libxsmm_blasint)g->lda, ldc = (libxsmm_blasint)g->ldc;
    const int flags = (g->trans_b ? LIBXSMM_GEMM_FLAG_TRANS_A : 0) | (g->trans_a ? LIBXSMM_GEMM_FLAG_TRANS_B : 0);
    const int prefetch = LIBXSMM_GEMM_PREFETCH_NONE;
    compiled *c = malloc(sizeof *c);
    if (!c) return NULL;
    c->kernel = libxsmm_smmdispatch((libxsmm_blasint)g->N, (libxsmm_blasint)g->M, (libxsmm_blasint)g->K, &lda, &ldb, &ldc,
                                    &g->alpha, &g->beta, &flags, &prefetch);
    if (c->kernel) return c;
    free(c);
    return NULL;
}

static void sgemm(const lw_sgemm_args *g, void *prepared, const lw_team *team)
{
    (void)team;
    const compiled *c = prepared;
    c->kernel(g->B, g->A, g->C);
}

static lw_kernel rows[] = {{.name = "sgemm", .op = LW_OP_SGEMM, .library = "libxsmm", .threads = LW_THREADS_OPENMP, .tolerance = 1,
                            .fn.sgemm = sgemm, .prepare.sgemm = prepare, .release = free}};

void lw_load_libxsmm(lw_peer *p, lw_peer_cap cap)
{
    libxsmm_init();
    if (cap == LW_CAP_AVX2) libxsmm_set_target_archid(LIBXSMM_X86_AVX2);
    if (cap == LW_CAP_AVX512) libxsmm_set_target_archid(LIBXSMM_X86_AVX512_CORE);
    const int id = libxsmm_get_target_archid();
    snprintf(p->version, sizeof p->version, "%s", LIBXSMM_VERSION);
    snprintf(p->path, sizeof p->path, "linked");
    snprintf(p->uses, sizeof p->uses, "%s", libxsmm_get_target_arch());
    p->isa = id >= LIBXSMM_X86_AVX512_CORE ? LW_ISA_AVX512 : id == LIBXSMM_X86_AVX2 ? LW_ISA_AVX2 : LW_ISA_COUNT;
    if (!lw_load_within(p, cap)) return;
    rows[0].isa = p->isa;
    p->rows = rows;
    p->count = sizeof rows / sizeof *rows;
    p->found = true;
}
