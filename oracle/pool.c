/* SPDX-License-Identifier: BSD-3-Clause
 * pool.c: the oracle of max-pooling and of average pooling over windows. */
#include "oracle/window.h"

#include "oracle/random.h"

#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- windows */

static lw_pool_shape *shape_to_set(lw_problem *p)
{
    switch (p->op) {
    case LW_OP_MAXPOOL_FWD: return &p->args.maxpool_fwd.shape;
    case LW_OP_MAXPOOL_BWD: return &p->args.maxpool_bwd.shape;
    case LW_OP_AVGPOOL_FWD: return &p->args.avgpool_fwd.shape;
    default: return &p->args.avgpool_bwd.shape;
    }
}

static const lw_pool_shape *shape_of(const lw_problem *p)
{
    lw_problem *same = (lw_problem *)p; /* to be read only */
    return shape_to_set(same);
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

static const char *const problems[] = {"mb64ic32ih26oh13kh2sh2ph0", "mb64ic64ih11oh5kh2sh2ph0",
                                       "mb64ic64ih28oh14kh3sh2ph1", "mb16ic10ih24oh12kh2sh2ph0", NULL};

/* ---------------------------------------------------------------- max-pooling */

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

const lw_spec lw_spec_maxpool_fwd = {
    .syntax = LW_POOL_SYNTAX, .problems = problems, .quick = 2, .exact = true,
    .parse = parse, .print = print, .operands = fwd_operands, .flop = flop,
    .awkward = awkward, .any = any, .reference = fwd_reference};

const lw_spec lw_spec_maxpool_bwd = {
    .syntax = LW_POOL_SYNTAX, .problems = problems, .quick = 2, .exact = true,
    .parse = parse, .print = print, .operands = bwd_operands, .flop = flop,
    .awkward = awkward, .any = any, .arrange = bwd_arrange, .reference = bwd_reference};

/* ---------------------------------------------------------------- average pooling */

static double mean_flop(const lw_problem *p)
{
    const lw_pool_shape *s = shape_of(p);
    return (double)s->mb * s->oh * s->ow * s->c * (s->kh * s->kw);
}

enum { MEAN_IN, MEAN_OUT };

static int mean_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_pool_shape *s = shape_of(p);
    const bool forward = p->op == LW_OP_AVGPOOL_FWD;
    const ptrdiff_t in = (ptrdiff_t)s->mb * s->ih * s->iw, pooled = (ptrdiff_t)s->mb * s->oh * s->ow;
    out[MEAN_IN] = (lw_operand){.name = forward ? "src" : "diff_dst", .rows = forward ? in : pooled, .cols = s->c, .ld = s->c,
                                .slot = forward ? offsetof(lw_avgpool_fwd_args, src) : offsetof(lw_avgpool_bwd_args, diff_dst)};
    out[MEAN_OUT] = (lw_operand){.name = forward ? "dst" : "diff_src", .role = LW_OUT, .rows = forward ? pooled : in,
                                 .cols = s->c, .ld = s->c,
                                 .slot = forward ? offsetof(lw_avgpool_fwd_args, dst) : offsetof(lw_avgpool_bwd_args, diff_src)};
    return 2;
}

static int taps_inside(const lw_pool_shape *s, int y, int x)
{
    int count = 0;
    for (int tap = 0; tap < s->kh * s->kw; tap++) count += pixel(s, y, x, tap) >= 0;
    return count;
}

static void mean_fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_pool_shape *s = shape_of(p);
    const float *src = data[MEAN_IN];
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->mb * s->oh * s->ow * s->c; i++) {
        const int c = (int)(i % s->c), x = (int)(i / s->c % s->ow), y = (int)(i / s->c / s->ow % s->oh);
        const ptrdiff_t image = i / s->c / s->ow / s->oh * s->ih * s->iw;
        const int inside = taps_inside(s, y, x);
        double sum = 0, size = 0;
        for (int tap = 0; tap < s->kh * s->kw; tap++) {
            const ptrdiff_t in = pixel(s, y, x, tap);
            if (in < 0) continue;
            sum += (double)src[(image + in) * s->c + c];
            size += fabs((double)src[(image + in) * s->c + c]);
        }
        want[MEAN_OUT].value[i] = sum / inside;
        want[MEAN_OUT].bound[i] = lw_sum_bound(inside, size / inside);
    }
}

static void mean_bwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_pool_shape *s = shape_of(p);
    const float *diff_dst = data[MEAN_IN];
    double *value = want[MEAN_OUT].value, *bound = want[MEAN_OUT].bound;
    const ptrdiff_t n = (ptrdiff_t)s->mb * s->ih * s->iw * s->c;
    memset(value, 0, (size_t)n * sizeof *value);
    memset(bound, 0, (size_t)n * sizeof *bound);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->mb * s->oh * s->ow * s->c; i++) {
        const int c = (int)(i % s->c), x = (int)(i / s->c % s->ow), y = (int)(i / s->c / s->ow % s->oh);
        const ptrdiff_t image = i / s->c / s->ow / s->oh * s->ih * s->iw;
        const double share = (double)diff_dst[i] / taps_inside(s, y, x);
        for (int tap = 0; tap < s->kh * s->kw; tap++) {
            if (pixel(s, y, x, tap) < 0) continue;
            const ptrdiff_t in = (image + pixel(s, y, x, tap)) * s->c + c;
            value[in] += share;
            bound[in] += fabs(share);
        }
    }
    for (ptrdiff_t i = 0; i < n; i++) bound[i] = lw_sum_bound(s->kh * s->kw, bound[i]);
}

const lw_spec lw_spec_avgpool_fwd = {
    .syntax = LW_POOL_SYNTAX, .problems = problems, .quick = 2,
    .parse = parse, .print = print, .operands = mean_operands, .flop = mean_flop,
    .awkward = awkward, .any = any, .reference = mean_fwd_reference};

const lw_spec lw_spec_avgpool_bwd = {
    .syntax = LW_POOL_SYNTAX, .problems = problems, .quick = 2,
    .parse = parse, .print = print, .operands = mean_operands, .flop = mean_flop,
    .awkward = awkward, .any = any, .reference = mean_bwd_reference};
