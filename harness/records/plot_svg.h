/* SPDX-License-Identifier: BSD-3-Clause
 * plot_svg.h: a diagram of curves as an SVG file: axes, linear or logarithmic, with labelled ticks, and a legend. */
#ifndef LW_PLOT_SVG_H
#define LW_PLOT_SVG_H

#include "nn/error.h"

typedef struct lw_plot_axis {
    const char *label;
    double low, high; /* low < high, finite; above 0 on a logarithmic axis */
    bool logarithmic;
} lw_plot_axis;

typedef struct lw_plot_curve {
    const char *name, *colour; /* "#1f77b4" */
    double width;              /* of the line, in pixels */
    const double *x, *y;
    int count; /* a point that is not finite parts the line; what lies outside of the axes is cut off */
} lw_plot_curve;

/* A dashed vertical line. */
typedef struct lw_plot_mark {
    const char *name, *colour;
    double x; /* not finite: left out */
} lw_plot_mark;

typedef struct lw_plot {
    const char *title;
    lw_plot_axis x, y;
    const lw_plot_curve *curves;
    int curve_count;
    const lw_plot_mark *marks;
    int mark_count;
} lw_plot;

/* Texts are UTF-8, and escaped as XML wants it. Whole or not at all. */
bool lw_plot_svg(const char *path, const lw_plot *plot, lw_error *err);

#endif
