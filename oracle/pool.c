/* SPDX-License-Identifier: BSD-3-Clause
 * pool.c: the oracle of max-pooling and of global average pooling. */
#include "oracle/window.h"

#include "oracle/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- max-pooling */

static lw_pool_shape *shape_to_set(lw_problem *p)
{
    return p->op == LW_OP_MAXPOOL_FWD ? &p->args.maxpool_fwd.shape : &p->args.maxpool_bwd.shape;
}

static const lw_pool_shape *shape_of(const lw_problem *p)
{
    return p->op == LW_OP_MAXPOOL_FWD ? &p->args.maxpool_fwd.shape : &p->args.maxpool_bwd.shape;
}

static lw_conv2d_shape to_window(const lw_pool_shape *s)
{
    return (lw_conv2d_shape){s->mb, s->c, s->ih, s->iw, s->c, s->oh, s->ow, s->kh, s->kw, s->sh, s->sw, s->ph, s->pw};
}

static lw_pool_shape from_window(const lw_conv2d_shape *s)
{
    return (lw_pool_shape){s->mb, s->oc, s->ih, s->iw, s->oh, s->ow, s->kh, s->kw, s->sh, s->sw, s->ph, s->pw};
}

static bool parse(lw_scan *s, lw_problem *p)
{
    lw_conv2d_shape window;
    if (!lw_window_parse(s, &window, true)) return false;
    if (window.kh * window.kw > 256) return lw_scan_refuse(s, "kh x kw is %d, at most 256 are possible", window.kh * window.kw);
    *shape_to_set(p) = from_window(&window);
    return lw_scan_end(s);
}

static void print(lw_problem *p)
{
    const lw_conv2d_shape window = to_window(shape_of(p));
    lw_window_print(&window, true, p->text, sizeof p->text);
}

static double flop(const lw_problem *p)
{
    const lw_pool_shape *s = shape_of(p);
    return (double)s->mb * s->oh * s->ow * s->c * (s->kh * s->kw - 1);
}

static bool awkward(lw_problem *p, int mr, int nr, size_t i)
{
    lw_conv2d_shape window;
    (void)mr, (void)nr;
    if (!lw_window_awkward(&window, 8, 32, i)) return false; /* channels past two vectors, unrolled */
    *shape_to_set(p) = from_window(&window);
    return true;
}

static void any(lw_problem *p, uint64_t *random)
{
    lw_conv2d_shape window;
    lw_window_any(&window, random);
    *shape_to_set(p) = from_window(&window);
}

/* Where tap (r, c) of output (y, x) lies in the image, as a pixel number; -1: in the padding. */
static ptrdiff_t pixel(const lw_pool_shape *s, int y, int x, int tap)
{
    const int h = y * s->sh - s->ph + tap / s->kw, w = x * s->sw - s->pw + tap % s->kw;
    return h < 0 || h >= s->ih || w < 0 || w >= s->iw ? -1 : (ptrdiff_t)h * s->iw + w;
}

enum { FWD_SRC, FWD_DST, FWD_ARGMAX };

static int fwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_pool_shape *s = shape_of(p);
    const ptrdiff_t in = (ptrdiff_t)s->mb * s->ih * s->iw, pooled = (ptrdiff_t)s->mb * s->oh * s->ow;
    out[FWD_SRC] = (lw_operand){.name = "src", .slot = offsetof(lw_maxpool_fwd_args, src), .rows = in, .cols = s->c, .ld = s->c};
    out[FWD_DST] = (lw_operand){.name = "dst", .slot = offsetof(lw_maxpool_fwd_args, dst), .role = LW_OUT,
                                .rows = pooled, .cols = s->c, .ld = s->c};
    out[FWD_ARGMAX] = (lw_operand){.name = "argmax", .slot = offsetof(lw_maxpool_fwd_args, argmax), .role = LW_OUT,
                                   .element = LW_U8, .rows = pooled, .cols = s->c, .ld = s->c};
    return 3;
}

static void fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_pool_shape *s = shape_of(p);
    const float *src = data[FWD_SRC];
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->mb * s->oh * s->ow * s->c; i++) {
        const int c = (int)(i % s->c), x = (int)(i / s->c % s->ow), y = (int)(i / s->c / s->ow % s->oh);
        const ptrdiff_t image = i / s->c / s->ow / s->oh * s->ih * s->iw;
        double best = 0;
        int at = -1;
        for (int tap = 0; tap < s->kh * s->kw; tap++) {
            const ptrdiff_t in = pixel(s, y, x, tap);
            if (in < 0) continue;
            const double v = (double)src[(image + in) * s->c + c];
            if (at < 0 || v > best || (isnan(v) && !isnan(best))) {
                best = v;
                at = tap;
            }
        }
        want[FWD_DST].value[i] = best;
        want[FWD_ARGMAX].value[i] = at;
        want[FWD_DST].bound[i] = want[FWD_ARGMAX].bound[i] = 0;
    }
}

enum { BWD_DIFF_DST, BWD_ARGMAX, BWD_DIFF_SRC };

static int bwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_pool_shape *s = shape_of(p);
    const ptrdiff_t in = (ptrdiff_t)s->mb * s->ih * s->iw, pooled = (ptrdiff_t)s->mb * s->oh * s->ow;
    out[BWD_DIFF_DST] = (lw_operand){.name = "diff_dst", .slot = offsetof(lw_maxpool_bwd_args, diff_dst),
                                     .rows = pooled, .cols = s->c, .ld = s->c};
    out[BWD_ARGMAX] = (lw_operand){.name = "argmax", .slot = offsetof(lw_maxpool_bwd_args, argmax), .element = LW_U8,
                                   .values = LW_VALUES_BELOW, .limit = s->kh * s->kw, .rows = pooled, .cols = s->c, .ld = s->c};
    out[BWD_DIFF_SRC] = (lw_operand){.name = "diff_src", .slot = offsetof(lw_maxpool_bwd_args, diff_src), .role = LW_OUT,
                                     .rows = in, .cols = s->c, .ld = s->c};
    return 3;
}

/* Maxima lie inside the image. */
static void bwd_arrange(const lw_problem *p, void *const data[], uint64_t *random)
{
    const lw_pool_shape *s = shape_of(p);
    uint8_t *argmax = data[BWD_ARGMAX];
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->mb * s->oh * s->ow * s->c; i++) {
        const int x = (int)(i / s->c % s->ow), y = (int)(i / s->c / s->ow % s->oh);
        do argmax[i] = (uint8_t)lw_random_int(random, 0, s->kh * s->kw - 1);
        while (pixel(s, y, x, argmax[i]) < 0);
    }
}

static void bwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_pool_shape *s = shape_of(p);
    const float *diff_dst = data[BWD_DIFF_DST];
    const uint8_t *argmax = data[BWD_ARGMAX];
    double *value = want[BWD_DIFF_SRC].value, *bound = want[BWD_DIFF_SRC].bound;
    const ptrdiff_t n = (ptrdiff_t)s->mb * s->ih * s->iw * s->c;
    memset(value, 0, (size_t)n * sizeof *value);
    memset(bound, 0, (size_t)n * sizeof *bound);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->mb * s->oh * s->ow * s->c; i++) {
        const int c = (int)(i % s->c), x = (int)(i / s->c % s->ow), y = (int)(i / s->c / s->ow % s->oh);
        const ptrdiff_t image = i / s->c / s->ow / s->oh * s->ih * s->iw;
        const ptrdiff_t in = (image + pixel(s, y, x, argmax[i])) * s->c + c;
        value[in] += (double)diff_dst[i];
        bound[in] += fabs((double)diff_dst[i]);
    }
    const bool overlap = s->sh < s->kh || s->sw < s->kw;
    for (ptrdiff_t i = 0; i < n; i++) bound[i] = overlap ? 2.0 * s->kh * s->kw * LW_EPS * bound[i] : 0;
}

static const char *const maxpool_problems[] = {"mb64ic32ih26oh13kh2sh2ph0", "mb64ic64ih11oh5kh2sh2ph0",
                                               "mb64ic64ih28oh14kh3sh2ph1", "mb16ic10ih24oh12kh2sh2ph0", NULL};

const lw_spec lw_spec_maxpool_fwd = {
    .syntax = LW_POOL_SYNTAX, .problems = maxpool_problems, .quick = 2, .exact = true,
    .parse = parse, .print = print, .operands = fwd_operands, .flop = flop,
    .awkward = awkward, .any = any, .reference = fwd_reference};

const lw_spec lw_spec_maxpool_bwd = {
    .syntax = LW_POOL_SYNTAX, .problems = maxpool_problems, .quick = 2, .exact = true,
    .parse = parse, .print = print, .operands = bwd_operands, .flop = flop,
    .awkward = awkward, .any = any, .arrange = bwd_arrange, .reference = bwd_reference};

/* ---------------------------------------------------------------- global average pooling */

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
