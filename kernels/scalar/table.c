/* SPDX-License-Identifier: BSD-3-Clause
 * table.c: the rows of `scalar` and, compiled with LW_AUTOVEC, those of `autovec`. */
#include "kernels/needs.h"
#include "kernels/scalar/symbols.h"

#ifdef LW_AUTOVEC
#    define ISA LW_ISA_AUTOVEC
#    define TABLE lw_table_autovec
#else
#    define ISA LW_ISA_SCALAR
#    define TABLE lw_table_scalar
#endif

static const lw_kernel rows[] = {
#define X(ENUM, stem)             \
    {.name = #stem "_ref",        \
     .op = LW_OP_##ENUM,          \
     .isa = ISA,                  \
     .needs = LW_NEEDS,           \
     .priority = 1,               \
     .tolerance = 1,              \
     .fn.stem = LW_SYM(stem)},
    LW_FOR_EACH_OP(X)
#undef X
};

extern const lw_table TABLE;
const lw_table TABLE = {.isa = ISA, .count = sizeof rows / sizeof rows[0], .rows = rows};
