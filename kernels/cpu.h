/* SPDX-License-Identifier: BSD-3-Clause
 * cpu.h: from the raw words of CPUID and XGETBV to LW_CPU_* bits. Apart from the instructions that read
 * them, so that a test can plant a CPU that reports what its operating system has not enabled. */
#ifndef LW_CPU_H
#define LW_CPU_H

#include "kernels/kernels.h"

typedef struct lw_cpuid {
    uint32_t leaf1_ecx; /* 0 where the leaf does not exist */
    uint32_t leaf7_ebx; /* subleaf 0; 0 where the leaf does not exist */
    uint64_t xcr0;      /* 0 where OSXSAVE is not set */
} lw_cpuid;

lw_cpu lw_cpu_from_cpuid(const lw_cpuid *words);

#endif
