/* SPDX-License-Identifier: BSD-3-Clause
 * rows.c: the oracle of the ops on rows of a matrix: bias, its gradient, and softmax with cross-entropy. */
#include "oracle/spec.h"

#include "oracle/random.h"

#include <math.h>
#include <stdio.h>

static bool parse_size(lw_scan *s, ptrdiff_t *rows, ptrdiff_t *cols, long least_cols)
{
    long r = 0, c = 0;
    lw_scan_whole(s, "rows", 0, 1L << 31, &r);
    lw_scan_expect(s, "x");
    lw_scan_whole(s, "cols", least_cols, 1L << 31, &c);
    *rows = r;
    *cols = c;
    return !s->failed;
}

static lw_operand matrix(const char *name, size_t slot, lw_role role, ptrdiff_t rows, ptrdiff_t cols)
{
    return (lw_operand){.name = name, .slot = slot, .role = role, .rows = rows, .cols = cols, .ld = cols};
}

/* Columns around every vector and fold, then rows around every chunk. */
static bool awkward_size(size_t i, ptrdiff_t *rows, ptrdiff_t *cols, ptrdiff_t least_cols)
{
    static const int tall[] = {0, 1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 257, 600, 16400};
    static const int wide[] = {127, 128, 129, 255, 256, 257, 1000};
    enum { NARROW = 72, WIDE = sizeof wide / sizeof wide[0], TALL = sizeof tall / sizeof tall[0] };
    if (i < NARROW) {
        *rows = 1 + (ptrdiff_t)(i * 7 % 19);
        *cols = (ptrdiff_t)i < least_cols ? least_cols : (ptrdiff_t)i;
    } else if ((i -= NARROW) < WIDE) {
        *rows = 5;
        *cols = wide[i];
    } else if ((i -= WIDE) < 2 * TALL) {
        *rows = tall[i / 2];
        *cols = i % 2 ? 10 : 67;
    } else {
        return false;
    }
    return true;
}

static void any_size(uint64_t *random, ptrdiff_t *rows, ptrdiff_t *cols)
{
    *rows = lw_random_int(random, 0, 300);
    *cols = lw_random_int(random, 1, 150);
}

/* ---------------------------------------------------------------- bias */

enum { FWD_SRC, FWD_BIAS, FWD_DST };

static bool fwd_parse(lw_scan *s, lw_problem *p)
{
    if (!parse_size(s, &p->args.bias_fwd.rows, &p->args.bias_fwd.cols, 0)) return false;
    if (lw_scan_word(s, "_inplace")) p->inplace = true;
    return lw_scan_end(s);
}

static void fwd_print(lw_problem *p)
{
    snprintf(p->text, sizeof p->text, "%tdx%td%s", p->args.bias_fwd.rows, p->args.bias_fwd.cols,
             p->inplace ? "_inplace" : "");
}

static int fwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_bias_fwd_args *a = &p->args.bias_fwd;
    out[FWD_SRC] = matrix("src", offsetof(lw_bias_fwd_args, src), LW_IN, a->rows, a->cols);
    out[FWD_BIAS] = matrix("bias", offsetof(lw_bias_fwd_args, bias), LW_IN, 1, a->cols);
    out[FWD_DST] = matrix("dst", offsetof(lw_bias_fwd_args, dst), LW_OUT, a->rows, a->cols);
    if (p->inplace) out[FWD_DST].stands_at = FWD_SRC + 1;
    return 3;
}

static double fwd_flop(const lw_problem *p)
{
    return (double)p->args.bias_fwd.rows * (double)p->args.bias_fwd.cols;
}

static bool fwd_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    p->inplace = i % 3 == 2;
    return awkward_size(i, &p->args.bias_fwd.rows, &p->args.bias_fwd.cols, 0);
}

static void fwd_any(lw_problem *p, uint64_t *random)
{
    any_size(random, &p->args.bias_fwd.rows, &p->args.bias_fwd.cols);
    p->inplace = lw_random_int(random, 0, 1);
}

static void fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_bias_fwd_args *a = &p->args.bias_fwd;
    const float *src = data[FWD_SRC], *bias = data[FWD_BIAS];
    for (ptrdiff_t i = 0; i < a->rows * a->cols; i++) {
        want[FWD_DST].value[i] = (double)src[i] + (double)bias[i % a->cols];
        want[FWD_DST].bound[i] = LW_EPS * fabs(want[FWD_DST].value[i]) + 0x1p-149;
    }
}

enum { BWD_DIFF_DST, BWD_DIFF_BIAS };

static bool bwd_parse(lw_scan *s, lw_problem *p)
{
    return parse_size(s, &p->args.bias_bwd.rows, &p->args.bias_bwd.cols, 0) && lw_scan_end(s);
}

static void bwd_print(lw_problem *p)
{
    snprintf(p->text, sizeof p->text, "%tdx%td", p->args.bias_bwd.rows, p->args.bias_bwd.cols);
}

static int bwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_bias_bwd_args *a = &p->args.bias_bwd;
    out[BWD_DIFF_DST] = matrix("diff_dst", offsetof(lw_bias_bwd_args, diff_dst), LW_IN, a->rows, a->cols);
    out[BWD_DIFF_BIAS] = matrix("diff_bias", offsetof(lw_bias_bwd_args, diff_bias), LW_OUT, 1, a->cols);
    return 2;
}

static double bwd_flop(const lw_problem *p)
{
    return (double)p->args.bias_bwd.rows * (double)p->args.bias_bwd.cols;
}

static bool bwd_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    return awkward_size(i, &p->args.bias_bwd.rows, &p->args.bias_bwd.cols, 0);
}

static void bwd_any(lw_problem *p, uint64_t *random)
{
    any_size(random, &p->args.bias_bwd.rows, &p->args.bias_bwd.cols);
}

static void bwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_bias_bwd_args *a = &p->args.bias_bwd;
    const float *diff_dst = data[BWD_DIFF_DST];
    for (ptrdiff_t c = 0; c < a->cols; c++) {
        double sum = 0, size = 0;
        for (ptrdiff_t r = 0; r < a->rows; r++) {
            const double v = (double)diff_dst[r * a->cols + c];
            sum += v;
            size += fabs(v);
        }
        want[BWD_DIFF_BIAS].value[c] = sum;
        want[BWD_DIFF_BIAS].bound[c] = lw_sum_bound((double)a->rows, size);
    }
}

static const char *const bias_problems[] = {"64x64", "64x10", "7744x64", "43264x32", "1024x1000", NULL};

const lw_spec lw_spec_bias_fwd = {
    .syntax = "RxC[_inplace]", .problems = bias_problems, .quick = 1, .exact = true,
    .parse = fwd_parse, .print = fwd_print, .operands = fwd_operands, .flop = fwd_flop,
    .awkward = fwd_awkward, .any = fwd_any, .reference = fwd_reference};

const lw_spec lw_spec_bias_bwd = {
    .syntax = "RxC", .problems = bias_problems, .quick = 1, .exact = true,
    .parse = bwd_parse, .print = bwd_print, .operands = bwd_operands, .flop = bwd_flop,
    .awkward = bwd_awkward, .any = bwd_any, .reference = bwd_reference};

/* ---------------------------------------------------------------- softmax with cross-entropy */

enum { LOGITS, LABEL, LOSS, PROB, DIFF };
#define WITHOUT_PROB (1u << PROB)
#define WITHOUT_DIFF (1u << DIFF)
#define INFERENCE (1u << LABEL | 1u << LOSS | 1u << DIFF)

static bool softmax_parse(lw_scan *s, lw_problem *p)
{
    lw_softmax_xent_args *a = &p->args.softmax_xent;
    double v;
    *a = (lw_softmax_xent_args){.scale = 1};
    if (!parse_size(s, &a->rows, &a->cols, 1)) return false;
    for (;;) {
        if (lw_scan_word(s, "_scale") && lw_scan_real(s, "scale", -1e9, 1e9, &v))
            a->scale = (float)v;
        else if (lw_scan_word(s, "_smoothing") && lw_scan_real(s, "smoothing", 0, 0.99, &v))
            a->smoothing = (float)v;
        else if (lw_scan_word(s, "_noprob"))
            p->without |= WITHOUT_PROB;
        else if (lw_scan_word(s, "_nodiff"))
            p->without |= WITHOUT_DIFF;
        else if (lw_scan_word(s, "_inference"))
            p->without |= INFERENCE;
        else if (lw_scan_word(s, "_inplace"))
            p->inplace = true;
        else
            return lw_scan_end(s);
    }
}

static void softmax_print(lw_problem *p)
{
    const lw_softmax_xent_args *a = &p->args.softmax_xent;
    const bool inference = (p->without & INFERENCE) == INFERENCE;
    int n = snprintf(p->text, sizeof p->text, "%tdx%td", a->rows, a->cols);
    if (a->scale != 1) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_scale%.9g", (double)a->scale);
    if (a->smoothing != 0)
        n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_smoothing%.9g", (double)a->smoothing);
    snprintf(p->text + n, sizeof p->text - (size_t)n, "%s%s%s%s", p->without & WITHOUT_PROB ? "_noprob" : "",
             !inference && p->without & WITHOUT_DIFF ? "_nodiff" : "", inference ? "_inference" : "",
             p->inplace ? "_inplace" : "");
}

static int softmax_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_softmax_xent_args *a = &p->args.softmax_xent;
    out[LOGITS] = matrix("logits", offsetof(lw_softmax_xent_args, logits), LW_IN, a->rows, a->cols);
    out[LABEL] = matrix("label", offsetof(lw_softmax_xent_args, label), LW_IN, 1, a->rows);
    out[LABEL].element = LW_I32;
    out[LABEL].values = LW_VALUES_BELOW;
    out[LABEL].limit = (int)a->cols;
    out[LOSS] = matrix("loss", offsetof(lw_softmax_xent_args, loss), LW_OUT, 1, a->rows);
    out[PROB] = matrix("prob", offsetof(lw_softmax_xent_args, prob), LW_OUT, a->rows, a->cols);
    out[DIFF] = matrix("diff_logits", offsetof(lw_softmax_xent_args, diff_logits), LW_OUT, a->rows, a->cols);
    if (p->inplace) out[p->without & WITHOUT_PROB ? DIFF : PROB].stands_at = LOGITS + 1;
    return 5;
}

static double softmax_flop(const lw_problem *p)
{
    return 4.0 * (double)p->args.softmax_xent.rows * (double)p->args.softmax_xent.cols;
}

static void softmax_variant(lw_problem *p, size_t variant)
{
    static const unsigned without[] = {0, WITHOUT_DIFF, WITHOUT_PROB, INFERENCE, WITHOUT_PROB | WITHOUT_DIFF};
    p->without = without[variant % 5];
    p->inplace = variant % 3 == 2 && variant % 5 != 4;
    p->args.softmax_xent.scale = variant % 2 ? 1.0f / 64 : 1;
    p->args.softmax_xent.smoothing = variant / 5 % 2 ? 0.1f : 0;
}

static bool softmax_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    softmax_variant(p, i);
    return awkward_size(i, &p->args.softmax_xent.rows, &p->args.softmax_xent.cols, 1);
}

static void softmax_any(lw_problem *p, uint64_t *random)
{
    any_size(random, &p->args.softmax_xent.rows, &p->args.softmax_xent.cols);
    softmax_variant(p, (size_t)lw_random_int(random, 0, 29));
}

static void softmax_row(const lw_softmax_xent_args *a, const float *x, const int32_t *label, ptrdiff_t r,
                        const lw_want want[])
{
    const double terms = 8 * ((double)a->cols + 8), smooth = (double)a->smoothing, off = smooth / (double)a->cols;
    double m = (double)x[0], s = 0;
    for (ptrdiff_t j = 1; j < a->cols; j++) m = (double)x[j] > m ? (double)x[j] : m;
    for (ptrdiff_t j = 0; j < a->cols; j++) s += exp((double)x[j] - m);
    if (want[LOSS].value) {
        double sum = 0, size = 0;
        for (ptrdiff_t j = 0; smooth > 0 && j < a->cols; j++) {
            sum += (double)x[j];
            size += fabs((double)x[j]);
        }
        const double wanted = smooth > 0 ? (1 - smooth) * (double)x[*label] + off * sum : (double)x[*label];
        const double more = smooth > 0 ? lw_sum_bound((double)a->cols + 5, (1 - smooth) * fabs((double)x[*label]) + off * size) : 0;
        const double loss = log(s) + (m - wanted);
        want[LOSS].value[r] = loss;
        want[LOSS].bound[r] = terms * LW_EPS * fmax(1, fmax(fabs(loss), fabs(m))) + more;
    }
    for (ptrdiff_t j = 0; j < a->cols; j++) {
        const double below = m - (double)x[j], prob = exp(-below) / s;
        const double bound = (terms + below) * LW_EPS * prob + 0x1p-149, unit = (label && j == *label ? 1 - smooth : 0) + off;
        if (want[PROB].value) {
            want[PROB].value[r * a->cols + j] = prob;
            want[PROB].bound[r * a->cols + j] = isnan(bound) ? 0x1p-149 : bound;
        }
        if (want[DIFF].value) {
            const double diff = (double)a->scale * (prob - unit);
            want[DIFF].value[r * a->cols + j] = diff;
            want[DIFF].bound[r * a->cols + j] =
                fabs((double)a->scale) * (isnan(bound) ? 0x1p-149 : bound) + 2 * LW_EPS * fabs(diff) +
                (smooth > 0 ? 4 * LW_EPS * fabs((double)a->scale) : 0) + 0x1p-149;
        }
    }
}

static void softmax_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_softmax_xent_args *a = &p->args.softmax_xent;
    const float *logits = data[LOGITS];
    const int32_t *label = data[LABEL];
    for (ptrdiff_t r = 0; r < a->rows; r++) softmax_row(a, logits + r * a->cols, label ? label + r : NULL, r, want);
}

static const char *const softmax_problems[] = {"64x10", "1024x10", "256x1000", NULL};

const lw_spec lw_spec_softmax_xent = {
    .syntax = "RxC[_scaleX][_smoothingX][_noprob][_nodiff][_inference][_inplace]", .problems = softmax_problems, .quick = 1,
    .parse = softmax_parse, .print = softmax_print, .operands = softmax_operands, .flop = softmax_flop,
    .awkward = softmax_awkward, .any = softmax_any, .reference = softmax_reference};
