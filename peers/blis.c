/* SPDX-License-Identifier: BSD-3-Clause
 * blis.c: BLIS. One op: sgemm, in all transposes. */
#include "peers/blas.h"
#include "peers/load.h"

#include <stdint.h>
#include <stdio.h>

/* BLIS' dim_t: 64 bits wide where pointers are, unless it was built otherwise. */
typedef intptr_t dim;

static lw_cblas_sgemm_fn *cblas_sgemm;
static void (*set_num_threads)(dim n);
static char *(*version_str)(void);
static int (*arch_query_id)(void);
static char *(*arch_string)(int id);
static int (*enable_openmp)(void);
static int (*enable_pthreads)(void);

static void set_threads(int n)
{
    set_num_threads(n);
}

static void sgemm(const lw_sgemm_args *g, void *prepared, const lw_team *team)
{
    (void)prepared, (void)team;
    lw_cblas_call(cblas_sgemm, g);
}

static lw_kernel rows[] = {{.name = "sgemm", .op = LW_OP_SGEMM, .library = "blis", .tolerance = 1, .fn.sgemm = sgemm,
                            .prepare.sgemm = lw_blas_prepare, .release = lw_blas_release}};

void lw_load_blis(lw_peer *p, lw_peer_cap cap)
{
    static const char *const names[] = {"libblis.so.4", "libblis.so.5", "libblis.so.3", "libblis.so.2", "libblis.so", NULL};
    if (cap != LW_CAP_NONE) lw_load_setting("BLIS_ARCH_TYPE", cap == LW_CAP_AVX2 ? "haswell" : "skx");
    void *library = lw_load_library(p, names);
    const lw_wanted wanted[] = {{(lw_symbol **)&cblas_sgemm, "cblas_sgemm", false},
                                {(lw_symbol **)&set_num_threads, "bli_thread_set_num_threads", false},
                                {(lw_symbol **)&version_str, "bli_info_get_version_str", false},
                                {(lw_symbol **)&arch_query_id, "bli_arch_query_id", false},
                                {(lw_symbol **)&arch_string, "bli_arch_string", false},
                                {(lw_symbol **)&enable_openmp, "bli_info_get_enable_openmp", false},
                                {(lw_symbol **)&enable_pthreads, "bli_info_get_enable_pthreads", false},
                                {0}};
    if (!library || !lw_load_symbols(p, library, wanted)) return;
    snprintf(p->version, sizeof p->version, "%s", version_str());
    snprintf(p->uses, sizeof p->uses, "%s", arch_string(arch_query_id()));
    p->isa = lw_blas_isa(p->uses);
    if (!lw_load_within(p, cap)) return;
    p->threads = enable_openmp() ? "OpenMP" : enable_pthreads() ? "pthread" : "none";
    rows[0].isa = p->isa;
    rows[0].threads = enable_openmp() ? LW_THREADS_OPENMP : LW_THREADS_OWN;
    p->rows = rows;
    p->count = sizeof rows / sizeof *rows;
    p->set_threads = set_threads;
    p->found = true;
}
