/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpu.c: what this CPU reports and what the operating system has enabled of it. By feature bits and OS state,
 * never by model number: a CPU may report AVX-512 under a kernel that does not save zmm registers, and then
 * the registers would lose their contents at the next context switch.
 * Source: Intel SDM volume 1, chapters 14.3 (AVX) and 15.2 (AVX-512).
 */
#include "kernels/cpu.h"

#if defined(__x86_64__) || defined(__i386__)
#    include <cpuid.h>
#endif

enum { LEAF1_FMA = 1 << 12, LEAF1_OSXSAVE = 1 << 27, LEAF1_AVX = 1 << 28 };

#define LEAF7_AVX2 (1u << 5)
#define LEAF7_AVX512F (1u << 16)
#define LEAF7_AVX512DQ (1u << 17)
#define LEAF7_AVX512BW (1u << 30)
#define LEAF7_AVX512VL (1u << 31)

#define XCR0_AVX 0x06u    /* xmm and the upper halves of ymm */
#define XCR0_AVX512 0xe6u /* and opmask, upper halves of zmm0-15, zmm16-31 */

#define AVX_BITS (LW_CPU_AVX2 | LW_CPU_FMA)
#define AVX512_BITS (LW_CPU_AVX512F | LW_CPU_AVX512BW | LW_CPU_AVX512DQ | LW_CPU_AVX512VL)

lw_cpu lw_cpu_from_cpuid(const lw_cpuid *words)
{
    lw_cpu cpu = {0, 0};
    if (words->leaf1_ecx & LEAF1_AVX) { /* everything below is encoded with AVX's prefixes */
        if (words->leaf1_ecx & LEAF1_FMA) cpu.cpu |= LW_CPU_FMA;
        if (words->leaf7_ebx & LEAF7_AVX2) cpu.cpu |= LW_CPU_AVX2;
        if (words->leaf7_ebx & LEAF7_AVX512F) cpu.cpu |= LW_CPU_AVX512F;
        if (words->leaf7_ebx & LEAF7_AVX512DQ) cpu.cpu |= LW_CPU_AVX512DQ;
        if (words->leaf7_ebx & LEAF7_AVX512BW) cpu.cpu |= LW_CPU_AVX512BW;
        if (words->leaf7_ebx & LEAF7_AVX512VL) cpu.cpu |= LW_CPU_AVX512VL;
    }
    if (words->leaf1_ecx & LEAF1_OSXSAVE) {
        if ((words->xcr0 & XCR0_AVX) == XCR0_AVX) cpu.os |= AVX_BITS;
        if ((words->xcr0 & XCR0_AVX512) == XCR0_AVX512) cpu.os |= AVX512_BITS;
    }
    return cpu;
}

#if defined(__x86_64__) || defined(__i386__)

static uint64_t read_xcr0(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0)); /* _xgetbv() would need -mxsave */
    return (uint64_t)high << 32 | low;
}

lw_cpu lw_cpu_detect(void)
{
    lw_cpuid words = {0, 0, 0};
    unsigned eax, ebx, ecx, edx;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) words.leaf1_ecx = ecx;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) words.leaf7_ebx = ebx;
    if (words.leaf1_ecx & LEAF1_OSXSAVE) words.xcr0 = read_xcr0(); /* faults where it is not set */
    return lw_cpu_from_cpuid(&words);
}

#elif defined(__aarch64__)

lw_cpu lw_cpu_detect(void)
{
    return (lw_cpu){LW_CPU_NEON, LW_CPU_NEON}; /* AArch64's baseline */
}

#else

lw_cpu lw_cpu_detect(void)
{
    return (lw_cpu){0, 0};
}

#endif
