/* SPDX-License-Identifier: BSD-3-Clause
 *
 * augment.h: training images that are never twice the same: turned, moved, magnified, sheared, distorted, mirrored,
 * partly erased. What happens to an image is a function of (seed, epoch, its index) alone, so neither threads nor the order
 * of the images change a bit. One warp per image does all of it but the erasing.
 *
 * Text: "rotate=10,translate=0.1,scale=0.1"; each value is a range around nothing:
 *   rotate     degrees to either side            translate  part of the height and width
 *   scale      1 - x .. 1 + x                    shear      degrees to either side
 *   elastic    pixels that the points of a grid are moved by, `grid` pixels apart, with cubic B-splines in between
 *   erase      probability of a black rectangle, whose sides are up to `erase-size` of the image's
 *   flip       probability that left and right change places
 */
#ifndef LW_AUGMENT_H
#define LW_AUGMENT_H

#include "kernels/kernels.h"
#include "nn/error.h"

enum {
    LW_AUGMENT_ROTATE,
    LW_AUGMENT_TRANSLATE,
    LW_AUGMENT_SCALE,
    LW_AUGMENT_SHEAR,
    LW_AUGMENT_ELASTIC,
    LW_AUGMENT_GRID,
    LW_AUGMENT_ERASE,
    LW_AUGMENT_ERASE_SIZE,
    LW_AUGMENT_FLIP,
    LW_AUGMENT_SETTINGS,
    LW_AUGMENT_TEXT = 320
};

typedef struct lw_augment {
    double value[LW_AUGMENT_SETTINGS];
} lw_augment;

/* NULL or "": nothing is done. */
bool lw_augment_parse(lw_augment *a, const char *text, lw_error *err);
void lw_augment_text(const lw_augment *a, char text[LW_AUGMENT_TEXT]); /* "" for nothing */
bool lw_augment_is_on(const lw_augment *a);

/* Settings with what they need of memory, for images of one size. */
typedef struct lw_augmenter {
    lw_augment settings;
    const lw_dispatch *kernels;
    int h, w, grid_h, grid_w;
    float *basis_h, *basis_w; /* h x grid_h, grid_w x w: B-splines at each pixel */
    float *scratch;           /* per thread: grid, product, dx, dy */
    ptrdiff_t scratch_floats;
    char *workspace; /* per thread, for the kernels */
    size_t workspace_bytes;
} lw_augmenter;

bool lw_augmenter_init(lw_augmenter *g, const lw_augment *settings, const lw_dispatch *kernels, int h, int w,
                       int threads, lw_error *err);
void lw_augmenter_free(lw_augmenter *g);

/* Image `src` of h x w pixels, which is number `index`, into `dst` as floats, pixel * scale + shift, black around
 * it and where it is erased. `thread`: 0 .. threads - 1. */
void lw_augmenter_image(const lw_augmenter *g, int thread, uint64_t seed, uint64_t epoch, uint64_t index,
                        const uint8_t *src, float scale, float shift, float *dst);

#endif
