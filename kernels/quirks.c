/* SPDX-License-Identifier: BSD-3-Clause
 * quirks.c: the table of quirks.h, each row with its source, and the CPU's name for itself. A CPU that a hypervisor
 * names otherwise has no quirks here, which costs speed at most. */
#include "kernels/quirks.h"

#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#    include <cpuid.h>
#endif

enum { END = -1 };

/* ---------------------------------------------------------------- the table */

static const int skylake_server[] = {0x55, END};
static const int client_avx512[] = {0x66, 0x7d, 0x7e, 0x8c, 0x8d, 0xa7, END}; /* Cannon, Ice, Tiger and Rocket Lake */
static const int zen5_mobile[] = {0x20, 0x24, 0x60, 0x68, END}; /* Strix and Krackan Point */
/* Skylake to Comet Lake, Ice Lake (client and server), Tiger and Rocket Lake. */
static const int sampled_gathers[] = {0x4e, 0x5e, 0x55, 0x8e, 0x9e, 0xa5, 0xa6, 0x6a, 0x6c, 0x7d, 0x7e, 0x8c, 0x8d, 0xa7, END};

#define INTEL .vendor = "GenuineIntel", .family = 6
#define AMD .vendor = "AuthenticAMD"

static const lw_quirk table[] = {
    {LW_QUIRK_512_IN_HALVES, "512-in-halves", "512-bit instructions take two passes of 256 bits", AMD, .family = 0x19,
     .with_avx512 = true, /* the family is Zen 3 and Zen 4; only the latter has AVX-512 */
     .source = "AMD, Software Optimization Guide for the Zen 4 Microarchitecture (publication 57647)"},
    {LW_QUIRK_512_IN_HALVES, "512-in-halves", "512-bit instructions take two passes of 256 bits", AMD, .family = 0x1a,
     .models = zen5_mobile, .with_avx512 = true,
     .source = "AMD, Software Optimization Guide for the Zen 5 Microarchitecture (publication 58455), on models with "
               "256-bit data paths"},
    {LW_QUIRK_ONE_512_FMA, "one-512-fma", "one 512-bit FMA a cycle, no more FLOP than 256-bit code", INTEL,
     .models = client_avx512, .with_avx512 = true,
     .source = "Abel & Reineke, uops.info: 512-bit VFMADD on port 0 alone"},
    {LW_QUIRK_ONE_512_FMA, "one-512-fma", "one 512-bit FMA a cycle, no more FLOP than 256-bit code", INTEL,
     .models = skylake_server, .brands = "Bronze|Silver|Gold 51|Xeon(R) D-21", .with_avx512 = true,
     .source = "Intel, Optimization Reference Manual, on servers with a single FMA unit"},
    {LW_QUIRK_512_LOWERS_CLOCK, "512-lowers-clock", "512-bit multiplications lower the clock of the core", INTEL,
     .models = skylake_server, .with_avx512 = true,
     .source = "Intel, Xeon Processor Scalable Family Specification Update, on AVX-512 turbo frequencies"},
    {LW_QUIRK_SLOW_GATHER, "slow-gather", "with the microcode against gather data sampling, gathers are serialised",
     INTEL, .models = sampled_gathers, .source = "Intel, Gather Data Sampling, advisory INTEL-SA-00828 (CVE-2022-40982)"},
    {LW_QUIRK_SLOW_GATHER, "slow-gather", "gathers are dozens of micro-ops", AMD, .family = 0x17,
     .source = "Fog, Instruction tables: VGATHERDPS on Zen 1 and Zen 2"},
    {LW_QUIRK_SLOW_GATHER, "slow-gather", "gathers are dozens of micro-ops", AMD, .family = 0x19,
     .source = "Fog, Instruction tables: VGATHERDPS on Zen 3 and Zen 4"},
};

const lw_quirk *lw_quirks(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

/* ---------------------------------------------------------------- whom a row is about */

static bool among(const int *models, int model)
{
    if (!models) return true;
    while (*models != END && *models != model) models++;
    return *models != END;
}

static bool has_part(const char *brand, const char *parts)
{
    char part[32];
    for (size_t length; parts && *parts; parts += length + (parts[length] == '|')) {
        length = strcspn(parts, "|");
        if (length >= sizeof part) return false;
        memcpy(part, parts, length);
        part[length] = '\0';
        if (strstr(brand, part)) return true;
    }
    return parts == NULL;
}

bool lw_quirk_applies(const lw_quirk *q, const lw_cpu_identity *who)
{
    return strcmp(q->vendor, who->vendor) == 0 && q->family == who->family && among(q->models, who->model) &&
           has_part(who->brand, q->brands) && (who->avx512 || !q->with_avx512);
}

uint32_t lw_quirks_of(const lw_cpu_identity *who)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (lw_quirk_applies(&table[i], who)) bits |= table[i].bit;
    return bits;
}

/* ---------------------------------------------------------------- this machine */

#if defined(__x86_64__) || defined(__i386__)

/* Source: Intel SDM volume 2A, CPUID: the extended parts count for families 6 and 15. */
static void read_family(lw_cpu_identity *who, unsigned eax)
{
    const int base = eax >> 8 & 0xf;
    who->family = base == 0xf ? base + (int)(eax >> 20 & 0xff) : base;
    who->model = (int)(eax >> 4 & 0xf);
    if (base == 0xf || base == 6) who->model |= (int)(eax >> 12 & 0xf0);
}

static void read_brand(lw_cpu_identity *who)
{
    unsigned word[4];
    for (unsigned i = 0; i < 3; i++) {
        if (!__get_cpuid(0x80000002 + i, &word[0], &word[1], &word[2], &word[3])) return;
        memcpy(who->brand + 16 * i, word, sizeof word);
    }
}

lw_cpu_identity lw_cpu_identify(void)
{
    lw_cpu_identity who = {0};
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(0, &eax, &ebx, &ecx, &edx)) return who;
    memcpy(who.vendor, &ebx, 4);
    memcpy(who.vendor + 4, &edx, 4);
    memcpy(who.vendor + 8, &ecx, 4);
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) read_family(&who, eax);
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) who.avx512 = ebx >> 16 & 1;
    read_brand(&who);
    return who;
}

#else

lw_cpu_identity lw_cpu_identify(void)
{
    return (lw_cpu_identity){0};
}

#endif
