/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_pool.c: the oracle of convolutions under a max-pool. The references compute every position of the
 * convolution, also those that no window covers, and every product with a gradient of zero is left out. */
#include "oracle/window.h"

#include "kernels/conv2d_pool.h"
#include "oracle/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const lw_conv2d_pool_shape *shape_of(const lw_problem *p)
{
    return p->op == LW_OP_CONV2D_POOL_FWD        ? &p->args.conv2d_pool_fwd.shape
           : p->op == LW_OP_CONV2D_POOL_BWD_DATA ? &p->args.conv2d_pool_bwd_data.shape
                                                 : &p->args.conv2d_pool_bwd_weights.shape;
}

static lw_conv2d_pool_shape *shape_to_set(lw_problem *p)
{
    return (lw_conv2d_pool_shape *)shape_of(p);
}

static double flop(const lw_problem *p)
{
    const lw_conv2d_shape *s = &shape_of(p)->conv;
    return 2.0 * s->mb * s->oc * s->ic * lw_window_positions(s->ih, s->oh, s->kh, s->sh, s->ph) *
           lw_window_positions(s->iw, s->ow, s->kw, s->sw, s->pw);
}

/* The convolution's outputs that some window covers, of all. */
static double fwd_executed(const lw_problem *p)
{
    const lw_pool_shape *q = &shape_of(p)->pool;
    const int h = (q->oh - 1) * q->sh - q->ph + q->kh, w = (q->ow - 1) * q->sw - q->pw + q->kw;
    return flop(p) * (h < q->ih ? h : q->ih) / q->ih * (w < q->iw ? w : q->iw) / q->iw;
}

/* One position for each window and channel. After a ReLU half of them have no gradient: arrange_dst makes it so. */
static double bwd_executed(const lw_problem *p, bool relu)
{
    const lw_pool_shape *q = &shape_of(p)->pool;
    return flop(p) * q->oh * q->ow / ((double)q->ih * q->iw) * (relu ? 0.5 : 1);
}

/* ---------------------------------------------------------------- text */

#define POOL_SYNTAX LW_CONV_SYNTAX "_poolK[xK][sS[xS]][pP[xP]][oO[xO]]"

static bool parse_pair(lw_scan *s, const char *what, long least, long *h, long *w)
{
    if (!lw_scan_whole(s, what, least, 1 << 20, h)) return false;
    *w = *h;
    return !lw_scan_word(s, "x") || lw_scan_whole(s, what, least, 1 << 20, w);
}

static long out_size(long in, long taps, long stride, long pad)
{
    return in + 2 * pad < taps ? 0 : (in + 2 * pad - taps) / stride + 1;
}

static bool parse_shape(lw_scan *s, lw_problem *p)
{
    lw_conv2d_pool_shape *shape = shape_to_set(p);
    long kh = 0, kw = 0, sh, sw, ph = 0, pw = 0, oh, ow;
    if (!lw_window_parse(s, &shape->conv, false) || !lw_scan_expect(s, "_pool") || !parse_pair(s, "pool", 1, &kh, &kw))
        return false;
    const lw_conv2d_shape *c = &shape->conv;
    sh = kh, sw = kw;
    if (lw_scan_word(s, "s")) parse_pair(s, "s", 1, &sh, &sw);
    if (lw_scan_word(s, "p")) parse_pair(s, "p", 0, &ph, &pw);
    oh = out_size(c->oh, kh, sh, ph), ow = out_size(c->ow, kw, sw, pw);
    if (lw_scan_word(s, "o")) parse_pair(s, "o", 1, &oh, &ow);
    if (s->failed) return false;
    if (kh * kw > 256) return lw_scan_refuse(s, "the pool's window is %ld positions, at most 256 are possible", kh * kw);
    if (oh < 1 || ow < 1 || ph >= kh || pw >= kw || (oh - 1) * sh - ph >= c->oh || (ow - 1) * sw - pw >= c->ow)
        return lw_scan_refuse(s, "a window of the pool does not meet the %dx%d outputs of the convolution", c->oh, c->ow);
    shape->pool = (lw_pool_shape){c->mb, c->oc, c->oh, c->ow, (int)oh, (int)ow, (int)kh, (int)kw,
                                  (int)sh, (int)sw, (int)ph, (int)pw};
    return true;
}

static int print_pair(char *text, size_t size, const char *word, int h, int w)
{
    return h == w ? snprintf(text, size, "%s%d", word, h) : snprintf(text, size, "%s%dx%d", word, h, w);
}

static void print_shape(lw_problem *p)
{
    const lw_conv2d_pool_shape *shape = shape_of(p);
    const lw_pool_shape *q = &shape->pool;
    const size_t size = sizeof p->text;
    size_t n = (size_t)lw_window_print(&shape->conv, false, p->text, size);
    n += (size_t)print_pair(p->text + n, size - n, "_pool", q->kh, q->kw);
    if (q->sh != q->kh || q->sw != q->kw) n += (size_t)print_pair(p->text + n, size - n, "s", q->sh, q->sw);
    if (q->ph || q->pw) n += (size_t)print_pair(p->text + n, size - n, "p", q->ph, q->pw);
    if (q->oh != out_size(q->ih, q->kh, q->sh, q->ph) || q->ow != out_size(q->iw, q->kw, q->sw, q->pw))
        print_pair(p->text + n, size - n, "o", q->oh, q->ow);
}

/* ---------------------------------------------------------------- shapes */

static const int pools[][6] = {/* kh kw sh sw ph pw */
                               {2, 2, 2, 2, 0, 0}, {3, 3, 2, 2, 1, 1}, {2, 2, 1, 1, 0, 0}, {1, 1, 1, 1, 0, 0},
                               {2, 3, 3, 2, 0, 1}, {3, 2, 3, 4, 1, 0}};
enum { POOLS = sizeof pools / sizeof pools[0] };

/* The pool, made smaller where the convolution gives less than a window. */
static void add_pool(lw_conv2d_pool_shape *shape, const int pool[6])
{
    const lw_conv2d_shape *c = &shape->conv;
    lw_pool_shape q = {.mb = c->mb, .c = c->oc, .ih = c->oh, .iw = c->ow, .kh = pool[0], .kw = pool[1], .sh = pool[2],
                       .sw = pool[3], .ph = pool[4], .pw = pool[5]};
    if (q.ih < q.kh) q.kh = q.ih, q.ph = 0;
    if (q.iw < q.kw) q.kw = q.iw, q.pw = 0;
    q.oh = (int)out_size(q.ih, q.kh, q.sh, q.ph);
    q.ow = (int)out_size(q.iw, q.kw, q.sw, q.pw);
    while ((q.oh - 1) * q.sh - q.ph >= q.ih) q.oh--;
    while ((q.ow - 1) * q.sw - q.pw >= q.iw) q.ow--;
    shape->pool = q;
}

static bool awkward_shape(lw_problem *p, int mr, int nr, size_t i)
{
    if (!lw_window_awkward(&shape_to_set(p)->conv, mr, nr ? nr : 16, i)) return false;
    add_pool(shape_to_set(p), pools[i % 3 ? i / 3 % POOLS : 0]);
    return true;
}

static void any_shape(lw_problem *p, uint64_t *random)
{
    lw_window_any(&shape_to_set(p)->conv, random);
    add_pool(shape_to_set(p), pools[lw_random_int(random, 0, POOLS - 1)]);
}

/* ---------------------------------------------------------------- operands */

static lw_operand matrix(const char *name, size_t slot, lw_role role, ptrdiff_t rows, ptrdiff_t cols)
{
    return (lw_operand){.name = name, .slot = slot, .role = role, .rows = rows, .cols = cols, .ld = cols};
}

static ptrdiff_t src_pixels(const lw_conv2d_shape *s)
{
    return (ptrdiff_t)s->mb * s->ih * s->iw;
}

static ptrdiff_t windows_of(const lw_pool_shape *s)
{
    return (ptrdiff_t)s->mb * s->oh * s->ow;
}

static ptrdiff_t weight_rows(const lw_conv2d_shape *s)
{
    return (ptrdiff_t)s->kh * s->kw * s->ic;
}

/* Argmax names positions inside the convolution's output. */
static void arrange_argmax(const lw_conv2d_pool_shape *shape, uint8_t *argmax, uint64_t *random)
{
    const lw_pool_shape *s = &shape->pool;
    for (ptrdiff_t i = 0; i < windows_of(s) * s->c; i++) {
        const int x = (int)(i / s->c % s->ow), y = (int)(i / s->c / s->ow % s->oh);
        for (;;) {
            const int tap = lw_random_int(random, 0, s->kh * s->kw - 1);
            const int h = y * s->sh - s->ph + tap / s->kw, w = x * s->sw - s->pw + tap % s->kw;
            argmax[i] = (uint8_t)tap;
            if (h >= 0 && h < s->ih && w >= 0 && w < s->iw) break;
        }
    }
}

/* A pooled map after a ReLU: half of it zero. */
static void arrange_dst(float *dst, ptrdiff_t n, uint64_t *random)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (lw_random(random) & 1) dst[i] = 0.0f;
}

static double masked(const float *diff_dst, const float *dst, ptrdiff_t i)
{
    return dst && dst[i] <= 0 ? 0 : (double)diff_dst[i];
}

static void close_want(const lw_want *want, ptrdiff_t n, double terms)
{
    for (ptrdiff_t i = 0; i < n; i++) want->bound[i] = lw_sum_bound(terms, want->bound[i]);
}

static void zero(const lw_want *want, ptrdiff_t n)
{
    memset(want->value, 0, (size_t)n * sizeof(double));
    memset(want->bound, 0, (size_t)n * sizeof(double));
}

/* ---------------------------------------------------------------- forward */

enum { FWD_SRC, FWD_WEI, FWD_BIAS, FWD_DST, FWD_ARGMAX };

static int fwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    typedef lw_conv2d_pool_fwd_args args;
    const lw_conv2d_shape *c = &shape_of(p)->conv;
    const ptrdiff_t windows = windows_of(&shape_of(p)->pool);
    out[FWD_SRC] = matrix("src", offsetof(args, src), LW_IN, src_pixels(c), c->ic);
    out[FWD_WEI] = matrix("wei", offsetof(args, wei), LW_IN, weight_rows(c), c->oc);
    out[FWD_BIAS] = matrix("bias", offsetof(args, bias), LW_IN, 1, c->oc);
    out[FWD_DST] = matrix("dst", offsetof(args, dst), LW_OUT, windows, c->oc);
    out[FWD_ARGMAX] = matrix("argmax", offsetof(args, argmax), LW_OUT, windows, c->oc);
    out[FWD_ARGMAX].element = LW_U8;
    return 5;
}

typedef struct interval {
    double value, bound;
    bool dead; /* surely below zero before the ReLU, so exactly zero after it */
} interval;

static interval convolve(const lw_problem *p, const void *const data[], ptrdiff_t n, int y, int x, int tap, int o)
{
    const lw_conv2d_shape *s = &shape_of(p)->conv;
    const float *src = data[FWD_SRC], *wei = data[FWD_WEI], *bias = data[FWD_BIAS];
    const lw_conv2d_window w = lw_conv2d_pool_window(shape_of(p), y, x, tap);
    double sum = 0, size = 0;
    for (int r = w.r_lo; r < w.r_hi; r++)
        for (int c = w.s_lo; c < w.s_hi; c++)
            for (int i = 0; i < s->ic; i++) {
                const double product = (double)src[((n * s->ih + w.y + r) * s->iw + w.x + c) * s->ic + i] *
                                       (double)wei[(((ptrdiff_t)r * s->kw + c) * s->ic + i) * s->oc + o];
                sum += product;
                size += fabs(product);
            }
    const double b = bias ? (double)bias[o] : 0;
    interval v = {.value = sum + b, .bound = lw_sum_bound((double)weight_rows(s), size + fabs(b))};
    v.dead = p->args.conv2d_pool_fwd.relu && v.value < -v.bound;
    if (p->args.conv2d_pool_fwd.relu && v.value < 0) v.value = 0;
    return v;
}

/* Whether rounding may decide between the winner and one of the others, unless small integers leave none. */
static bool contested(const interval *v, int count, int winner)
{
    for (int i = 0; i < count; i++) {
        if (i == winner || (v[i].dead && v[winner].dead)) continue;
        if (isnan(v[winner].value) ? i < winner && !isnan(v[i].value) && !(v[i].bound < INFINITY)
                                   : !(v[i].value + v[i].bound < v[winner].value - v[winner].bound))
            return true;
    }
    return false;
}

static void fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_pool_shape *s = &shape_of(p)->pool;
    interval v[256];
    int tap_of[256];
    for (ptrdiff_t i = 0; i < windows_of(s) * s->c; i++) {
        const int o = (int)(i % s->c), x = (int)(i / s->c % s->ow), y = (int)(i / s->c / s->ow % s->oh);
        int count = 0, winner = 0;
        for (int tap = 0; tap < s->kh * s->kw; tap++) {
            const int h = y * s->sh - s->ph + tap / s->kw, w = x * s->sw - s->pw + tap % s->kw;
            if (h < 0 || h >= s->ih || w < 0 || w >= s->iw) continue;
            v[count] = convolve(p, data, i / s->c / s->ow / s->oh, y, x, tap, o);
            tap_of[count] = tap;
            const double best = v[winner].value, value = v[count].value;
            if (value > best || (isnan(value) && !isnan(best))) winner = count;
            count++;
        }
        double bound = 0;
        for (int k = 0; k < count; k++) bound = fmax(bound, v[k].bound);
        want[FWD_DST].value[i] = v[winner].value;
        want[FWD_DST].bound[i] = bound;
        want[FWD_ARGMAX].value[i] = tap_of[winner];
        want[FWD_ARGMAX].bound[i] = contested(v, count, winner) ? 256 : 0;
    }
}

static bool fwd_parse(lw_scan *s, lw_problem *p)
{
    if (!parse_shape(s, p)) return false;
    for (;;) {
        if (lw_scan_word(s, "_nobias"))
            p->without |= 1u << FWD_BIAS;
        else if (lw_scan_word(s, "_relu"))
            p->args.conv2d_pool_fwd.relu = true;
        else
            return lw_scan_end(s);
    }
}

static void fwd_print(lw_problem *p)
{
    print_shape(p);
    const size_t n = strlen(p->text);
    snprintf(p->text + n, sizeof p->text - n, "%s%s", p->without ? "_nobias" : "",
             p->args.conv2d_pool_fwd.relu ? "_relu" : "");
}

static bool fwd_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    p->without = i % 4 == 3 ? 1u << FWD_BIAS : 0;
    p->args.conv2d_pool_fwd.relu = i % 3 != 1;
    return awkward_shape(p, mr, nr, i);
}

static void fwd_any(lw_problem *p, uint64_t *random)
{
    any_shape(p, random);
    p->without = lw_random_int(random, 0, 3) ? 0 : 1u << FWD_BIAS;
    p->args.conv2d_pool_fwd.relu = lw_random_int(random, 0, 1);
}

/* ---------------------------------------------------------------- backward: what both share */

static bool bwd_parse(lw_scan *s, lw_problem *p, unsigned dst, unsigned bias)
{
    if (!parse_shape(s, p)) return false;
    p->without = dst;
    for (;;) {
        if (lw_scan_word(s, "_relu"))
            p->without &= ~dst;
        else if (bias && lw_scan_word(s, "_nobias"))
            p->without |= bias;
        else
            return lw_scan_end(s);
    }
}

static void bwd_print(lw_problem *p, unsigned dst, unsigned bias)
{
    print_shape(p);
    const size_t n = strlen(p->text);
    snprintf(p->text + n, sizeof p->text - n, "%s%s", p->without & bias ? "_nobias" : "", p->without & dst ? "" : "_relu");
}

/* How many windows of the pool may cover a position. */
static double cover(const lw_pool_shape *s)
{
    return ceil((double)s->kh / s->sh) * ceil((double)s->kw / s->sw);
}

/* ---------------------------------------------------------------- backward, data */

enum { DATA_DIFF_DST, DATA_DST, DATA_WEI, DATA_ARGMAX, DATA_DIFF_SRC };
#define DATA_NO_DST (1u << DATA_DST)

static int data_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    typedef lw_conv2d_pool_bwd_data_args args;
    const lw_conv2d_shape *c = &shape_of(p)->conv;
    const lw_pool_shape *q = &shape_of(p)->pool;
    out[DATA_DIFF_DST] = matrix("diff_dst", offsetof(args, diff_dst), LW_IN, windows_of(q), c->oc);
    out[DATA_DST] = matrix("dst", offsetof(args, dst), LW_IN, windows_of(q), c->oc);
    out[DATA_DST].values = LW_VALUES_NONNEGATIVE;
    out[DATA_WEI] = matrix("wei", offsetof(args, wei), LW_IN, weight_rows(c), c->oc);
    out[DATA_ARGMAX] = matrix("argmax", offsetof(args, argmax), LW_IN, windows_of(q), c->oc);
    out[DATA_ARGMAX].element = LW_U8;
    out[DATA_ARGMAX].values = LW_VALUES_BELOW;
    out[DATA_ARGMAX].limit = q->kh * q->kw;
    out[DATA_DIFF_SRC] = matrix("diff_src", offsetof(args, diff_src), LW_OUT, src_pixels(c), c->ic);
    return 5;
}

static void data_arrange(const lw_problem *p, void *const data[], uint64_t *random)
{
    const lw_pool_shape *q = &shape_of(p)->pool;
    arrange_argmax(shape_of(p), data[DATA_ARGMAX], random);
    if (data[DATA_DST]) arrange_dst(data[DATA_DST], windows_of(q) * q->c, random);
}

static void data_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_conv2d_shape *s = &shape_of(p)->conv;
    const lw_pool_shape *q = &shape_of(p)->pool;
    const lw_want *out = &want[DATA_DIFF_SRC];
    const float *wei = data[DATA_WEI];
    const uint8_t *argmax = data[DATA_ARGMAX];
    zero(out, src_pixels(s) * s->ic);
    for (ptrdiff_t i = 0; i < windows_of(q) * q->c; i++) {
        const int o = (int)(i % q->c), x = (int)(i / q->c % q->ow), y = (int)(i / q->c / q->ow % q->oh);
        const ptrdiff_t n = i / q->c / q->ow / q->oh;
        const double g = masked(data[DATA_DIFF_DST], data[DATA_DST], i);
        if (g == 0) continue;
        const lw_conv2d_window w = lw_conv2d_pool_window(shape_of(p), y, x, argmax[i]);
        for (int r = w.r_lo; r < w.r_hi; r++)
            for (int c = w.s_lo; c < w.s_hi; c++)
                for (int k = 0; k < s->ic; k++) {
                    const ptrdiff_t at = ((n * s->ih + w.y + r) * s->iw + w.x + c) * s->ic + k;
                    const double product = g * (double)wei[(((ptrdiff_t)r * s->kw + c) * s->ic + k) * s->oc + o];
                    out->value[at] += product;
                    out->bound[at] += fabs(product);
                }
    }
    close_want(out, src_pixels(s) * s->ic, (double)s->kh * s->kw * s->oc * cover(q));
}

static double data_executed(const lw_problem *p)
{
    return bwd_executed(p, !(p->without & DATA_NO_DST));
}

static bool data_parse(lw_scan *s, lw_problem *p)
{
    return bwd_parse(s, p, DATA_NO_DST, 0);
}

static void data_print(lw_problem *p)
{
    bwd_print(p, DATA_NO_DST, 0);
}

static bool data_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    p->without = i % 3 == 1 ? DATA_NO_DST : 0;
    if (!awkward_shape(p, mr, nr, i)) return false;
    if (i % 2) { /* the channels that are written are the other ones here */
        lw_conv2d_pool_shape *s = shape_to_set(p);
        const int ic = s->conv.ic;
        s->conv.ic = s->conv.oc;
        s->conv.oc = s->pool.c = ic;
    }
    return true;
}

static void data_any(lw_problem *p, uint64_t *random)
{
    any_shape(p, random);
    p->without = lw_random_int(random, 0, 2) ? 0 : DATA_NO_DST;
}

/* ---------------------------------------------------------------- backward, weights */

enum { WEIGHTS_SRC, WEIGHTS_DIFF_DST, WEIGHTS_DST, WEIGHTS_ARGMAX, WEIGHTS_DIFF_WEI, WEIGHTS_DIFF_BIAS };
#define WEIGHTS_NO_DST (1u << WEIGHTS_DST)
#define WEIGHTS_NO_BIAS (1u << WEIGHTS_DIFF_BIAS)

static int weights_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    typedef lw_conv2d_pool_bwd_weights_args args;
    const lw_conv2d_shape *c = &shape_of(p)->conv;
    const lw_pool_shape *q = &shape_of(p)->pool;
    out[WEIGHTS_SRC] = matrix("src", offsetof(args, src), LW_IN, src_pixels(c), c->ic);
    out[WEIGHTS_DIFF_DST] = matrix("diff_dst", offsetof(args, diff_dst), LW_IN, windows_of(q), c->oc);
    out[WEIGHTS_DST] = matrix("dst", offsetof(args, dst), LW_IN, windows_of(q), c->oc);
    out[WEIGHTS_DST].values = LW_VALUES_NONNEGATIVE;
    out[WEIGHTS_ARGMAX] = matrix("argmax", offsetof(args, argmax), LW_IN, windows_of(q), c->oc);
    out[WEIGHTS_ARGMAX].element = LW_U8;
    out[WEIGHTS_ARGMAX].values = LW_VALUES_BELOW;
    out[WEIGHTS_ARGMAX].limit = q->kh * q->kw;
    out[WEIGHTS_DIFF_WEI] = matrix("diff_wei", offsetof(args, diff_wei), LW_OUT, weight_rows(c), c->oc);
    out[WEIGHTS_DIFF_BIAS] = matrix("diff_bias", offsetof(args, diff_bias), LW_OUT, 1, c->oc);
    return 6;
}

static void weights_arrange(const lw_problem *p, void *const data[], uint64_t *random)
{
    const lw_pool_shape *q = &shape_of(p)->pool;
    arrange_argmax(shape_of(p), data[WEIGHTS_ARGMAX], random);
    if (data[WEIGHTS_DST]) arrange_dst(data[WEIGHTS_DST], windows_of(q) * q->c, random);
}

static void weights_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_conv2d_shape *s = &shape_of(p)->conv;
    const lw_pool_shape *q = &shape_of(p)->pool;
    const lw_want *wei = &want[WEIGHTS_DIFF_WEI], *bias = &want[WEIGHTS_DIFF_BIAS];
    const float *src = data[WEIGHTS_SRC];
    const uint8_t *argmax = data[WEIGHTS_ARGMAX];
    zero(wei, weight_rows(s) * s->oc);
    if (bias->value) zero(bias, s->oc);
    for (ptrdiff_t i = 0; i < windows_of(q) * q->c; i++) {
        const int o = (int)(i % q->c), x = (int)(i / q->c % q->ow), y = (int)(i / q->c / q->ow % q->oh);
        const ptrdiff_t n = i / q->c / q->ow / q->oh;
        const double g = masked(data[WEIGHTS_DIFF_DST], data[WEIGHTS_DST], i);
        if (g == 0) continue;
        if (bias->value) {
            bias->value[o] += g;
            bias->bound[o] += fabs(g);
        }
        const lw_conv2d_window w = lw_conv2d_pool_window(shape_of(p), y, x, argmax[i]);
        for (int r = w.r_lo; r < w.r_hi; r++)
            for (int c = w.s_lo; c < w.s_hi; c++)
                for (int k = 0; k < s->ic; k++) {
                    const ptrdiff_t at = (((ptrdiff_t)r * s->kw + c) * s->ic + k) * s->oc + o;
                    const double product = g * (double)src[((n * s->ih + w.y + r) * s->iw + w.x + c) * s->ic + k];
                    wei->value[at] += product;
                    wei->bound[at] += fabs(product);
                }
    }
    close_want(wei, weight_rows(s) * s->oc, (double)windows_of(q));
    if (bias->value) close_want(bias, s->oc, (double)windows_of(q));
}

static double weights_executed(const lw_problem *p)
{
    return bwd_executed(p, !(p->without & WEIGHTS_NO_DST));
}

static bool weights_parse(lw_scan *s, lw_problem *p)
{
    return bwd_parse(s, p, WEIGHTS_NO_DST, WEIGHTS_NO_BIAS);
}

static void weights_print(lw_problem *p)
{
    bwd_print(p, WEIGHTS_NO_DST, WEIGHTS_NO_BIAS);
}

static bool weights_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    p->without = (i % 3 == 1 ? WEIGHTS_NO_DST : 0) | (i % 4 == 2 ? WEIGHTS_NO_BIAS : 0);
    return awkward_shape(p, mr, nr, i);
}

static void weights_any(lw_problem *p, uint64_t *random)
{
    any_shape(p, random);
    p->without = (lw_random_int(random, 0, 2) ? 0 : WEIGHTS_NO_DST) | (lw_random_int(random, 0, 1) ? 0 : WEIGHTS_NO_BIAS);
}

/* ---------------------------------------------------------------- specs */

/* The tutorial network's two at batch 64, then other networks'. */
static const char *const problems[] = {
    "mb64ic32ih13oc64oh11kh3ph0_pool2_relu", "mb64ic1ih28oc32oh26kh3ph0_pool2_relu",
    "mb64ic1ih28oc24oh24kh5ph0_pool2_relu",  "mb16ic64ih28oc64oh28kh3ph1_pool2_relu",
    "mb64ic6ih14oc16oh10kh5ph0_pool2_relu",  "mb16ic32ih28oc32oh28kh3ph1_pool3s2p1_relu", NULL};

const lw_spec lw_spec_conv2d_pool_fwd = {
    .syntax = POOL_SYNTAX "[_nobias][_relu]", .problems = problems, .quick = 2, .exact = true,
    .parse = fwd_parse, .print = fwd_print, .operands = fwd_operands, .flop = flop, .executed = fwd_executed,
    .awkward = fwd_awkward, .any = fwd_any, .reference = fwd_reference, .packed = offsetof(lw_conv2d_pool_fwd_args, packed)};

const lw_spec lw_spec_conv2d_pool_bwd_data = {
    .syntax = POOL_SYNTAX "[_relu]", .problems = problems, .quick = 2, .exact = true,
    .parse = data_parse, .print = data_print, .operands = data_operands, .flop = flop, .executed = data_executed,
    .awkward = data_awkward, .any = data_any, .arrange = data_arrange, .reference = data_reference};

const lw_spec lw_spec_conv2d_pool_bwd_weights = {
    .syntax = POOL_SYNTAX "[_nobias][_relu]", .problems = problems, .quick = 2, .exact = true,
    .parse = weights_parse, .print = weights_print, .operands = weights_operands, .flop = flop, .executed = weights_executed,
    .awkward = weights_awkward, .any = weights_any, .arrange = weights_arrange, .reference = weights_reference};
