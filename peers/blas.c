/* SPDX-License-Identifier: BSD-3-Clause
 * blas.c: limits of a 32-bit BLAS, and the ISAs behind the names of kernel sets. */
#include "peers/blas.h"

#include <limits.h>
#include <strings.h>

void *lw_blas_prepare(const lw_sgemm_args *g)
{
    static char nothing;
    const ptrdiff_t sizes[] = {g->M, g->N, g->K, g->lda, g->ldb, g->ldc};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i] > INT_MAX) return NULL;
    return &nothing;
}

void lw_blas_release(void *prepared)
{
    (void)prepared;
}

lw_isa lw_blas_isa(const char *kernel_set)
{
    static const struct {
        const char *name;
        lw_isa isa;
    } sets[] = {{"haswell", LW_ISA_AVX2},    {"zen", LW_ISA_AVX2},         {"zen2", LW_ISA_AVX2},
                {"zen3", LW_ISA_AVX2},       {"excavator", LW_ISA_AVX2},   {"skylakex", LW_ISA_AVX512},
                {"skx", LW_ISA_AVX512},      {"knl", LW_ISA_AVX512},       {"cooperlake", LW_ISA_AVX512},
                {"zen4", LW_ISA_AVX512},     {"zen5", LW_ISA_AVX512},      {"sapphirerapids", LW_ISA_AVX512},
                {"armv8", LW_ISA_NEON},      {"cortexa57", LW_ISA_NEON},   {"cortexa53", LW_ISA_NEON},
                {"cortexa72", LW_ISA_NEON},  {"neoversen1", LW_ISA_NEON},  {"thunderx2", LW_ISA_NEON}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcasecmp(kernel_set, sets[i].name) == 0) return sets[i].isa;
    return LW_ISA_COUNT;
}
