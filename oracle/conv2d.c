/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d.c: the oracle of the three convolutions. The references walk outputs and taps as the contracts' sums are
 * written, with no thought of speed but the order of the innermost loop. */
#include "oracle/window.h"

#include "oracle/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const lw_conv2d_shape *shape_of(const lw_problem *p)
{
    return p->op == LW_OP_CONV2D_FWD        ? &p->args.conv2d_fwd.shape
           : p->op == LW_OP_CONV2D_BWD_DATA ? &p->args.conv2d_bwd_data.shape
                                            : &p->args.conv2d_bwd_weights.shape;
}

static lw_conv2d_shape *shape_to_set(lw_problem *p)
{
    return (lw_conv2d_shape *)shape_of(p);
}

static double flop(const lw_problem *p)
{
    const lw_conv2d_shape *s = shape_of(p);
    return 2.0 * s->mb * s->oc * s->ic * lw_window_positions(s->ih, s->oh, s->kh, s->sh, s->ph) *
           lw_window_positions(s->iw, s->ow, s->kw, s->sw, s->pw);
}

/* ---------------------------------------------------------------- operands */

static lw_operand pixels(const char *name, size_t slot, lw_role role, int mb, int h, int w, int c)
{
    return (lw_operand){.name = name, .slot = slot, .role = role, .rows = (ptrdiff_t)mb * h * w, .cols = c, .ld = c};
}

static lw_operand filter(const char *name, size_t slot, lw_role role, const lw_conv2d_shape *s)
{
    return (lw_operand){.name = name, .slot = slot, .role = role, .rows = (ptrdiff_t)s->kh * s->kw * s->ic,
                        .cols = s->oc, .ld = s->oc};
}

static lw_operand per_channel(const char *name, size_t slot, lw_role role, int c)
{
    return (lw_operand){.name = name, .slot = slot, .role = role, .rows = 1, .cols = c, .ld = c};
}

/* ---------------------------------------------------------------- every (output, tap) that lies inside */

typedef struct visit {
    ptrdiff_t src, dst, wei; /* offsets: of a source pixel, of an output pixel, of a tap's ic x oc weights */
} visit;

typedef void visitor(const lw_problem *p, const void *const data[], const lw_want want[], visit at);

static void visit_all(const lw_problem *p, const void *const data[], const lw_want want[], visitor *f)
{
    const lw_conv2d_shape *s = shape_of(p);
    for (ptrdiff_t n = 0; n < s->mb; n++)
        for (int y = 0; y < s->oh; y++)
            for (int x = 0; x < s->ow; x++)
                for (int r = 0; r < s->kh; r++)
                    for (int c = 0; c < s->kw; c++) {
                        const int h = y * s->sh - s->ph + r, w = x * s->sw - s->pw + c;
                        if (h < 0 || h >= s->ih || w < 0 || w >= s->iw) continue;
                        f(p, data, want,
                          (visit){.src = ((n * s->ih + h) * s->iw + w) * s->ic,
                                  .dst = ((n * s->oh + y) * s->ow + x) * s->oc,
                                  .wei = ((ptrdiff_t)r * s->kw + c) * s->ic * s->oc});
                    }
}

static void zero(const lw_want *want, ptrdiff_t n)
{
    memset(want->value, 0, (size_t)n * sizeof(double));
    memset(want->bound, 0, (size_t)n * sizeof(double));
}

static void sums_to_bounds(const lw_want *want, ptrdiff_t n, double terms)
{
    for (ptrdiff_t i = 0; i < n; i++) want->bound[i] = lw_sum_bound(terms, want->bound[i]);
}

/* value[o] += x * y[o] */
static void add_row(double *value, double *bound, double x, const float *y, int n)
{
    const double size = fabs(x);
    for (int o = 0; o < n; o++) {
        value[o] += x * (double)y[o];
        bound[o] += size * fabs((double)y[o]);
    }
}

/* ---------------------------------------------------------------- forward */

enum { FWD_SRC, FWD_WEI, FWD_BIAS, FWD_DST };

static int fwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_conv2d_shape *s = shape_of(p);
    out[FWD_SRC] = pixels("src", offsetof(lw_conv2d_fwd_args, src), LW_IN, s->mb, s->ih, s->iw, s->ic);
    out[FWD_WEI] = filter("wei", offsetof(lw_conv2d_fwd_args, wei), LW_IN, s);
    out[FWD_BIAS] = per_channel("bias", offsetof(lw_conv2d_fwd_args, bias), LW_IN, s->oc);
    out[FWD_DST] = pixels("dst", offsetof(lw_conv2d_fwd_args, dst), LW_OUT, s->mb, s->oh, s->ow, s->oc);
    return 4;
}

static void fwd_visit(const lw_problem *p, const void *const data[], const lw_want want[], visit at)
{
    const lw_conv2d_shape *s = shape_of(p);
    const float *src = (const float *)data[FWD_SRC] + at.src, *wei = (const float *)data[FWD_WEI] + at.wei;
    for (int i = 0; i < s->ic; i++)
        add_row(want[FWD_DST].value + at.dst, want[FWD_DST].bound + at.dst, (double)src[i], wei + (ptrdiff_t)i * s->oc, s->oc);
}

static void fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_conv2d_shape *s = shape_of(p);
    const float *bias = data[FWD_BIAS];
    const ptrdiff_t n = (ptrdiff_t)s->mb * s->oh * s->ow * s->oc;
    const lw_want *dst = &want[FWD_DST];
    zero(dst, n);
    visit_all(p, data, want, fwd_visit);
    for (ptrdiff_t i = 0; i < n; i++) {
        const double b = bias ? (double)bias[i % s->oc] : 0;
        dst->value[i] += b;
        dst->bound[i] += fabs(b);
        if (p->args.conv2d_fwd.relu && dst->value[i] < 0) dst->value[i] = 0;
    }
    sums_to_bounds(dst, n, (double)s->kh * s->kw * s->ic);
}

static bool fwd_parse(lw_scan *s, lw_problem *p)
{
    if (!lw_window_parse(s, shape_to_set(p), false)) return false;
    for (;;) {
        if (lw_scan_word(s, "_nobias"))
            p->without |= 1u << FWD_BIAS;
        else if (lw_scan_word(s, "_relu"))
            p->args.conv2d_fwd.relu = true;
        else
            return lw_scan_end(s);
    }
}

static void fwd_print(lw_problem *p)
{
    const int n = lw_window_print(shape_of(p), false, p->text, sizeof p->text);
    snprintf(p->text + n, sizeof p->text - (size_t)n, "%s%s", p->without ? "_nobias" : "",
             p->args.conv2d_fwd.relu ? "_relu" : "");
}

static bool fwd_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    p->without = i % 4 == 3 ? 1u << FWD_BIAS : 0;
    p->args.conv2d_fwd.relu = i % 3 == 1;
    return lw_window_awkward(shape_to_set(p), mr, nr, i);
}

static void fwd_any(lw_problem *p, uint64_t *random)
{
    lw_window_any(shape_to_set(p), random);
    p->without = lw_random_int(random, 0, 3) ? 0 : 1u << FWD_BIAS;
    p->args.conv2d_fwd.relu = lw_random_int(random, 0, 1);
}

/* ---------------------------------------------------------------- backward, data */

enum { DATA_DIFF_DST, DATA_WEI, DATA_DIFF_SRC };

static int data_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_conv2d_shape *s = shape_of(p);
    out[DATA_DIFF_DST] = pixels("diff_dst", offsetof(lw_conv2d_bwd_data_args, diff_dst), LW_IN, s->mb, s->oh, s->ow, s->oc);
    out[DATA_WEI] = filter("wei", offsetof(lw_conv2d_bwd_data_args, wei), LW_IN, s);
    out[DATA_DIFF_SRC] = pixels("diff_src", offsetof(lw_conv2d_bwd_data_args, diff_src), LW_OUT, s->mb, s->ih, s->iw, s->ic);
    return 3;
}

static void data_visit(const lw_problem *p, const void *const data[], const lw_want want[], visit at)
{
    const lw_conv2d_shape *s = shape_of(p);
    const float *diff_dst = (const float *)data[DATA_DIFF_DST] + at.dst, *wei = (const float *)data[DATA_WEI] + at.wei;
    for (int i = 0; i < s->ic; i++, wei += s->oc) {
        double sum = 0, size = 0;
        for (int o = 0; o < s->oc; o++) {
            const double product = (double)diff_dst[o] * (double)wei[o];
            sum += product;
            size += fabs(product);
        }
        want[DATA_DIFF_SRC].value[at.src + i] += sum;
        want[DATA_DIFF_SRC].bound[at.src + i] += size;
    }
}

static void data_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_conv2d_shape *s = shape_of(p);
    const ptrdiff_t n = (ptrdiff_t)s->mb * s->ih * s->iw * s->ic;
    zero(&want[DATA_DIFF_SRC], n);
    visit_all(p, data, want, data_visit);
    sums_to_bounds(&want[DATA_DIFF_SRC], n, (double)s->kh * s->kw * s->oc);
}

static bool data_parse(lw_scan *s, lw_problem *p)
{
    return lw_window_parse(s, shape_to_set(p), false) && lw_scan_end(s);
}

static void data_print(lw_problem *p)
{
    lw_window_print(shape_of(p), false, p->text, sizeof p->text);
}

static bool data_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    lw_conv2d_shape *s = shape_to_set(p);
    if (!lw_window_awkward(s, mr, nr, i)) { /* after the last of them, strided images that are many floats */
        *s = (lw_conv2d_shape){
            .mb = 3, .ic = 2, .ih = 64, .iw = 65, .oc = 49, .oh = 32, .ow = 32, .kh = 2, .kw = 3, .sh = 2, .sw = 2};
        lw_conv2d_shape before;
        return i > 0 && lw_window_awkward(&before, mr, nr, i - 1);
    }
    if (i % 2) { /* the channels that are written are the other ones here */
        const int ic = s->ic;
        s->ic = s->oc;
        s->oc = ic;
    }
    return true;
}

static void data_any(lw_problem *p, uint64_t *random)
{
    lw_window_any(shape_to_set(p), random);
}

/* ---------------------------------------------------------------- backward, weights */

enum { WEIGHTS_SRC, WEIGHTS_DIFF_DST, WEIGHTS_DIFF_WEI, WEIGHTS_DIFF_BIAS };

static int weights_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_conv2d_shape *s = shape_of(p);
    out[WEIGHTS_SRC] = pixels("src", offsetof(lw_conv2d_bwd_weights_args, src), LW_IN, s->mb, s->ih, s->iw, s->ic);
    out[WEIGHTS_DIFF_DST] =
        pixels("diff_dst", offsetof(lw_conv2d_bwd_weights_args, diff_dst), LW_IN, s->mb, s->oh, s->ow, s->oc);
    out[WEIGHTS_DIFF_WEI] = filter("diff_wei", offsetof(lw_conv2d_bwd_weights_args, diff_wei), LW_OUT, s);
    out[WEIGHTS_DIFF_BIAS] = per_channel("diff_bias", offsetof(lw_conv2d_bwd_weights_args, diff_bias), LW_OUT, s->oc);
    return 4;
}

static void weights_visit(const lw_problem *p, const void *const data[], const lw_want want[], visit at)
{
    const lw_conv2d_shape *s = shape_of(p);
    const float *src = (const float *)data[WEIGHTS_SRC] + at.src;
    const float *diff_dst = (const float *)data[WEIGHTS_DIFF_DST] + at.dst;
    for (int i = 0; i < s->ic; i++) {
        const ptrdiff_t row = at.wei + (ptrdiff_t)i * s->oc;
        add_row(want[WEIGHTS_DIFF_WEI].value + row, want[WEIGHTS_DIFF_WEI].bound + row, (double)src[i], diff_dst, s->oc);
    }
}

static void weights_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_conv2d_shape *s = shape_of(p);
    const ptrdiff_t positions = (ptrdiff_t)s->mb * s->oh * s->ow, n = (ptrdiff_t)s->kh * s->kw * s->ic * s->oc;
    zero(&want[WEIGHTS_DIFF_WEI], n);
    visit_all(p, data, want, weights_visit);
    sums_to_bounds(&want[WEIGHTS_DIFF_WEI], n, (double)positions);
    if (p->without >> WEIGHTS_DIFF_BIAS & 1) return;
    const lw_want *bias = &want[WEIGHTS_DIFF_BIAS];
    zero(bias, s->oc);
    for (ptrdiff_t i = 0; i < positions; i++)
        add_row(bias->value, bias->bound, 1, (const float *)data[WEIGHTS_DIFF_DST] + i * s->oc, s->oc);
    sums_to_bounds(bias, s->oc, (double)positions);
}

static bool weights_parse(lw_scan *s, lw_problem *p)
{
    if (!lw_window_parse(s, shape_to_set(p), false)) return false;
    if (lw_scan_word(s, "_nobias")) p->without = 1u << WEIGHTS_DIFF_BIAS;
    return lw_scan_end(s);
}

static void weights_print(lw_problem *p)
{
    const int n = lw_window_print(shape_of(p), false, p->text, sizeof p->text);
    snprintf(p->text + n, sizeof p->text - (size_t)n, "%s", p->without ? "_nobias" : "");
}

static bool weights_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    p->without = i % 3 == 2 ? 1u << WEIGHTS_DIFF_BIAS : 0;
    return lw_window_awkward(shape_to_set(p), mr, nr, i);
}

static void weights_any(lw_problem *p, uint64_t *random)
{
    lw_window_any(shape_to_set(p), random);
    p->without = lw_random_int(random, 0, 1) ? 0 : 1u << WEIGHTS_DIFF_BIAS;
}

/* ---------------------------------------------------------------- specs */

/* The tutorial network's layers at batch 64, then layers of other networks. */
static const char *const problems[] = {
    "mb64ic32ih13oc64oh11kh3ph0",  "mb64ic1ih28oc32oh26kh3ph0",    "mb64ic64ih5oc64oh3kh3ph0",
    "mb16ic128ih14oc128oh14kh3ph1", "mb8ic64ih28oc64oh28kh3ph1",    "mb16ic256ih14oc64oh14kh1ph0",
    "mb64ic1ih28oc24oh24kh5ph0",   "mb64ic32ih28oc64oh14kh3sh2ph1", NULL};

const lw_spec lw_spec_conv2d_fwd = {
    .syntax = LW_CONV_SYNTAX "[_nobias][_relu]", .problems = problems, .quick = 3, .exact = true,
    .parse = fwd_parse, .print = fwd_print, .operands = fwd_operands, .flop = flop,
    .awkward = fwd_awkward, .any = fwd_any, .reference = fwd_reference, .packed = offsetof(lw_conv2d_fwd_args, packed)};

const lw_spec lw_spec_conv2d_bwd_data = {
    .syntax = LW_CONV_SYNTAX, .problems = problems, .quick = 3, .exact = true,
    .parse = data_parse, .print = data_print, .operands = data_operands, .flop = flop,
    .awkward = data_awkward, .any = data_any, .reference = data_reference};

const lw_spec lw_spec_conv2d_bwd_weights = {
    .syntax = LW_CONV_SYNTAX "[_nobias]", .problems = problems, .quick = 3, .exact = true,
    .parse = weights_parse, .print = weights_print, .operands = weights_operands, .flop = flop,
    .awkward = weights_awkward, .any = weights_any, .reference = weights_reference};
