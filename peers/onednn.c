/* SPDX-License-Identifier: BSD-3-Clause
 *
 * onednn.c: oneDNN: sgemm, convolutions, pooling, ReLU. The header that it was built with says which API, v2 or
 * v3; the shared object of that version is looked for at run time.
 * Not offered: softmax with loss and gradient (oneDNN has no loss), dropout, optimisers, bias and add alone (it
 * fuses them, or takes them as binary operations that we have no wish to compare).
 */
#include "peers/load.h"
#include "peers/onednn_api.h"

#include <omp.h>
#include <stdio.h>

/* dnnl_sgemm returns without scaling C where K is 0. */
static void *sgemm_prepare(const lw_sgemm_args *g)
{
    static char nothing;
    return g->K > 0 ? &nothing : NULL;
}

static void sgemm_release(void *prepared)
{
    (void)prepared;
}

/* oneDNN's own row-major sgemm: no layouts to choose, nothing to keep between calls. */
static void sgemm(const lw_sgemm_args *g, void *ws, const lw_team *team)
{
    (void)ws, (void)team;
    lw_dnnl.dnnl_sgemm(g->trans_a ? 'T' : 'N', g->trans_b ? 'T' : 'N', g->M, g->N, g->K, g->alpha, g->A, g->lda, g->B, g->ldb,
                       g->beta, g->C, g->ldc);
}

#define ROW(ENUM, stem)                                                                                      \
    {.name = #stem, .op = LW_OP_##ENUM, .library = "onednn", .tolerance = 1, .fn.stem = lw_dnnl_##stem,        \
     .prepare.stem = lw_dnnl_##stem##_prepare, .finish.stem = lw_dnnl_##stem##_finish, .release = lw_dnnl_release}

static lw_kernel rows[] = {
    {.name = "sgemm", .op = LW_OP_SGEMM, .library = "onednn", .tolerance = 1, .fn.sgemm = sgemm,
     .prepare.sgemm = sgemm_prepare, .release = sgemm_release},
    ROW(CONV2D_FWD, conv2d_fwd),
    ROW(CONV2D_BWD_DATA, conv2d_bwd_data),
    ROW(CONV2D_BWD_WEIGHTS, conv2d_bwd_weights),
    ROW(MAXPOOL_FWD, maxpool_fwd),
    ROW(MAXPOOL_BWD, maxpool_bwd),
    ROW(GAVGPOOL_FWD, gavgpool_fwd),
    ROW(GAVGPOOL_BWD, gavgpool_bwd),
    ROW(RELU_FWD, relu_fwd),
    ROW(RELU_BWD, relu_bwd),
};
enum { ROWS = sizeof rows / sizeof *rows };

static void name_isa(lw_peer *p, unsigned isa)
{
    static const struct {
        unsigned bits;
        const char *name;
        lw_isa isa;
    } isas[] = {{dnnl_cpu_isa_sse41, "SSE41", LW_ISA_SCALAR},
                {dnnl_cpu_isa_avx, "AVX", LW_ISA_SCALAR},
                {dnnl_cpu_isa_avx2, "AVX2", LW_ISA_AVX2},
                {dnnl_cpu_isa_avx2_vnni, "AVX2_VNNI", LW_ISA_AVX2},
                {dnnl_cpu_isa_avx512_core, "AVX512_CORE", LW_ISA_AVX512},
                {dnnl_cpu_isa_avx512_core_vnni, "AVX512_CORE_VNNI", LW_ISA_AVX512},
                {dnnl_cpu_isa_avx512_core_bf16, "AVX512_CORE_BF16", LW_ISA_AVX512}};
    /* Newer ones contain AVX-512 or, in VNNI's case, no more than AVX2 for floats. */
    snprintf(p->uses, sizeof p->uses, "isa %#x", isa);
    p->isa = (isa & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core ? LW_ISA_AVX512
             : (isa & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2             ? LW_ISA_AVX2
                                                                          : LW_ISA_COUNT;
#if defined(__aarch64__)
    p->isa = LW_ISA_NEON;
#endif
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++)
        if (isas[i].bits == isa) {
            snprintf(p->uses, sizeof p->uses, "%s", isas[i].name);
            p->isa = isas[i].isa;
        }
}

static const char *runtime_name(unsigned runtime)
{
    return runtime == DNNL_RUNTIME_OMP   ? "OpenMP"
           : runtime == DNNL_RUNTIME_TBB ? "TBB"
           : runtime == DNNL_RUNTIME_SEQ ? "none"
                                         : "other";
}

static void set_threads(int n)
{
    omp_set_num_threads(n);
}

void lw_load_onednn(lw_peer *p, lw_peer_cap cap)
{
#if DNNL_VERSION_MAJOR == 2
    static const char *const names[] = {"libdnnl.so.2", NULL};
#else
    static const char *const names[] = {"libdnnl.so.3", NULL};
#endif
    if (cap != LW_CAP_NONE) {
        const char *isa = cap == LW_CAP_AVX2 ? "AVX2" : "AVX512_CORE";
        lw_load_setting("ONEDNN_MAX_CPU_ISA", isa);
        lw_load_setting("DNNL_MAX_CPU_ISA", isa); /* the name before 2.5, and it wins there */
    }
    void *library = lw_load_library(p, names);
    const lw_wanted wanted[] = {
#define X(name) {(lw_symbol **)&lw_dnnl.name, #name, false},
        LW_FOR_EACH_DNNL(X)
#undef X
        {0}};
    if (!library || !lw_load_symbols(p, library, wanted)) return;
    const dnnl_version_t *v = lw_dnnl.dnnl_version();
    snprintf(p->version, sizeof p->version, "%d.%d.%d", v->major, v->minor, v->patch);
    p->threads = runtime_name(v->cpu_runtime);
    name_isa(p, (unsigned)lw_dnnl.dnnl_get_effective_cpu_isa());
    if (!lw_load_within(p, cap)) return;
    if (lw_dnnl.dnnl_engine_create(&lw_dnnl.engine, dnnl_cpu, 0) != dnnl_success ||
        lw_dnnl.dnnl_stream_create(&lw_dnnl.stream, lw_dnnl.engine, dnnl_stream_default_flags) != dnnl_success) {
        snprintf(p->why_not, sizeof p->why_not, "%.160s: no CPU engine", p->path);
        return;
    }
    for (int i = 0; i < ROWS; i++) {
        rows[i].isa = p->isa;
        rows[i].threads = v->cpu_runtime == DNNL_RUNTIME_OMP ? LW_THREADS_OPENMP : LW_THREADS_OWN;
    }
    p->rows = rows;
    p->count = ROWS;
    p->set_threads = set_threads;
    p->found = true;
}
