/* SPDX-License-Identifier: BSD-3-Clause
 * warp.c: the oracle of the affine warp. */
#include "oracle/spec.h"

#include "oracle/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SRC, DX, DY, DST };

static const lw_affine_warp_args preset = {.m = {1, 0, 0, 0, 1, 0}, .scale = 1.0f / 255};

static void close_problem(lw_problem *p, bool elastic)
{
    p->without = elastic ? 0 : 1u << DX | 1u << DY;
}

static bool parse_real(lw_scan *s, const char *word, float *value)
{
    double v;
    if (!lw_scan_word(s, word)) return false;
    if (!lw_scan_real(s, word + 1, -1e6, 1e6, &v)) return false;
    *value = (float)v;
    return true;
}

static bool parse(lw_scan *s, lw_problem *p)
{
    static const char *const words[6] = {"_xx", "_xy", "_x0_", "_yx", "_yy", "_y0_"};
    lw_affine_warp_args *a = &p->args.affine_warp;
    long h, w;
    *a = preset;
    if (!lw_scan_expect(s, "h") || !lw_scan_whole(s, "h", 1, 4000, &h)) return false;
    if (!lw_scan_expect(s, "w") || !lw_scan_whole(s, "w", 1, 4000, &w)) return false;
    a->h = (int)h;
    a->w = (int)w;
    for (int i = 0; i < 6; i++)
        parse_real(s, words[i], &a->m[i]);
    parse_real(s, "_scale", &a->scale);
    parse_real(s, "_shift", &a->shift);
    close_problem(p, lw_scan_word(s, "_elastic"));
    return lw_scan_end(s);
}

static void print_option(lw_problem *p, const char *word, float value, float usual)
{
    const size_t n = strlen(p->text);
    char number[32];
    if (value == usual) return;
    for (int digits = 1; digits <= 9; digits++) { /* the fewest that read back as the same number */
        snprintf(number, sizeof number, "%.*g", digits, (double)value);
        if ((float)strtod(number, NULL) == value) break;
    }
    snprintf(p->text + n, sizeof p->text - n, "%s%s", word, number);
}

static void print(lw_problem *p)
{
    static const char *const words[6] = {"_xx", "_xy", "_x0_", "_yx", "_yy", "_y0_"};
    const lw_affine_warp_args *a = &p->args.affine_warp;
    snprintf(p->text, sizeof p->text, "h%dw%d", a->h, a->w);
    for (int i = 0; i < 6; i++)
        print_option(p, words[i], a->m[i], preset.m[i]);
    print_option(p, "_scale", a->scale, preset.scale);
    print_option(p, "_shift", a->shift, 0);
    const size_t n = strlen(p->text);
    if (!p->without) snprintf(p->text + n, sizeof p->text - n, "_elastic");
}

static lw_operand image(const char *name, size_t slot, lw_role role, const lw_affine_warp_args *a)
{
    return (lw_operand){.name = name, .slot = slot, .role = role, .rows = a->h, .cols = a->w, .ld = a->w};
}

static int operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const lw_affine_warp_args *a = &p->args.affine_warp;
    out[SRC] = image("src", offsetof(lw_affine_warp_args, src), LW_IN, a);
    out[SRC].element = LW_U8;
    out[SRC].values = LW_VALUES_BELOW;
    out[SRC].limit = 256;
    out[DX] = image("dx", offsetof(lw_affine_warp_args, dx), LW_IN, a);
    out[DY] = image("dy", offsetof(lw_affine_warp_args, dy), LW_IN, a);
    out[DST] = image("dst", offsetof(lw_affine_warp_args, dst), LW_OUT, a);
    return 4;
}

static double flop(const lw_problem *p)
{
    return 20.0 * p->args.affine_warp.h * p->args.affine_warp.w;
}

/* Whole shifts, turns, magnifications, a map to one point, and maps that lead far outside. */
static const float maps[][6] = {{1, 0, 0, 0, 1, 0},      {1, 0, 1, 0, 1, -2},         {0, 1, 0, 1, 0, 0},   {-1, 0, 5, 0, 1, 0},
                                {0.9f, 0.4f, -2, -0.4f, 0.9f, 3}, {0.25f, 0, 0.125f, 0, 0.5f, 0}, {3, 0, -4, 0.5f, 2, -1},
                                {0, 0, 1.5f, 0, 0, 0.5f}, {1, 0, 1e6f, 0, 1, 0},      {1000, 0, -1e6f, 0, -1000, 5e5f}};
enum { MAPS = sizeof maps / sizeof maps[0] };

static void variant(lw_problem *p, size_t i)
{
    lw_affine_warp_args *a = &p->args.affine_warp;
    memcpy(a->m, maps[i % MAPS], sizeof a->m);
    a->scale = i % 4 == 1 ? 1 : i % 4 == 3 ? -0.5f : 1.0f / 255;
    a->shift = i % 3 == 2 ? 0.75f : 0;
    close_problem(p, i % 2);
}

static bool awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    enum { WIDTHS = 36, HEIGHTS = 4 };
    static const int heights[HEIGHTS] = {1, 2, 3, 29};
    if (i >= WIDTHS * HEIGHTS * 2) return false;
    p->args.affine_warp.w = 1 + (int)(i / 2) % WIDTHS;
    p->args.affine_warp.h = heights[i / 2 / WIDTHS];
    variant(p, i * 7 + i / WIDTHS);
    return true;
}

static void any(lw_problem *p, uint64_t *random)
{
    lw_affine_warp_args *a = &p->args.affine_warp;
    variant(p, (size_t)lw_random_int(random, 0, 11));
    a->h = lw_random_int(random, 1, 40);
    a->w = lw_random_int(random, 1, 80);
    for (int i = 0; i < 6; i++)
        a->m[i] = lw_random_signed(random) * (i % 3 == 2 ? 20 : 2);
}

static double pixel(const lw_affine_warp_args *a, const uint8_t *src, double y, double x)
{
    if (!(y >= 0 && y < a->h && x >= 0 && x < a->w)) return 0;
    return src[(ptrdiff_t)y * a->w + (ptrdiff_t)x];
}

/* The tent around each of the four pixels. */
static double interpolate(const lw_affine_warp_args *a, const uint8_t *src, double sy, double sx)
{
    double sum = 0;
    if (!isfinite(sy) || !isfinite(sx)) return 0;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            const double y = floor(sy) + i, x = floor(sx) + j;
            sum += pixel(a, src, y, x) * (1 - fabs(sy - y)) * (1 - fabs(sx - x));
        }
    return sum;
}

static void reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_affine_warp_args *a = &p->args.affine_warp;
    const uint8_t *src = data[SRC];
    const float *dx = data[DX], *dy = data[DY];
    const double scale = (double)a->scale, shift = (double)a->shift;
    for (int y = 0; y < a->h; y++)
        for (int x = 0; x < a->w; x++) {
            const ptrdiff_t at = (ptrdiff_t)y * a->w + x;
            const double ex = p->without ? 0 : (double)dx[at], ey = p->without ? 0 : (double)dy[at];
            const double term[8] = {(double)a->m[0] * x, (double)a->m[1] * y, (double)a->m[2], ex,
                                    (double)a->m[3] * x, (double)a->m[4] * y, (double)a->m[5], ey};
            const double sx = term[0] + term[1] + term[2] + ex, sy = term[4] + term[5] + term[6] + ey;
            double size = 3;
            for (int i = 0; i < 8; i++)
                size += fabs(term[i]);
            /* No interpolation differs by more than the largest pixel; far outside nothing does. */
            const double error = isfinite(size) ? fmin(8 * LW_EPS * 255 * size, 255) : 0;
            want[DST].value[at] = interpolate(a, src, sy, sx) * scale + shift;
            want[DST].bound[at] = error * fabs(scale) + 2 * LW_EPS * fabs(shift);
        }
}

static const char *const problems[] = {"h28w28_xx0.98_xy0.17_x0_-1_yx-0.17_yy0.98_y0_2",
                                       "h28w28_xx0.98_xy0.17_x0_-1_yx-0.17_yy0.98_y0_2_elastic", "h224w224_xx0.9_yy0.9", NULL};

const lw_spec lw_spec_affine_warp = {
    .syntax = "hNwN[_xxX][_xyX][_x0_X][_yxX][_yyX][_y0_X][_scaleX][_shiftX][_elastic]", .problems = problems, .quick = 1,
    .parse = parse, .print = print, .operands = operands, .flop = flop, .awkward = awkward, .any = any,
    .reference = reference};
