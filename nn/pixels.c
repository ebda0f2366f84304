/* SPDX-License-Identifier: BSD-3-Clause
 * pixels.c: how pixels become a network's input. */
#include "nn/pixels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char **at, char end, double *value)
{
    char *after;
    *value = strtod(*at, &after);
    if (after == *at || *after != end || !isfinite(*value)) return false;
    *at = after + 1;
    return true;
}

bool lw_pixels_parse(lw_pixels *p, bool *measure, const char *text, lw_error *err)
{
    *measure = strcmp(text, "standard") == 0;
    if (*measure) return true;
    *p = (lw_pixels){0, 1};
    if (strcmp(text, "unit") == 0) return true;
    const char *at = text;
    if (read_number(&at, ',', &p->mean) && read_number(&at, '\0', &p->sd) && fabs(p->mean) <= 255 &&
        p->sd >= 1e-6 && p->sd <= 255)
        return true;
    return lw_refuse(err, LW_ERROR_SETTING, "expected unit, standard or MEAN,SD of pixels in 0 .. 1 with SD above 0, "
                     "such as 0.1307,0.3081; got '%s'", text);
}

void lw_pixels_text(const lw_pixels *p, char text[LW_PIXELS_TEXT])
{
    snprintf(text, LW_PIXELS_TEXT, "%.17g,%.17g", p->mean, p->sd);
}

/* Sums of whole numbers are exact: 2^47 pixels would fit. */
bool lw_pixels_measure(lw_pixels *p, const lw_images *images, lw_error *err)
{
    const ptrdiff_t n = images->count * images->h * images->w;
    uint64_t sum = 0, squares = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const uint64_t v = images->pixels[i];
        sum += v;
        squares += v * v;
    }
    const double mean = (double)sum / (double)n, variance = (double)squares / (double)n - mean * mean;
    *p = (lw_pixels){mean / 255, sqrt(fmax(variance, 0)) / 255};
    if (p->sd >= 1e-6) return true;
    return lw_refuse(err, LW_ERROR_DATA, "all pixels of the %td training images are the same: they have no standard "
                     "deviation to divide by", images->count);
}

void lw_pixels_apply(const lw_pixels *p, lw_net *net)
{
    net->pixel_scale = (float)(1 / (255 * p->sd));
    net->pixel_shift = (float)(-p->mean / p->sd);
}
