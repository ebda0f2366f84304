/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dispatch.c: from a request ("auto", "avx2") to one descriptor per op, or to a refusal that explains itself.
 * The build defines LW_BUILT_<ISA> for each kernel folder in it.
 */
#include "kernels/kernels.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const lw_table lw_table_scalar, lw_table_autovec;
#ifdef LW_BUILT_AVX2
extern const lw_table lw_table_avx2;
#endif
#ifdef LW_BUILT_AVX512
extern const lw_table lw_table_avx512;
#endif
#ifdef LW_BUILT_NEON
extern const lw_table lw_table_neon;
#endif

const lw_table *lw_table_of(lw_isa isa)
{
    static const lw_table not_built[LW_ISA_COUNT] = {
        [LW_ISA_AVX2] = {.isa = LW_ISA_AVX2},
        [LW_ISA_AVX512] = {.isa = LW_ISA_AVX512},
        [LW_ISA_NEON] = {.isa = LW_ISA_NEON},
    };
    switch (isa) {
    case LW_ISA_SCALAR: return &lw_table_scalar;
    case LW_ISA_AUTOVEC: return &lw_table_autovec;
#ifdef LW_BUILT_AVX2
    case LW_ISA_AVX2: return &lw_table_avx2;
#endif
#ifdef LW_BUILT_AVX512
    case LW_ISA_AVX512: return &lw_table_avx512;
#endif
#ifdef LW_BUILT_NEON
    case LW_ISA_NEON: return &lw_table_neon;
#endif
    default: assert((unsigned)isa < LW_ISA_COUNT); return &not_built[isa];
    }
}

uint32_t lw_isa_needs(lw_isa isa)
{
    switch (isa) {
    case LW_ISA_AUTOVEC: return lw_table_autovec.rows[0].needs; /* whatever it was compiled for */
    case LW_ISA_AVX2: return LW_CPU_AVX2 | LW_CPU_FMA;
    case LW_ISA_AVX512: /* compilers' -mavx512f brings AVX2 along, and so does every CPU */
        return LW_CPU_AVX2 | LW_CPU_FMA | LW_CPU_AVX512F | LW_CPU_AVX512BW | LW_CPU_AVX512DQ | LW_CPU_AVX512VL;
    case LW_ISA_NEON: return LW_CPU_NEON;
    default: return 0;
    }
}

static bool all_of(uint32_t needs, uint32_t have)
{
    return (needs & ~have) == 0;
}

const char *lw_isa_why_not(lw_isa isa, const lw_cpu *cpu)
{
    const uint32_t needs = lw_isa_needs(isa);
    if (lw_table_of(isa)->count == 0) return "not built";
    if (!all_of(needs, cpu->cpu)) return "not reported by the CPU";
    if (!all_of(needs, cpu->os)) return "not enabled by the operating system";
    return "";
}

bool lw_isa_usable(lw_isa isa, const lw_cpu *cpu)
{
    return *lw_isa_why_not(isa, cpu) == '\0';
}

/* ---------------------------------------------------------------- the refusal */

typedef struct line {
    char *text;
    size_t size, used;
} line;

static void append(line *l, const char *before, const char *text)
{
    if (l->used >= l->size) return;
    const int n = snprintf(l->text + l->used, l->size - l->used, "%s%s", before, text);
    if (n > 0) l->used += (size_t)n;
}

static void append_sets(line *l, const lw_cpu *cpu)
{
    append(l, "", "; known: auto");
    for (int i = 0; i < LW_ISA_COUNT; i++) append(l, " ", lw_isa_name((lw_isa)i));
    append(l, "", "; built:");
    for (int i = 0; i < LW_ISA_COUNT; i++)
        if (lw_table_of((lw_isa)i)->count) append(l, " ", lw_isa_name((lw_isa)i));
    append(l, "", "; CPU-supported:");
    for (int i = 0; i < LW_ISA_COUNT; i++)
        if (all_of(lw_isa_needs((lw_isa)i), cpu->cpu)) append(l, " ", lw_isa_name((lw_isa)i));
    append(l, "", "; OS-enabled:");
    for (int i = 0; i < LW_ISA_COUNT; i++)
        if (all_of(lw_isa_needs((lw_isa)i), cpu->os)) append(l, " ", lw_isa_name((lw_isa)i));
}

/* ---------------------------------------------------------------- dispatch */

static lw_isa best_usable(const lw_cpu *cpu)
{
    static const lw_isa best_first[] = {LW_ISA_AVX512, LW_ISA_AVX2, LW_ISA_NEON};
    for (size_t i = 0; i < sizeof best_first / sizeof best_first[0]; i++)
        if (lw_isa_usable(best_first[i], cpu)) return best_first[i];
    return LW_ISA_SCALAR;
}

/* LW_ISA_COUNT for a name that is not known. */
static lw_isa resolve(const char *request, const lw_cpu *cpu)
{
    return strcmp(request, "auto") == 0 ? best_usable(cpu) : lw_isa_named(request);
}

static const lw_kernel *best_row(lw_isa isa, lw_op op, const lw_cpu *cpu)
{
    const lw_table *table = lw_table_of(isa);
    const lw_kernel *best = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const lw_kernel *row = &table->rows[i];
        if (row->op != op || row->priority == 0 || !all_of(row->needs, cpu->cpu & cpu->os)) continue;
        if (!best || row->priority > best->priority) best = row;
    }
    return best;
}

bool lw_dispatch_init(lw_dispatch *d, const char *request, char *message, size_t size)
{
    const char *origin = "kernel";
    if (!request) {
        request = getenv("LANEWISE_KERNEL");
        origin = "LANEWISE_KERNEL";
    }
    if (!request || !*request) request = "auto";

    const lw_cpu cpu = lw_cpu_detect();
    const lw_isa isa = resolve(request, &cpu);
    line l = {message, size, 0};
    append(&l, origin, " '");
    append(&l, request, "' is ");
    if (isa == LW_ISA_COUNT || !lw_isa_usable(isa, &cpu)) {
        append(&l, "", isa == LW_ISA_COUNT ? "unknown" : lw_isa_why_not(isa, &cpu));
        append_sets(&l, &cpu);
        return false;
    }
    *d = (lw_dispatch){.isa = isa};
    for (int op = 0; op < LW_OP_COUNT; op++) {
        d->op[op] = best_row(isa, (lw_op)op, &cpu);
        if (!d->op[op]) {
            append(&l, "without a kernel usable here for ", lw_op_name((lw_op)op));
            append_sets(&l, &cpu);
            return false;
        }
    }
    if (size) message[0] = '\0';
    return true;
}
