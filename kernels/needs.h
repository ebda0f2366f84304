/* SPDX-License-Identifier: BSD-3-Clause
 *
 * needs.h: LW_NEEDS, what an object built with the flags of this translation unit needs of the CPU. It comes
 * from the compiler's own macros, so that build flags and the run-time check cannot drift apart.
 */
#ifndef LW_NEEDS_H
#define LW_NEEDS_H

#include "kernels/kernels.h"

#ifdef __AVX2__
#    define LW_NEEDS_AVX2 LW_CPU_AVX2
#else
#    define LW_NEEDS_AVX2 0u
#endif
#ifdef __FMA__
#    define LW_NEEDS_FMA LW_CPU_FMA
#else
#    define LW_NEEDS_FMA 0u
#endif
#ifdef __AVX512F__
#    define LW_NEEDS_AVX512F LW_CPU_AVX512F
#else
#    define LW_NEEDS_AVX512F 0u
#endif
#ifdef __AVX512BW__
#    define LW_NEEDS_AVX512BW LW_CPU_AVX512BW
#else
#    define LW_NEEDS_AVX512BW 0u
#endif
#ifdef __AVX512DQ__
#    define LW_NEEDS_AVX512DQ LW_CPU_AVX512DQ
#else
#    define LW_NEEDS_AVX512DQ 0u
#endif
#ifdef __AVX512VL__
#    define LW_NEEDS_AVX512VL LW_CPU_AVX512VL
#else
#    define LW_NEEDS_AVX512VL 0u
#endif
#ifdef __ARM_NEON
#    define LW_NEEDS_NEON LW_CPU_NEON
#else
#    define LW_NEEDS_NEON 0u
#endif

#define LW_NEEDS                                                                                   \
    (LW_NEEDS_AVX2 | LW_NEEDS_FMA | LW_NEEDS_AVX512F | LW_NEEDS_AVX512BW | LW_NEEDS_AVX512DQ | \
     LW_NEEDS_AVX512VL | LW_NEEDS_NEON)

#endif
