/* SPDX-License-Identifier: BSD-3-Clause
 * batchnorm.c: the oracle of batch normalisation. */
#include "oracle/spec.h"

#include "oracle/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DENORMAL 0x1p-149

static bool parse_size(lw_scan *s, ptrdiff_t *rows, ptrdiff_t *cols)
{
    long r = 0, c = 0;
    lw_scan_whole(s, "rows", 1, 1L << 31, &r);
    lw_scan_expect(s, "x");
    lw_scan_whole(s, "cols", 0, 1L << 31, &c);
    *rows = r;
    *cols = c;
    return !s->failed;
}

/* Columns around every vector and block of vectors, then rows around every chunk. */
static bool awkward_size(size_t i, ptrdiff_t *rows, ptrdiff_t *cols)
{
    static const int tall[] = {1, 2, 3, 255, 256, 257, 511, 513, 16400};
    enum { NARROW = 72, TALL = sizeof tall / sizeof tall[0] };
    if (i < NARROW) {
        *rows = 1 + (ptrdiff_t)(i * 7 % 19);
        *cols = (ptrdiff_t)i;
    } else if ((i -= NARROW) < 2 * TALL) {
        *rows = tall[i / 2];
        *cols = i % 2 ? 10 : 67;
    } else {
        return false;
    }
    return true;
}

static void any_size(uint64_t *random, ptrdiff_t *rows, ptrdiff_t *cols)
{
    *rows = lw_random_int(random, 1, 600);
    *cols = lw_random_int(random, 1, 150);
}

static lw_operand matrix(const char *name, size_t slot, lw_role role, ptrdiff_t rows, ptrdiff_t cols)
{
    return (lw_operand){.name = name, .slot = slot, .role = role, .rows = rows, .cols = cols, .ld = cols};
}

/* Values of at most 2^20 and, if not 0, at least 2^-60: products of several such neither overflow nor vanish, which
 * would turn infinities of other operands into NaN or back. */
static void tame(float *x, ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        if (fabsf(x[i]) < 0x1p-60f) x[i] = copysignf(0.0f, x[i]);
        if (isfinite(x[i]) && fabsf(x[i]) > 0x1p20f) x[i] = copysignf(0x1p20f, x[i]);
    }
}

/* Factors of differences and sums, whose sign is in doubt where they cancel: so no infinity either. */
static void tame_factors(float *x, ptrdiff_t count)
{
    tame(x, count);
    for (ptrdiff_t i = 0; i < count; i++)
        if (isinf(x[i])) x[i] = copysignf(0x1p20f, x[i]);
}

static void set(const lw_want *want, ptrdiff_t at, double value, double bound)
{
    if (!want->value) return;
    want->value[at] = value;
    want->bound[at] = isnan(bound) ? DENORMAL : bound;
}

/* ---------------------------------------------------------------- forward */

enum { SRC, GAMMA, BETA, RUNNING_MEAN, RUNNING_VAR, MEAN, INV_STD, DST };
#define INFERENCE (1u << MEAN | 1u << INV_STD)

static const lw_batchnorm_fwd_args preset = {.momentum = 0.99f, .epsilon = 1e-3f, .training = true};

static bool fwd_parse(lw_scan *s, lw_problem *p)
{
    lw_batchnorm_fwd_args *a = &p->args.batchnorm_fwd;
    double v;
    *a = preset;
    if (!parse_size(s, &a->rows, &a->cols)) return false;
    for (;;) {
        if (lw_scan_word(s, "_momentum") && lw_scan_real(s, "momentum", 0, 1, &v))
            a->momentum = (float)v;
        else if (lw_scan_word(s, "_epsilon") && lw_scan_real(s, "epsilon", 1e-9, 1, &v))
            a->epsilon = (float)v;
        else if (lw_scan_word(s, "_inference"))
            a->training = false;
        else if (lw_scan_word(s, "_relu"))
            a->relu = true;
        else
            break;
    }
    p->without = a->training ? 0 : INFERENCE;
    return lw_scan_end(s);
}

static void fwd_print(lw_problem *p)
{
    const lw_batchnorm_fwd_args *a = &p->args.batchnorm_fwd;
    int n = snprintf(p->text, sizeof p->text, "%tdx%td", a->rows, a->cols);
    if (a->momentum != preset.momentum)
        n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_momentum%.9g", (double)a->momentum);
    if (a->epsilon != preset.epsilon)
        n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_epsilon%.9g", (double)a->epsilon);
    snprintf(p->text + n, sizeof p->text - (size_t)n, "%s%s", a->training ? "" : "_inference", a->relu ? "_relu" : "");
}

static int fwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_batchnorm_fwd_args *a = &p->args.batchnorm_fwd;
    const lw_role running = a->training ? LW_INOUT : LW_IN;
    out[SRC] = matrix("src", offsetof(lw_batchnorm_fwd_args, src), LW_IN, a->rows, a->cols);
    out[GAMMA] = matrix("gamma", offsetof(lw_batchnorm_fwd_args, gamma), LW_IN, 1, a->cols);
    out[BETA] = matrix("beta", offsetof(lw_batchnorm_fwd_args, beta), LW_IN, 1, a->cols);
    out[RUNNING_MEAN] = matrix("running_mean", offsetof(lw_batchnorm_fwd_args, running_mean), running, 1, a->cols);
    out[RUNNING_VAR] = matrix("running_var", offsetof(lw_batchnorm_fwd_args, running_var), running, 1, a->cols);
    out[RUNNING_VAR].values = LW_VALUES_NONNEGATIVE;
    out[MEAN] = matrix("mean", offsetof(lw_batchnorm_fwd_args, mean), LW_OUT, 1, a->cols);
    out[INV_STD] = matrix("inv_std", offsetof(lw_batchnorm_fwd_args, inv_std), LW_OUT, 1, a->cols);
    out[DST] = matrix("dst", offsetof(lw_batchnorm_fwd_args, dst), LW_OUT, a->rows, a->cols);
    return 8;
}

static double fwd_flop(const lw_problem *p)
{
    const lw_batchnorm_fwd_args *a = &p->args.batchnorm_fwd;
    return (a->training ? 7.0 : 3.0) * (double)a->rows * (double)a->cols;
}

static void fwd_variant(lw_problem *p, size_t variant)
{
    lw_batchnorm_fwd_args *a = &p->args.batchnorm_fwd;
    static const float momenta[] = {0.99f, 0.0f, 0.9f, 1.0f};
    a->training = variant % 4 != 1;
    a->relu = variant % 3 == 1;
    a->momentum = momenta[variant / 2 % 4];
    a->epsilon = variant % 5 == 2 ? 1e-5f : 1e-3f;
    p->without = a->training ? 0 : INFERENCE;
}

static bool fwd_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    fwd_variant(p, i);
    return awkward_size(i, &p->args.batchnorm_fwd.rows, &p->args.batchnorm_fwd.cols);
}

static void fwd_any(lw_problem *p, uint64_t *random)
{
    any_size(random, &p->args.batchnorm_fwd.rows, &p->args.batchnorm_fwd.cols);
    fwd_variant(p, (size_t)lw_random_int(random, 0, 119));
}

static void fwd_arrange(const lw_problem *p, void *const data[], uint64_t *random)
{
    (void)random;
    tame_factors(data[GAMMA], p->args.batchnorm_fwd.cols);
}

/* A column's mean and 1 / standard deviation, and how far off each may be. */
typedef struct moments {
    double mean, off_mean, inv_std, off_inv_std;
} moments;

static double inverse(double var, double epsilon)
{
    return 1 / sqrt(var + epsilon);
}

static moments training_moments(const lw_batchnorm_fwd_args *a, const void *const data[], ptrdiff_t c, const lw_want want[])
{
    const float *src = data[SRC], *running_mean = data[RUNNING_MEAN], *running_var = data[RUNNING_VAR];
    const double n = (double)a->rows, keep = (double)a->momentum, share = (double)(1.0f - a->momentum);
    double sum = 0, size = 0, squares = 0;
    for (ptrdiff_t r = 0; r < a->rows; r++) {
        sum += (double)src[r * a->cols + c];
        size += fabs((double)src[r * a->cols + c]);
    }
    moments m = {.mean = sum / n, .off_mean = lw_sum_bound(n, size) / n};
    for (ptrdiff_t r = 0; r < a->rows; r++) {
        const double d = (double)src[r * a->cols + c] - m.mean;
        squares += d * d;
    }
    const double var = squares / n, off = lw_sum_bound(n + 3, squares) / n + m.off_mean * m.off_mean;
    m.inv_std = inverse(var, (double)a->epsilon);
    m.off_inv_std = inverse(fmax(var - off, 0), (double)a->epsilon) - m.inv_std + 4 * LW_EPS * m.inv_std;
    const double mean_was = keep * (double)running_mean[c], var_was = keep * (double)running_var[c];
    set(&want[MEAN], c, m.mean, m.off_mean);
    set(&want[INV_STD], c, m.inv_std, m.off_inv_std);
    set(&want[RUNNING_MEAN], c, mean_was + share * m.mean,
        share * m.off_mean + 4 * LW_EPS * (fabs(mean_was) + fabs(share * m.mean)) + 4 * DENORMAL);
    set(&want[RUNNING_VAR], c, var_was + share * var, share * off + 4 * LW_EPS * (var_was + share * var) + 4 * DENORMAL);
    return m;
}

static void fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_batchnorm_fwd_args *a = &p->args.batchnorm_fwd;
    const float *src = data[SRC], *gamma = data[GAMMA], *beta = data[BETA];
    const float *running_mean = data[RUNNING_MEAN], *running_var = data[RUNNING_VAR];
    for (ptrdiff_t c = 0; c < a->cols; c++) {
        moments m;
        if (a->training) {
            m = training_moments(a, data, c, want);
        } else {
            m = (moments){.mean = (double)running_mean[c], .inv_std = inverse((double)running_var[c], (double)a->epsilon)};
            m.off_inv_std = 4 * LW_EPS * m.inv_std;
        }
        const double g = (double)gamma[c], scale = g * m.inv_std, b = (double)beta[c];
        for (ptrdiff_t at = c; at < a->rows * a->cols; at += a->cols) {
            const double d = (double)src[at] - m.mean, x = scale * d + b, far = fabs(d) + m.off_mean;
            const double bound = fabs(scale) * m.off_mean + fabs(g) * m.off_inv_std * far +
                                 8 * LW_EPS * (fabs(scale) * far + fabs(b)) + DENORMAL * (far + 2);
            set(&want[DST], at, a->relu && x < 0 ? 0 : x, bound);
        }
    }
}

static const char *const fwd_problems[] = {"43264x32", "7744x64", "7744x64_inference", "64x128_relu", NULL};

const lw_spec lw_spec_batchnorm_fwd = {
    .syntax = "RxC[_momentumX][_epsilonX][_inference][_relu]", .problems = fwd_problems, .quick = 1,
    .parse = fwd_parse, .print = fwd_print, .operands = fwd_operands, .flop = fwd_flop, .awkward = fwd_awkward,
    .any = fwd_any, .arrange = fwd_arrange, .reference = fwd_reference};

/* ---------------------------------------------------------------- backward */

enum { B_SRC, B_DIFF_DST, B_DST, B_GAMMA, B_MEAN, B_INV_STD, B_DIFF_SRC, B_DIFF_GAMMA, B_DIFF_BETA };
#define WITHOUT_DST (1u << B_DST)
#define WITHOUT_DATA (1u << B_DIFF_SRC)

static bool bwd_parse(lw_scan *s, lw_problem *p)
{
    p->without = WITHOUT_DST;
    if (!parse_size(s, &p->args.batchnorm_bwd.rows, &p->args.batchnorm_bwd.cols)) return false;
    for (;;) {
        if (lw_scan_word(s, "_relu"))
            p->without &= ~WITHOUT_DST;
        else if (lw_scan_word(s, "_nodata"))
            p->without |= WITHOUT_DATA;
        else if (lw_scan_word(s, "_inplace"))
            p->inplace = true;
        else
            return lw_scan_end(s);
    }
}

static void bwd_print(lw_problem *p)
{
    snprintf(p->text, sizeof p->text, "%tdx%td%s%s%s", p->args.batchnorm_bwd.rows, p->args.batchnorm_bwd.cols,
             p->without & WITHOUT_DST ? "" : "_relu", p->without & WITHOUT_DATA ? "_nodata" : "",
             p->inplace ? "_inplace" : "");
}

static int bwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_batchnorm_bwd_args *a = &p->args.batchnorm_bwd;
    out[B_SRC] = matrix("src", offsetof(lw_batchnorm_bwd_args, src), LW_IN, a->rows, a->cols);
    out[B_DIFF_DST] = matrix("diff_dst", offsetof(lw_batchnorm_bwd_args, diff_dst), LW_IN, a->rows, a->cols);
    out[B_DST] = matrix("dst", offsetof(lw_batchnorm_bwd_args, dst), LW_IN, a->rows, a->cols);
    out[B_GAMMA] = matrix("gamma", offsetof(lw_batchnorm_bwd_args, gamma), LW_IN, 1, a->cols);
    out[B_MEAN] = matrix("mean", offsetof(lw_batchnorm_bwd_args, mean), LW_IN, 1, a->cols);
    out[B_INV_STD] = matrix("inv_std", offsetof(lw_batchnorm_bwd_args, inv_std), LW_IN, 1, a->cols);
    out[B_DIFF_SRC] = matrix("diff_src", offsetof(lw_batchnorm_bwd_args, diff_src), LW_OUT, a->rows, a->cols);
    out[B_DIFF_GAMMA] = matrix("diff_gamma", offsetof(lw_batchnorm_bwd_args, diff_gamma), LW_OUT, 1, a->cols);
    out[B_DIFF_BETA] = matrix("diff_beta", offsetof(lw_batchnorm_bwd_args, diff_beta), LW_OUT, 1, a->cols);
    if (p->inplace) out[B_DIFF_SRC].stands_at = B_DIFF_DST + 1;
    return 9;
}

static double bwd_flop(const lw_problem *p)
{
    return 9.0 * (double)p->args.batchnorm_bwd.rows * (double)p->args.batchnorm_bwd.cols;
}

static void bwd_variant(lw_problem *p, size_t variant)
{
    p->without = (variant % 2 ? 0 : WITHOUT_DST) | (variant % 7 == 3 ? WITHOUT_DATA : 0);
    p->inplace = variant % 3 == 2 && !(p->without & WITHOUT_DATA);
}

static bool bwd_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    bwd_variant(p, i);
    return awkward_size(i, &p->args.batchnorm_bwd.rows, &p->args.batchnorm_bwd.cols);
}

static void bwd_any(lw_problem *p, uint64_t *random)
{
    any_size(random, &p->args.batchnorm_bwd.rows, &p->args.batchnorm_bwd.cols);
    bwd_variant(p, (size_t)lw_random_int(random, 0, 41));
}

/* inv_std is a standard deviation's inverse: 1/2 to 4. */
static void bwd_arrange(const lw_problem *p, void *const data[], uint64_t *random)
{
    const lw_batchnorm_bwd_args *a = &p->args.batchnorm_bwd;
    float *inv_std = data[B_INV_STD];
    for (ptrdiff_t c = 0; c < a->cols; c++) inv_std[c] = 2.25f + 1.75f * lw_random_signed(random);
    tame(data[B_SRC], a->rows * a->cols);
    tame(data[B_DIFF_DST], a->rows * a->cols);
    tame_factors(data[B_GAMMA], a->cols);
    tame(data[B_MEAN], a->cols);
}

static void bwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_batchnorm_bwd_args *a = &p->args.batchnorm_bwd;
    const float *src = data[B_SRC], *diff = data[B_DIFF_DST], *dst = data[B_DST];
    const float *gamma = data[B_GAMMA], *mean = data[B_MEAN], *inv_std = data[B_INV_STD];
    const double n = (double)a->rows;
    for (ptrdiff_t c = 0; c < a->cols; c++) {
        const double s = (double)inv_std[c], scale = (double)gamma[c] * s;
        double sum = 0, size = 0, product = 0, product_size = 0;
        for (ptrdiff_t at = c; at < a->rows * a->cols; at += a->cols) {
            const double g = dst && dst[at] <= 0 ? 0 : (double)diff[at], d = (double)src[at] - (double)mean[c];
            sum += g;
            size += fabs(g);
            product += g * d;
            product_size += fabs(g * d);
        }
        const double off_sum = lw_sum_bound(n, size), off_product = s * lw_sum_bound(n + 3, product_size);
        set(&want[B_DIFF_BETA], c, sum, off_sum);
        set(&want[B_DIFF_GAMMA], c, s * product, off_product + DENORMAL);
        const double shift = scale * (sum / n), slope = scale * (s * (s * product) / n);
        for (ptrdiff_t at = c; want[B_DIFF_SRC].value && at < a->rows * a->cols; at += a->cols) {
            const double g = dst && dst[at] <= 0 ? 0 : (double)diff[at], d = (double)src[at] - (double)mean[c];
            const double terms = fabs(scale * g) + fabs(shift) + fabs(slope * d);
            const double sums = fabs(scale) * (off_sum / n + fabs(s * d) * off_product / n);
            set(&want[B_DIFF_SRC], at, scale * g - shift - slope * d,
                16 * LW_EPS * terms + 2 * sums + 4 * DENORMAL * (1 + fabs(g) + fabs(d)));
        }
    }
}

static const char *const bwd_problems[] = {"43264x32", "7744x64", "7744x64_relu", "64x128_relu", NULL};

const lw_spec lw_spec_batchnorm_bwd = {
    .syntax = "RxC[_relu][_nodata][_inplace]", .problems = bwd_problems, .quick = 3, .parse = bwd_parse,
    .print = bwd_print, .operands = bwd_operands, .flop = bwd_flop, .awkward = bwd_awkward, .any = bwd_any,
    .arrange = bwd_arrange, .reference = bwd_reference};
