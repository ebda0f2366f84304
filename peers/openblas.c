/* SPDX-License-Identifier: BSD-3-Clause
 * openblas.c: OpenBLAS. One op: sgemm, in all transposes. */
#include "peers/blas.h"
#include "peers/load.h"

#include <stdio.h>
#include <string.h>

static lw_cblas_sgemm_fn *cblas_sgemm;
static void (*set_num_threads)(int);
static char *(*get_config)(void);
static char *(*get_corename)(void);
static int (*get_parallel)(void);

static void sgemm(const lw_sgemm_args *g, void *prepared, const lw_team *team)
{
    (void)prepared, (void)team;
    lw_cblas_call(cblas_sgemm, g);
}

static lw_kernel rows[] = {{.name = "sgemm", .op = LW_OP_SGEMM, .library = "openblas", .tolerance = 1, .fn.sgemm = sgemm,
                            .prepare.sgemm = lw_blas_prepare, .release = lw_blas_release}};

static const char *core_for(lw_peer_cap cap)
{
    return cap == LW_CAP_AVX2 ? "Haswell" : "SkylakeX";
}

void lw_load_openblas(lw_peer *p, lw_peer_cap cap)
{
    static const char *const names[] = {"libopenblas.so.0", "libopenblas.so", NULL};
    if (cap != LW_CAP_NONE) lw_load_setting("OPENBLAS_CORETYPE", core_for(cap));
    void *library = lw_load_library(p, names);
    const lw_wanted wanted[] = {{(lw_symbol **)&cblas_sgemm, "cblas_sgemm", false},
                                {(lw_symbol **)&set_num_threads, "openblas_set_num_threads", false},
                                {(lw_symbol **)&get_config, "openblas_get_config", false},
                                {(lw_symbol **)&get_corename, "openblas_get_corename", false},
                                {(lw_symbol **)&get_parallel, "openblas_get_parallel", false},
                                {0}};
    if (!library || !lw_load_symbols(p, library, wanted)) return;
    const char *config = get_config(); /* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..." */
    if (strstr(config, "USE64BITINT")) {
        snprintf(p->why_not, sizeof p->why_not, "%.160s takes 64-bit integers", p->path);
        return;
    }
    sscanf(config, "OpenBLAS %63s", p->version);
    snprintf(p->uses, sizeof p->uses, "%s", get_corename());
    p->isa = lw_blas_isa(p->uses);
    if (!lw_load_within(p, cap)) return;
    static const char *const runtimes[] = {"none", "pthread", "OpenMP"};
    const int parallel = get_parallel();
    p->threads = runtimes[parallel >= 0 && parallel <= 2 ? parallel : 0];
    rows[0].isa = p->isa;
    rows[0].threads = parallel == 2 ? LW_THREADS_OPENMP : LW_THREADS_OWN;
    p->rows = rows;
    p->count = sizeof rows / sizeof *rows;
    p->set_threads = set_num_threads;
    p->found = true;
}
