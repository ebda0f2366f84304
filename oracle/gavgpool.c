/* SPDX-License-Identifier: BSD-3-Clause
 * gavgpool.c: the oracle of global average pooling. */
#include "oracle/spec.h"

#include "oracle/random.h"

#include <math.h>
#include <stdio.h>

/* Both directions have the same sizes. */
static void get_sizes(const lw_problem *p, int *mb, int *hw, int *c)
{
    const lw_gavgpool_fwd_args *f = &p->args.gavgpool_fwd;
    const lw_gavgpool_bwd_args *b = &p->args.gavgpool_bwd;
    const bool forward = p->op == LW_OP_GAVGPOOL_FWD;
    *mb = forward ? f->mb : b->mb;
    *hw = forward ? f->hw : b->hw;
    *c = forward ? f->c : b->c;
}

static void set_sizes(lw_problem *p, int mb, int hw, int c)
{
    if (p->op == LW_OP_GAVGPOOL_FWD)
        p->args.gavgpool_fwd = (lw_gavgpool_fwd_args){.mb = mb, .hw = hw, .c = c};
    else
        p->args.gavgpool_bwd = (lw_gavgpool_bwd_args){.mb = mb, .hw = hw, .c = c};
}

static bool global_parse(lw_scan *s, lw_problem *p)
{
    long mb = 0, hw = 0, c = 0;
    if (!(lw_scan_expect(s, "mb") && lw_scan_whole(s, "mb", 1, 1 << 20, &mb) && lw_scan_expect(s, "hw") &&
          lw_scan_whole(s, "hw", 1, 1 << 20, &hw) && lw_scan_expect(s, "c") && lw_scan_whole(s, "c", 1, 1 << 20, &c)))
        return false;
    set_sizes(p, (int)mb, (int)hw, (int)c);
    return lw_scan_end(s);
}

static void global_print(lw_problem *p)
{
    int mb, hw, c;
    get_sizes(p, &mb, &hw, &c);
    snprintf(p->text, sizeof p->text, "mb%dhw%dc%d", mb, hw, c);
}

enum { GLOBAL_IN, GLOBAL_OUT };

static int global_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    int mb, hw, c;
    get_sizes(p, &mb, &hw, &c);
    const bool forward = p->op == LW_OP_GAVGPOOL_FWD;
    const ptrdiff_t pixels = (ptrdiff_t)mb * hw;
    out[GLOBAL_IN] = (lw_operand){.name = forward ? "src" : "diff_dst", .rows = forward ? pixels : mb, .cols = c, .ld = c,
                                  .slot = forward ? offsetof(lw_gavgpool_fwd_args, src) : offsetof(lw_gavgpool_bwd_args, diff_dst)};
    out[GLOBAL_OUT] = (lw_operand){.name = forward ? "dst" : "diff_src", .role = LW_OUT, .rows = forward ? mb : pixels,
                                   .cols = c, .ld = c,
                                   .slot = forward ? offsetof(lw_gavgpool_fwd_args, dst) : offsetof(lw_gavgpool_bwd_args, diff_src)};
    return 2;
}

static double global_flop(const lw_problem *p)
{
    int mb, hw, c;
    get_sizes(p, &mb, &hw, &c);
    return (double)mb * hw * c;
}

static bool global_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    static const int positions[] = {1, 2, 3, 4, 5, 7, 8, 9, 49, 100};
    enum { CHANNELS = 70, POSITIONS = sizeof positions / sizeof positions[0] };
    (void)mr, (void)nr;
    if (i < CHANNELS)
        set_sizes(p, 2, 3, (int)i + 1);
    else if (i < CHANNELS + POSITIONS)
        set_sizes(p, 3, positions[i - CHANNELS], 37);
    else
        return false;
    return true;
}

static void global_any(lw_problem *p, uint64_t *random)
{
    const int mb = lw_random_int(random, 1, 6), hw = lw_random_int(random, 1, 60);
    set_sizes(p, mb, hw, lw_random_int(random, 1, 140));
}

static void global_fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_gavgpool_fwd_args *g = &p->args.gavgpool_fwd;
    const float *src = data[GLOBAL_IN];
    for (ptrdiff_t i = 0; i < (ptrdiff_t)g->mb * g->c; i++) {
        double sum = 0, size = 0;
        for (ptrdiff_t q = 0; q < g->hw; q++) {
            const double v = (double)src[(i / g->c * g->hw + q) * g->c + i % g->c];
            sum += v;
            size += fabs(v);
        }
        want[GLOBAL_OUT].value[i] = sum / g->hw;
        want[GLOBAL_OUT].bound[i] = lw_sum_bound(g->hw, size / g->hw);
    }
}

static void global_bwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_gavgpool_bwd_args *g = &p->args.gavgpool_bwd;
    const float *diff_dst = data[GLOBAL_IN];
    for (ptrdiff_t i = 0; i < (ptrdiff_t)g->mb * g->hw * g->c; i++) {
        const double v = (double)diff_dst[i / g->c / g->hw * g->c + i % g->c] / g->hw;
        want[GLOBAL_OUT].value[i] = v;
        want[GLOBAL_OUT].bound[i] = 4 * LW_EPS * fabs(v) + 0x1p-149;
    }
}

static const char *const global_problems[] = {"mb64hw49c64", "mb64hw196c128", "mb256hw49c512", NULL};

const lw_spec lw_spec_gavgpool_fwd = {
    .syntax = "mbNhwNcN", .problems = global_problems, .quick = 1,
    .parse = global_parse, .print = global_print, .operands = global_operands, .flop = global_flop,
    .awkward = global_awkward, .any = global_any, .reference = global_fwd_reference};

const lw_spec lw_spec_gavgpool_bwd = {
    .syntax = "mbNhwNcN", .problems = global_problems, .quick = 1,
    .parse = global_parse, .print = global_print, .operands = global_operands, .flop = global_flop,
    .awkward = global_awkward, .any = global_any, .reference = global_bwd_reference};
