/* SPDX-License-Identifier: BSD-3-Clause
 * names.c: names of ops and ISAs, as they stand on the command line and in records. */
#include "kernels/kernels.h"

#include <assert.h>

const char *lw_op_name(lw_op op)
{
    static const char *const names[LW_OP_COUNT] = {
#define X(ENUM, stem) [LW_OP_##ENUM] = #stem,
        LW_FOR_EACH_OP(X)
#undef X
    };
    assert((unsigned)op < LW_OP_COUNT);
    return names[op];
}

const char *lw_isa_name(lw_isa isa)
{
    static const char *const names[LW_ISA_COUNT] = {
        [LW_ISA_SCALAR] = "scalar", [LW_ISA_AUTOVEC] = "autovec", [LW_ISA_AVX2] = "avx2",
        [LW_ISA_AVX512] = "avx512", [LW_ISA_NEON] = "neon",
    };
    assert((unsigned)isa < LW_ISA_COUNT);
    return names[isa];
}

const char *lw_kernel_set(const lw_kernel *k)
{
    return k->library ? k->library : lw_isa_name(k->isa);
}
