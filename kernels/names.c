/* SPDX-License-Identifier: BSD-3-Clause
 * names.c: names of ops and ISAs, as they stand on the command line and in records. */
#include "kernels/kernels.h"

#include <assert.h>
#include <string.h>

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

lw_op lw_op_named(const char *name)
{
    int op = 0;
    while (op < LW_OP_COUNT && strcmp(name, lw_op_name((lw_op)op)) != 0) op++;
    return (lw_op)op;
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

lw_isa lw_isa_named(const char *name)
{
    int isa = 0;
    while (isa < LW_ISA_COUNT && strcmp(name, lw_isa_name((lw_isa)isa)) != 0) isa++;
    return (lw_isa)isa;
}

const char *lw_kernel_set(const lw_kernel *k)
{
    return k->library ? k->library : lw_isa_name(k->isa);
}
