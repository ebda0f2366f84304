/* SPDX-License-Identifier: BSD-3-Clause
 * problem.c: problems of every op, by way of its spec. */
#include "oracle/random.h"
#include "oracle/spec.h"

#include <assert.h>
#include <string.h>

const lw_spec *lw_spec_of(lw_op op)
{
    static const lw_spec *const specs[LW_OP_COUNT] = {
#define X(ENUM, stem) [LW_OP_##ENUM] = &lw_spec_##stem,
        LW_FOR_EACH_OP(X)
#undef X
    };
    return specs[op];
}

static ptrdiff_t bytes_of(const lw_operand *o)
{
    return o->rows * o->ld * (o->element == LW_U8 ? 1 : 4);
}

/* A problem that no machine holds is refused here rather than by an overflow somewhere. */
static bool check_size(lw_scan *scan, const lw_problem *p)
{
    lw_operand operands[LW_MAX_OPERANDS];
    const int count = lw_spec_of(p->op)->operands(p, operands);
    double bytes = 0;
    for (int i = 0; i < count; i++) bytes += 4.0 * (double)operands[i].rows * (double)operands[i].ld;
    return bytes <= 0x1p40 || lw_scan_refuse(scan, "the operands take %.3g bytes, at most 2^40 are possible", bytes);
}

bool lw_problem_parse(lw_op op, const char *text, lw_problem *out, char *err, size_t err_size)
{
    const lw_spec *spec = lw_spec_of(op);
    lw_scan scan = lw_scan_new(text, spec->syntax, err, err_size);
    *out = (lw_problem){.op = op};
    if (!spec->parse(&scan, out) || scan.failed || !check_size(&scan, out)) return false;
    spec->print(out);
    return true;
}

const char *lw_problem_syntax(lw_op op)
{
    return lw_spec_of(op)->syntax;
}

const char *const *lw_problem_defaults(lw_op op, bool quick)
{
    enum { MOST = 8 };
    static const char *first[LW_OP_COUNT][MOST + 1];
    const lw_spec *spec = lw_spec_of(op);
    if (!quick) return spec->problems;
    assert(spec->quick <= MOST);
    for (int i = 0; i < spec->quick; i++) first[op][i] = spec->problems[i];
    return first[op];
}

lw_cost lw_problem_cost(const lw_problem *p)
{
    lw_operand operands[LW_MAX_OPERANDS];
    const lw_spec *spec = lw_spec_of(p->op);
    const int count = spec->operands(p, operands);
    lw_cost cost = {.flop = spec->flop(p)};
    cost.executed = spec->executed ? spec->executed(p) : cost.flop;
    for (int i = 0; i < count; i++)
        if (!(p->without >> i & 1)) cost.bytes += (double)bytes_of(&operands[i]) * (operands[i].role == LW_INOUT ? 2 : 1);
    return cost;
}

lw_cost lw_kernel_cost(const lw_kernel *k, const lw_problem *p)
{
    lw_cost cost = lw_problem_cost(p);
    switch (k->op) {
#define X(ENUM, stem) \
    case LW_OP_##ENUM: \
        if (k->flop.stem) cost.executed = k->flop.stem(&p->args.stem); \
        break;
        LW_FOR_EACH_OP(X)
#undef X
    default: break;
    }
    return cost;
}

bool lw_kernel_serves(const lw_kernel *k, const lw_problem *p)
{
    return lw_row_serves(k, &p->args);
}

bool lw_problem_sweep(lw_op op, int mr, int nr, size_t i, size_t extra, uint64_t seed, lw_problem *out)
{
    const lw_spec *spec = lw_spec_of(op);
    *out = (lw_problem){.op = op};
    if (spec->awkward(out, mr, nr, i)) {
        spec->print(out);
        return true;
    }
    /* Past the awkward ones; their number is found by asking, which is cheap. */
    size_t awkward = 0;
    for (lw_problem probe = {.op = op}; spec->awkward(&probe, mr, nr, awkward); probe = (lw_problem){.op = op}) awkward++;
    if (i - awkward >= extra) return false;
    uint64_t random = seed ^ ((uint64_t)op << 56) ^ (uint64_t)(i - awkward) << 20;
    *out = (lw_problem){.op = op};
    spec->any(out, &random);
    spec->print(out);
    return true;
}
