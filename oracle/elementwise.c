/* SPDX-License-Identifier: BSD-3-Clause
 * elementwise.c: the oracle of the ops on n elements: ReLU, leaky ReLU, addition, dropout, pixel normalisation. */
#include "oracle/spec.h"

#include "kernels/philox.h"
#include "oracle/random.h"

#include <math.h>
#include <stdio.h>

static const char *const problems[] = {"n495616", "n2048", "n65536", "n16777216", NULL};

/* ---------------------------------------------------------------- shared by all */

static ptrdiff_t *count_of(lw_problem *p)
{
    switch (p->op) {
    case LW_OP_RELU_FWD: return &p->args.relu_fwd.n;
    case LW_OP_RELU_BWD: return &p->args.relu_bwd.n;
    case LW_OP_LEAKYRELU_FWD: return &p->args.leakyrelu_fwd.n;
    case LW_OP_LEAKYRELU_BWD: return &p->args.leakyrelu_bwd.n;
    case LW_OP_ADD: return &p->args.add.n;
    case LW_OP_DROPOUT: return &p->args.dropout.n;
    default: return &p->args.normalize_u8.n;
    }
}

static ptrdiff_t count(const lw_problem *p)
{
    return *count_of((lw_problem *)p);
}

static bool parse_count(lw_scan *s, lw_problem *p)
{
    long n;
    if (!lw_scan_expect(s, "n") || !lw_scan_whole(s, "n", 0, 1L << 38, &n)) return false;
    *count_of(p) = n;
    return true;
}

static bool parse(lw_scan *s, lw_problem *p)
{
    if (!parse_count(s, p)) return false;
    if (lw_scan_word(s, "_inplace")) p->inplace = true;
    return lw_scan_end(s);
}

static void print(lw_problem *p)
{
    snprintf(p->text, sizeof p->text, "n%td%s", count(p), p->inplace ? "_inplace" : "");
}

static double flop(const lw_problem *p)
{
    return (double)count(p);
}

static bool awkward_count(lw_problem *p, size_t i)
{
    static const int large[] = {127, 128, 129, 255, 256, 257, 1000, 1023, 4097, 70001};
    enum { SMALL = 101, LARGE = sizeof large / sizeof large[0] };
    if (i >= SMALL + LARGE) return false;
    *count_of(p) = i < SMALL ? (ptrdiff_t)i : large[i - SMALL];
    return true;
}

static bool awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    p->inplace = i % 3 == 2;
    return awkward_count(p, i);
}

static void any(lw_problem *p, uint64_t *random)
{
    *count_of(p) = lw_random_int(random, 0, 5000);
    p->inplace = lw_random_int(random, 0, 1);
}

static lw_operand line(const char *name, size_t slot, ptrdiff_t n)
{
    return (lw_operand){.name = name, .slot = slot, .rows = 1, .cols = n, .ld = n};
}

/* The output of an op that may stand in place of operand `stands_at`. */
static lw_operand output(const char *name, size_t slot, ptrdiff_t n, const lw_problem *p, int stands_at)
{
    lw_operand o = line(name, slot, n);
    o.role = LW_OUT;
    o.stands_at = p->inplace ? stands_at + 1 : 0;
    return o;
}

/* ---------------------------------------------------------------- relu */

static int relu_fwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    out[0] = line("src", offsetof(lw_relu_fwd_args, src), count(p));
    out[1] = output("dst", offsetof(lw_relu_fwd_args, dst), count(p), p, 0);
    out[1].bits = true;
    return 2;
}

static void relu_fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const float *src = data[0];
    for (ptrdiff_t i = 0; i < count(p); i++) {
        /* In fp32: over a widened operand clang 14 makes a maximum of it that loses the sign of zero. */
        const float y = src[i] < 0 ? 0 : src[i];
        want[1].value[i] = (double)y;
        want[1].bound[i] = 0;
    }
}

const lw_spec lw_spec_relu_fwd = {
    .syntax = "nN[_inplace]", .problems = problems, .quick = 1, .exact = true,
    .parse = parse, .print = print, .operands = relu_fwd_operands, .flop = flop,
    .awkward = awkward, .any = any, .reference = relu_fwd_reference};

static int relu_bwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    out[0] = line("dst", offsetof(lw_relu_bwd_args, dst), count(p));
    out[1] = line("diff_dst", offsetof(lw_relu_bwd_args, diff_dst), count(p));
    out[2] = output("diff_src", offsetof(lw_relu_bwd_args, diff_src), count(p), p, 1);
    out[2].bits = true;
    return 3;
}

static void relu_bwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const float *dst = data[0], *diff_dst = data[1];
    for (ptrdiff_t i = 0; i < count(p); i++) {
        want[2].value[i] = dst[i] <= 0 ? 0 : (double)diff_dst[i];
        want[2].bound[i] = 0;
    }
}

const lw_spec lw_spec_relu_bwd = {
    .syntax = "nN[_inplace]", .problems = problems, .quick = 1, .exact = true,
    .parse = parse, .print = print, .operands = relu_bwd_operands, .flop = flop,
    .awkward = awkward, .any = any, .reference = relu_bwd_reference};

/* ---------------------------------------------------------------- leaky relu */

static float *slope_of(lw_problem *p)
{
    return p->op == LW_OP_LEAKYRELU_FWD ? &p->args.leakyrelu_fwd.slope : &p->args.leakyrelu_bwd.slope;
}

static bool leaky_parse(lw_scan *s, lw_problem *p)
{
    double slope = 0.01;
    if (!parse_count(s, p)) return false;
    if (lw_scan_word(s, "_slope")) lw_scan_real(s, "slope", 0, 1e9, &slope);
    if (lw_scan_word(s, "_inplace")) p->inplace = true;
    *slope_of(p) = (float)slope;
    return lw_scan_end(s);
}

static void leaky_print(lw_problem *p)
{
    const double slope = (double)*slope_of(p);
    int n = snprintf(p->text, sizeof p->text, "n%td", count(p));
    if (slope != (double)0.01f) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_slope%.9g", slope);
    snprintf(p->text + n, sizeof p->text - (size_t)n, "%s", p->inplace ? "_inplace" : "");
}

static bool leaky_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    static const float slopes[] = {0.01f, 0, 0.2f, 1, 1.5f};
    *slope_of(p) = slopes[i % 5];
    return awkward(p, mr, nr, i);
}

static void leaky_any(lw_problem *p, uint64_t *random)
{
    any(p, random);
    *slope_of(p) = (float)lw_random_int(random, 0, 100) / 100;
}

static int leaky_fwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    out[0] = line("src", offsetof(lw_leakyrelu_fwd_args, src), count(p));
    out[1] = output("dst", offsetof(lw_leakyrelu_fwd_args, dst), count(p), p, 0);
    out[1].bits = true;
    return 2;
}

/* In fp32: the contract's single rounding is part of the result. */
static void leaky_fwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const float *src = data[0], slope = p->args.leakyrelu_fwd.slope;
    for (ptrdiff_t i = 0; i < count(p); i++) {
        const float leak = slope * src[i];
        want[1].value[i] = (double)(src[i] < 0 ? leak : src[i]);
        want[1].bound[i] = 0;
    }
}

const lw_spec lw_spec_leakyrelu_fwd = {
    .syntax = "nN[_slopeX][_inplace]", .problems = problems, .quick = 1, .exact = true,
    .parse = leaky_parse, .print = leaky_print, .operands = leaky_fwd_operands, .flop = flop,
    .awkward = leaky_awkward, .any = leaky_any, .reference = leaky_fwd_reference};

static int leaky_bwd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    out[0] = line("dst", offsetof(lw_leakyrelu_bwd_args, dst), count(p));
    out[1] = line("diff_dst", offsetof(lw_leakyrelu_bwd_args, diff_dst), count(p));
    out[2] = output("diff_src", offsetof(lw_leakyrelu_bwd_args, diff_src), count(p), p, 1);
    out[2].bits = true;
    return 3;
}

static void leaky_bwd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const float *dst = data[0], *diff_dst = data[1], slope = p->args.leakyrelu_bwd.slope;
    for (ptrdiff_t i = 0; i < count(p); i++) {
        const float leak = slope * diff_dst[i];
        want[2].value[i] = (double)(dst[i] <= 0 ? leak : diff_dst[i]);
        want[2].bound[i] = 0;
    }
}

const lw_spec lw_spec_leakyrelu_bwd = {
    .syntax = "nN[_slopeX][_inplace]", .problems = problems, .quick = 1, .exact = true,
    .parse = leaky_parse, .print = leaky_print, .operands = leaky_bwd_operands, .flop = flop,
    .awkward = leaky_awkward, .any = leaky_any, .reference = leaky_bwd_reference};

/* ---------------------------------------------------------------- add */

static int add_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    out[0] = line("a", offsetof(lw_add_args, a), count(p));
    out[1] = line("b", offsetof(lw_add_args, b), count(p));
    out[2] = output("dst", offsetof(lw_add_args, dst), count(p), p, (int)(count(p) % 2));
    return 3;
}

static void add_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const float *a = data[0], *b = data[1];
    for (ptrdiff_t i = 0; i < count(p); i++) {
        want[2].value[i] = (double)a[i] + (double)b[i];
        want[2].bound[i] = LW_EPS * fabs(want[2].value[i]) + 0x1p-149;
    }
}

const lw_spec lw_spec_add = {
    .syntax = "nN[_inplace]", .problems = problems, .quick = 1, .exact = true,
    .parse = parse, .print = print, .operands = add_operands, .flop = flop,
    .awkward = awkward, .any = any, .reference = add_reference};

/* ---------------------------------------------------------------- normalize_u8 */

static bool normalize_parse(lw_scan *s, lw_problem *p)
{
    double v;
    p->args.normalize_u8 = (lw_normalize_u8_args){.scale = 1.0f / 255, .shift = 0};
    if (!parse_count(s, p)) return false;
    if (lw_scan_word(s, "_scale") && lw_scan_real(s, "scale", -1e9, 1e9, &v)) p->args.normalize_u8.scale = (float)v;
    if (lw_scan_word(s, "_shift") && lw_scan_real(s, "shift", -1e9, 1e9, &v)) p->args.normalize_u8.shift = (float)v;
    return lw_scan_end(s);
}

static void normalize_print(lw_problem *p)
{
    const lw_normalize_u8_args *a = &p->args.normalize_u8;
    int n = snprintf(p->text, sizeof p->text, "n%td", a->n);
    if (a->scale != 1.0f / 255) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_scale%.9g", (double)a->scale);
    if (a->shift != 0) snprintf(p->text + n, sizeof p->text - (size_t)n, "_shift%.9g", (double)a->shift);
}

static int normalize_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    out[0] = line("src", offsetof(lw_normalize_u8_args, src), count(p));
    out[0].element = LW_U8;
    out[0].values = LW_VALUES_BELOW;
    out[0].limit = 256;
    out[1] = line("dst", offsetof(lw_normalize_u8_args, dst), count(p));
    out[1].role = LW_OUT;
    return 2;
}

static bool normalize_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    p->args.normalize_u8 = (lw_normalize_u8_args){.scale = i % 2 ? 2 : 1.0f / 255, .shift = i % 3 ? 0 : -0.5f};
    return awkward_count(p, i);
}

static void normalize_any(lw_problem *p, uint64_t *random)
{
    p->args.normalize_u8 = (lw_normalize_u8_args){
        .n = lw_random_int(random, 0, 5000), .scale = lw_random_signed(random), .shift = lw_random_signed(random)};
}

static void normalize_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_normalize_u8_args *a = &p->args.normalize_u8;
    const uint8_t *src = data[0];
    for (ptrdiff_t i = 0; i < a->n; i++) {
        const double product = src[i] * (double)a->scale;
        want[1].value[i] = product + (double)a->shift;
        want[1].bound[i] = 2 * LW_EPS * (fabs(product) + fabs((double)a->shift));
    }
}

static const char *const normalize_problems[] = {"n50176", "n1024", "n47040000", NULL};

const lw_spec lw_spec_normalize_u8 = {
    .syntax = "nN[_scaleX][_shiftX]", .problems = normalize_problems, .quick = 1,
    .parse = normalize_parse, .print = normalize_print, .operands = normalize_operands, .flop = flop,
    .awkward = normalize_awkward, .any = normalize_any, .reference = normalize_reference};

/* ---------------------------------------------------------------- dropout */

static bool dropout_parse(lw_scan *s, lw_problem *p)
{
    double rate = 0.5;
    long seed = 1, stream = 0;
    if (!parse_count(s, p)) return false;
    if (lw_scan_word(s, "_rate")) lw_scan_real(s, "rate", 0, 0.9999999, &rate);
    if (lw_scan_word(s, "_seed")) lw_scan_whole(s, "seed", 0, (1L << 62), &seed);
    if (lw_scan_word(s, "_stream")) lw_scan_whole(s, "stream", 0, (1L << 62), &stream);
    if (lw_scan_word(s, "_inplace")) p->inplace = true;
    p->args.dropout.rate = (float)rate;
    p->args.dropout.seed = (uint64_t)seed;
    p->args.dropout.stream = (uint64_t)stream;
    return lw_scan_end(s);
}

static void dropout_print(lw_problem *p)
{
    const lw_dropout_args *a = &p->args.dropout;
    int n = snprintf(p->text, sizeof p->text, "n%td", a->n);
    if (a->rate != 0.5f) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_rate%.9g", (double)a->rate);
    if (a->seed != 1) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_seed%llu", (unsigned long long)a->seed);
    if (a->stream != 0) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_stream%llu", (unsigned long long)a->stream);
    snprintf(p->text + n, sizeof p->text - (size_t)n, "%s", p->inplace ? "_inplace" : "");
}

static int dropout_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    out[0] = line("src", offsetof(lw_dropout_args, src), count(p));
    out[1] = output("dst", offsetof(lw_dropout_args, dst), count(p), p, 0);
    return 2;
}

static bool dropout_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    static const float rates[] = {0, 0.25f, 0.5f, 0.999f};
    (void)mr, (void)nr;
    p->inplace = i % 3 == 2;
    p->args.dropout.rate = rates[i % 4];
    p->args.dropout.seed = i << 31;
    p->args.dropout.stream = i << 30;
    return awkward_count(p, i);
}

static void dropout_any(lw_problem *p, uint64_t *random)
{
    any(p, random);
    p->args.dropout.rate = (float)lw_random_int(random, 0, 99) / 100;
    p->args.dropout.seed = lw_random(random) >> 2;
    p->args.dropout.stream = lw_random(random) >> 2;
}

/* Word by word from the contract's formula; the generator itself is tested by its known answers. */
static bool keeps(const lw_dropout_args *a, uint64_t i)
{
    const uint64_t b = 8 * (i / 32) + i % 8;
    const lw_philox_block counter = {{(uint32_t)b, (uint32_t)(b >> 32), (uint32_t)a->stream, (uint32_t)(a->stream >> 32)}};
    const lw_philox_block block = lw_philox(counter, (uint32_t)a->seed, (uint32_t)(a->seed >> 32));
    return block.word[i % 32 / 8] >= (double)a->rate * 0x1p32;
}

static void dropout_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_dropout_args *a = &p->args.dropout;
    const float *src = data[0];
    for (ptrdiff_t i = 0; i < a->n; i++) {
        const bool keep = keeps(a, (uint64_t)i);
        want[1].value[i] = keep ? (double)src[i] * (1 / (1 - (double)a->rate)) : 0;
        want[1].bound[i] = keep ? 3 * LW_EPS * fabs(want[1].value[i]) + 0x1p-149 : 0; /* the factor is rounded too */
    }
}

static const char *const dropout_problems[] = {"n102400", "n2048", "n16777216", NULL};

const lw_spec lw_spec_dropout = {
    .syntax = "nN[_rateX][_seedN][_streamN][_inplace]", .problems = dropout_problems, .quick = 1,
    .parse = dropout_parse, .print = dropout_print, .operands = dropout_operands, .flop = flop,
    .awkward = dropout_awkward, .any = dropout_any, .reference = dropout_reference};
