/* SPDX-License-Identifier: BSD-3-Clause
 * quirks.h: what some CPUs do slower than their feature bits promise. A choice among kernels may consult these; what
 * can run never depends on them. No bit of CPUID reports them, so here, and only here, the model number decides. */
#ifndef LW_QUIRKS_H
#define LW_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LW_QUIRK_512_IN_HALVES = 1u << 0,   /* a 512-bit instruction takes two passes of 256 bits */
    LW_QUIRK_ONE_512_FMA = 1u << 1,     /* one 512-bit FMA a cycle, where 256-bit code has two */
    LW_QUIRK_512_LOWERS_CLOCK = 1u << 2, /* 512-bit multiplications run at a lower clock, and so does what is beside them */
    LW_QUIRK_SLOW_GATHER = 1u << 3      /* a gather is slower than as many loads */
};

/* CPUID leaf 0, 1 and, for the brand, 0x80000002 .. 4. */
typedef struct lw_cpu_identity {
    char vendor[13]; /* "GenuineIntel" */
    int family, model;
    char brand[49];
    bool avx512; /* reports AVX-512 F */
} lw_cpu_identity;

typedef struct lw_quirk {
    uint32_t bit;
    const char *name;   /* "512-in-halves" */
    const char *what;   /* one clause, for people */
    const char *vendor;
    int family;
    const int *models;  /* ends with -1; NULL: every model of the family */
    const char *brands; /* parts of brand names, separated by '|'; NULL: any */
    bool with_avx512;   /* only where the CPU reports AVX-512 */
    const char *source;
} lw_quirk;

/* The table, and whether a row is about this CPU. */
const lw_quirk *lw_quirks(size_t *count);
bool lw_quirk_applies(const lw_quirk *q, const lw_cpu_identity *who);

uint32_t lw_quirks_of(const lw_cpu_identity *who); /* LW_QUIRK_* bits */

/* This machine's CPU; all zero where there is no CPUID. */
lw_cpu_identity lw_cpu_identify(void);

#endif
