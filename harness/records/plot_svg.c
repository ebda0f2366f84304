/* SPDX-License-Identifier: BSD-3-Clause
 * plot_svg.c: SVG 1.1 in a fixed frame, built in memory. */
#define _GNU_SOURCE
#include "harness/records/plot_svg.h"

#include "nn/aside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Pixels. The frame leaves room for tick labels, titles, and the legend to the right. */
enum { WIDTH = 860, HEIGHT = 480, LEFT = 70, RIGHT = 620, TOP = 40, BOTTOM = 420, TICK = 5, LINE = 20 };

static double position(const lw_plot_axis *a, double value)
{
    if (a->logarithmic) return (log(value) - log(a->low)) / (log(a->high) - log(a->low));
    return (value - a->low) / (a->high - a->low);
}

static double x_of(const lw_plot *p, double x)
{
    return LEFT + (RIGHT - LEFT) * position(&p->x, x);
}

static double y_of(const lw_plot *p, double y)
{
    return BOTTOM - (BOTTOM - TOP) * position(&p->y, y);
}

static void put_text(FILE *out, double x, double y, const char *attributes, const char *text)
{
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, attributes);
    for (const char *c = text; *c; c++) {
        if (*c == '<')
            fputs("&lt;", out);
        else if (*c == '>')
            fputs("&gt;", out);
        else if (*c == '&')
            fputs("&amp;", out);
        else
            fputc(*c, out);
    }
    fputs("</text>\n", out);
}

static void put_line(FILE *out, double x1, double y1, double x2, double y2, const char *attributes)
{
    fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, attributes);
}

/* ---------------------------------------------------------------- ticks */

static void put_tick(FILE *out, const lw_plot *p, const lw_plot_axis *a, double value, bool labelled)
{
    char label[32];
    const double at = position(a, value);
    if (!(at > -1e-9 && at < 1 + 1e-9)) return;
    const double length = labelled ? TICK : TICK / 2.0;
    snprintf(label, sizeof label, "%g", value);
    if (a == &p->x) {
        const double x = x_of(p, value);
        if (labelled) put_line(out, x, TOP, x, BOTTOM, "stroke=\"#e0e0e0\"");
        put_line(out, x, BOTTOM, x, BOTTOM + length, "stroke=\"black\"");
        if (labelled) put_text(out, x, BOTTOM + LINE, "text-anchor=\"middle\"", label);
    } else {
        const double y = y_of(p, value);
        if (labelled) put_line(out, LEFT, y, RIGHT, y, "stroke=\"#e0e0e0\"");
        put_line(out, LEFT - length, y, LEFT, y, "stroke=\"black\"");
        if (labelled) put_text(out, LEFT - 2 * TICK, y + 4, "text-anchor=\"end\"", label);
    }
}

/* At 1 .. 9 times each power of ten. Labels at the powers, where these are many at every second or so, where they are
 * few at 2 and 5 times them as well. */
static void put_log_ticks(FILE *out, const lw_plot *p, const lw_plot_axis *a)
{
    const int first = (int)floor(log10(a->low)), last = (int)ceil(log10(a->high));
    const int every = 1 + (last - first) / 10;
    for (int power = first; power <= last; power++)
        for (int digit = 1; digit <= 9; digit++) {
            const bool fine = last - first <= 2 && (digit == 2 || digit == 5);
            put_tick(out, p, a, digit * pow(10, power), fine || (digit == 1 && power % every == 0));
        }
}

/* About six steps of 1, 2 or 5 times a power of ten. */
static void put_linear_ticks(FILE *out, const lw_plot *p, const lw_plot_axis *a)
{
    const double rough = (a->high - a->low) / 6, power = pow(10, floor(log10(rough))), part = rough / power;
    const double step = power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
    const double first = ceil(a->low / step - 1e-9);
    for (int i = 0; (first + i) * step <= a->high * (1 + 1e-9); i++)
        put_tick(out, p, a, (first + i) * step, true);
}

static void put_axis(FILE *out, const lw_plot *p, const lw_plot_axis *a)
{
    if (a->logarithmic)
        put_log_ticks(out, p, a);
    else
        put_linear_ticks(out, p, a);
}

/* ---------------------------------------------------------------- contents */

static void put_curve(FILE *out, const lw_plot *p, const lw_plot_curve *c)
{
    bool drawing = false;
    fprintf(out, "<path clip-path=\"url(#frame)\" fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\" d=\"", c->colour,
            c->width);
    for (int i = 0; i < c->count; i++) {
        const double x = x_of(p, c->x[i]), y = y_of(p, c->y[i]);
        const bool there = isfinite(x) && isfinite(y);
        /* Viewers count in fp32: what is far outside is cut off at a place where they still can. */
        if (there) fprintf(out, "%s%.2f %.2f", drawing ? " L" : " M", x, fmax(-1e4, fmin(1e4, y)));
        drawing = there;
    }
    fputs("\"/>\n", out);
}

static void put_legend(FILE *out, const char *name, const char *attributes, int line)
{
    const double y = TOP + LINE * (line + 0.5);
    put_line(out, RIGHT + 15, y, RIGHT + 45, y, attributes);
    put_text(out, RIGHT + 52, y + 4, "text-anchor=\"start\"", name);
}

static void put_contents(FILE *out, const lw_plot *p)
{
    char line[96];
    for (int i = 0; i < p->curve_count; i++) {
        const lw_plot_curve *c = &p->curves[i];
        put_curve(out, p, c);
        snprintf(line, sizeof line, "stroke=\"%s\" stroke-width=\"%.1f\"", c->colour, c->width);
        put_legend(out, c->name, line, i);
    }
    for (int i = 0; i < p->mark_count; i++) {
        const lw_plot_mark *m = &p->marks[i];
        if (!isfinite(m->x)) continue;
        snprintf(line, sizeof line, "stroke=\"%s\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"", m->colour);
        if (m->x >= p->x.low && m->x <= p->x.high) put_line(out, x_of(p, m->x), TOP, x_of(p, m->x), BOTTOM, line);
        put_legend(out, m->name, line, p->curve_count + i);
    }
}

static void put_plot(FILE *out, const lw_plot *p)
{
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
            "font-family=\"sans-serif\" font-size=\"12\">\n"
            "<clipPath id=\"frame\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/></clipPath>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, WIDTH, HEIGHT);
    put_text(out, (LEFT + RIGHT) / 2.0, TOP - 15, "text-anchor=\"middle\" font-size=\"14\"", p->title);
    put_text(out, (LEFT + RIGHT) / 2.0, BOTTOM + 2.2 * LINE, "text-anchor=\"middle\"", p->x.label);
    /* Turned about the place where it would have stood. */
    put_text(out, 0, 0, "text-anchor=\"middle\" transform=\"translate(20 230) rotate(-90)\"", p->y.label);
    put_axis(out, p, &p->x);
    put_axis(out, p, &p->y);
    put_contents(out, p);
    fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"black\"/>\n</svg>\n",
            LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP);
}

bool lw_plot_svg(const char *path, const lw_plot *plot, lw_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out) put_plot(out, plot);
    bool ok = out && fclose(out) == 0;
    ok = ok ? lw_write_aside(path, text, size, err) : lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s", path);
    free(text);
    return ok;
}
