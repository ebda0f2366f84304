/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixels.h: what a network sees of a pixel v of 0 .. 255: (v/255 - mean) / sd. It belongs to the weights: a network that
 * is tested or trained on must see what it learnt from.
 */
#ifndef LW_PIXELS_H
#define LW_PIXELS_H

#include "nn/dataset.h"
#include "nn/net.h"

enum { LW_PIXELS_TEXT = 64 };

typedef struct lw_pixels {
    double mean, sd;
} lw_pixels;

/* "unit" (mean 0, sd 1: pixels become 0 .. 1), "MEAN,SD", or "standard", for which *measure is set and the rest left. */
bool lw_pixels_parse(lw_pixels *p, bool *measure, const char *text, lw_error *err);

/* "MEAN,SD", with all digits, so that reading it gives the same bits. */
void lw_pixels_text(const lw_pixels *p, char text[LW_PIXELS_TEXT]);

/* Mean and standard deviation over all pixels of these images: LeCun et al., Efficient BackProp (1998), with one pair for
 * the set. false: all pixels are the same. */
bool lw_pixels_measure(lw_pixels *p, const lw_images *images, lw_error *err);

void lw_pixels_apply(const lw_pixels *p, lw_net *net);

#endif
