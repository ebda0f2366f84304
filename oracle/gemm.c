/* SPDX-License-Identifier: BSD-3-Clause
 * gemm.c: the oracle of sgemm. */
#include "oracle/random.h"
#include "oracle/spec.h"

#include <math.h>
#include <stdio.h>

enum { A, B, C };

static lw_sgemm_args *args_of(lw_problem *p)
{
    return &p->args.sgemm;
}

static ptrdiff_t stored_cols_a(const lw_sgemm_args *g)
{
    return g->trans_a ? g->M : g->K;
}

static ptrdiff_t stored_cols_b(const lw_sgemm_args *g)
{
    return g->trans_b ? g->K : g->N;
}

static ptrdiff_t at_least_1(ptrdiff_t n)
{
    return n > 0 ? n : 1;
}

/* Leading dimensions that were not given are the smallest. */
static void close_rows(lw_sgemm_args *g)
{
    if (!g->lda) g->lda = at_least_1(stored_cols_a(g));
    if (!g->ldb) g->ldb = at_least_1(stored_cols_b(g));
    if (!g->ldc) g->ldc = at_least_1(g->N);
}

static bool parse_ld(lw_scan *s, const char *word, ptrdiff_t least, ptrdiff_t *ld)
{
    long v;
    if (!lw_scan_whole(s, word, (long)least, 1L << 31, &v)) return false;
    *ld = v;
    return true;
}

static bool parse_option(lw_scan *s, lw_sgemm_args *g)
{
    double v;
    if (lw_scan_word(s, "_alpha")) {
        if (lw_scan_real(s, "alpha", -1e30, 1e30, &v)) g->alpha = (float)v;
    } else if (lw_scan_word(s, "_beta")) {
        if (lw_scan_real(s, "beta", -1e30, 1e30, &v)) g->beta = (float)v;
    } else if (lw_scan_word(s, "_lda")) {
        return parse_ld(s, "lda", at_least_1(stored_cols_a(g)), &g->lda);
    } else if (lw_scan_word(s, "_ldb")) {
        return parse_ld(s, "ldb", at_least_1(stored_cols_b(g)), &g->ldb);
    } else if (lw_scan_word(s, "_ldc")) {
        return parse_ld(s, "ldc", at_least_1(g->N), &g->ldc);
    } else {
        return false;
    }
    return !s->failed;
}

static bool parse(lw_scan *s, lw_problem *p)
{
    lw_sgemm_args *g = args_of(p);
    long m = 0, k = 0, k2 = 0, n = 0;
    *g = (lw_sgemm_args){.alpha = 1};
    lw_scan_whole(s, "M", 0, 1L << 31, &m);
    lw_scan_expect(s, "x");
    lw_scan_whole(s, "K", 0, 1L << 31, &k);
    lw_scan_expect(s, ":");
    lw_scan_whole(s, "K", 0, 1L << 31, &k2);
    if (!s->failed && k != k2) return lw_scan_refuse(s, "the second K is %ld, the first %ld; they must agree", k2, k);
    lw_scan_expect(s, "x");
    lw_scan_whole(s, "N", 0, 1L << 31, &n);
    g->M = m, g->N = n, g->K = k;
    if (lw_scan_word(s, "_tn"))
        g->trans_a = true;
    else if (lw_scan_word(s, "_nt"))
        g->trans_b = true;
    else if (lw_scan_word(s, "_tt"))
        g->trans_a = g->trans_b = true;
    else
        lw_scan_word(s, "_nn");
    while (parse_option(s, g)) continue;
    if (!lw_scan_end(s)) return false;
    close_rows(g);
    return true;
}

static void print(lw_problem *p)
{
    const lw_sgemm_args *g = args_of(p);
    int n = snprintf(p->text, sizeof p->text, "%tdx%td:%tdx%td", g->M, g->K, g->K, g->N);
    if (g->trans_a || g->trans_b)
        n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_%c%c", g->trans_a ? 't' : 'n', g->trans_b ? 't' : 'n');
    if (g->alpha != 1) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_alpha%.9g", (double)g->alpha);
    if (g->beta != 0) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_beta%.9g", (double)g->beta);
    if (g->lda != at_least_1(stored_cols_a(g))) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_lda%td", g->lda);
    if (g->ldb != at_least_1(stored_cols_b(g))) n += snprintf(p->text + n, sizeof p->text - (size_t)n, "_ldb%td", g->ldb);
    if (g->ldc != at_least_1(g->N)) snprintf(p->text + n, sizeof p->text - (size_t)n, "_ldc%td", g->ldc);
}

static int operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_sgemm_args *g = &p->args.sgemm;
    out[A] = (lw_operand){.name = "A", .slot = offsetof(lw_sgemm_args, A), .rows = g->trans_a ? g->K : g->M,
                          .cols = stored_cols_a(g), .ld = g->lda};
    out[B] = (lw_operand){.name = "B", .slot = offsetof(lw_sgemm_args, B), .rows = g->trans_b ? g->N : g->K,
                          .cols = stored_cols_b(g), .ld = g->ldb};
    out[C] = (lw_operand){.name = "C", .slot = offsetof(lw_sgemm_args, C), .role = g->beta == 0 ? LW_OUT : LW_INOUT,
                          .rows = g->M, .cols = g->N, .ld = g->ldc};
    return 3;
}

static double flop(const lw_problem *p)
{
    const lw_sgemm_args *g = &p->args.sgemm;
    return 2.0 * (double)g->M * (double)g->N * (double)g->K;
}

static void set(lw_problem *p, int m, int n, int k, unsigned variant)
{
    static const float alphas[] = {1, 1, -1, 2}, betas[] = {0, 1, -2, 0, 1};
    lw_sgemm_args *g = args_of(p);
    *g = (lw_sgemm_args){.M = m, .N = n, .K = k, .trans_a = variant & 1, .trans_b = variant >> 1 & 1};
    variant >>= 2;
    g->alpha = alphas[variant % 4];
    g->beta = betas[variant % 5];
    if (variant % 3 == 1) {
        g->lda = at_least_1(stored_cols_a(g)) + 1;
        g->ldb = at_least_1(stored_cols_b(g)) + 5;
        g->ldc = at_least_1(n) + 3;
    }
    if (variant % 7 == 6) g->alpha = 0;
    close_rows(g);
}

static void set_apart(lw_problem *p, int m, int n, int k, unsigned variant)
{
    set(p, m, n, k, variant);
    args_of(p)->lda = 1100;
}

/* Rows of K whole pages apart. */
static void set_pages_apart(lw_problem *p, int m, int n, int k, unsigned variant)
{
    lw_sgemm_args *g = args_of(p);
    set(p, m, n, k, variant);
    if (g->trans_a) g->lda = 1024;
    if (!g->trans_b) g->ldb = 1024;
}

static bool awkward(lw_problem *p, int mr, int nr, size_t i)
{
    static const int depth[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 255, 256, 257, 511, 513};
    static const int line[][2] = {{1, 1}, {3, 40}, {12, 65}, {37, 9}, {66, 31}, {133, 70}, {500, 603}, {2100, 19}};
    const int lines = 2 * (int)(sizeof line / sizeof line[0]);
    const int tile = mr ? mr : 8, panel = nr ? nr : 16; /* rows and columns */
    const int rows = 2 * tile + 2, cols = 2 * panel + 2, depths = sizeof depth / sizeof depth[0];
    const unsigned trans = (unsigned)(i % 4);
    int at = (int)(i / 4);
    const unsigned variant = trans | (unsigned)at << 2;
    if (at < rows)
        set(p, at, nr ? nr + 1 : 9, 17, variant); /* deep enough for a single column by dot products */
    else if (at < rows + cols)
        set(p, mr ? mr + 1 : 5, at - rows, 9, variant);
    else if (at < rows + cols + depths)
        set(p, mr ? mr + 2 : 5, nr ? nr + 3 : 10, depth[at - rows - cols], variant);
    else if (at == rows + cols + depths) /* past a block of rows, of columns and of depth, whatever they are */
        set(p, 131, 6 * panel + 5, 300, variant);
    else if (at == rows + cols + depths + 1) /* rows of A a page apart, read by many panels */
        set_apart(p, tile + 1, 48 * panel + 5, 17, variant);
    else if ((at -= rows + cols + depths + 2) < panel) /* fewer columns than a panel, past a block of depth */
        set(p, 2 * panel + 3, at, 261, variant);
    else if ((at -= panel) == 0) /* and past a stretch of rows */
        set(p, 523, panel / 2 + 2, 40, variant);
    else if (at == 1) /* two columns past a panel, deep enough for dot products */
        set(p, mr ? mr + 1 : 5, panel + 2, 40, variant);
    else if (at == 2) /* many tiles of what fits L1 */
        set(p, 20 * tile, 2 * panel + 3, 17, variant);
    else if ((at -= 3) < lines) /* a single row, a single column */
        set(p, at % 2 ? line[at / 2][0] : 1, at % 2 ? 1 : line[at / 2][0], line[at / 2][1], variant);
    else if (at == lines) /* rows of K that meet in one set of L1, read by a few tiles and panels */
        set_pages_apart(p, 5 * tile + 1, 5 * panel + 5, 80, variant);
    else if (at == lines + 1) /* panels of B that many tiles read */
        set(p, 36 * tile + 1, 5 * panel + 5, 40, variant);
    else if (at < lines + 5) /* a panel that a team of three or more shares, of whom some have no rows */
        set(p, tile + 1, panel / 2, 700 + at - lines, variant);
    else if (at < lines + 7) /* panels that each of two or four members has to itself, past a block of depth */
        set(p, 35 * tile + 1, 4 * panel - 3, 345 + at - lines, variant);
    else
        return false;
    return true;
}

static void any(lw_problem *p, uint64_t *random)
{
    const int m = lw_random_int(random, 0, 70), n = lw_random_int(random, 0, 120), k = lw_random_int(random, 0, 300);
    set(p, m, n, k, (unsigned)lw_random_int(random, 0, 1 << 12));
}

static void reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_sgemm_args *g = &p->args.sgemm;
    const float *a = data[A], *b = data[B], *c = data[C];
    const double depth = (double)g->K;
    const bool sums = g->alpha != 0 && g->K > 0;
    for (ptrdiff_t i = 0; i < g->M; i++) {
        double *value = want[C].value + i * g->N, *bound = want[C].bound + i * g->N;
        for (ptrdiff_t j = 0; j < g->N; j++) value[j] = bound[j] = 0;
        for (ptrdiff_t k = 0; sums && k < g->K; k++) {
            const double x = g->trans_a ? a[k * g->lda + i] : a[i * g->lda + k], size = fabs(x);
            const ptrdiff_t step = g->trans_b ? g->ldb : 1;
            const float *y = g->trans_b ? b + k : b + k * g->ldb;
            for (ptrdiff_t j = 0; j < g->N; j++) {
                value[j] += x * (double)y[j * step];
                bound[j] += size * fabs((double)y[j * step]);
            }
        }
        for (ptrdiff_t j = 0; j < g->N; j++) {
            const double old = g->beta == 0 ? 0 : (double)g->beta * (double)c[i * g->ldc + j];
            value[j] = (sums ? (double)g->alpha * value[j] : 0) + old;
            bound[j] = lw_sum_bound(depth, fabs((double)g->alpha) * bound[j] + fabs(old));
        }
    }
}

static const char *const problems[] = {
    "512x512:512x512", "64x576:576x64", "64x64:64x10", "64x64:64x64",
    "1024x1024:1024x1024", "7744x288:288x64", "64x64:64x576_nt", "576x64:64x64_tn", "64x10:10x64_nt", "64x64:64x10_tn",
    "288x7744:7744x64_tn", "128x128:128x128", "256x256:256x256", "512x512:512x512_nt", "512x512:512x512_tn",
    "512x512:512x512_tt", "33x65:65x17", "1x1024:1024x1024", "1024x1024:1024x1", NULL};

const lw_spec lw_spec_sgemm = {
    .syntax = "MxK:KxN[_nn|_nt|_tn|_tt][_alphaX][_betaX][_ldaN][_ldbN][_ldcN]",
    .problems = problems,
    .quick = 4,
    .exact = true,
    .parse = parse,
    .print = print,
    .operands = operands,
    .flop = flop,
    .awkward = awkward,
    .any = any,
    .reference = reference,
};
