/* SPDX-License-Identifier: BSD-3-Clause
 *
 * resize.h: images of another size, by a triangle filter along each axis: bilinear interpolation where they grow; where
 * they shrink the triangle is as wide as two of the new pixels, so that nothing is skipped (no aliasing). Pixels are
 * squares: the centre of the first is at 0.5. Results are rounded to whole grey values.
 *
 * Source: Heckbert, Fundamentals of texture mapping and image warping (1989); the same as Pillow's BILINEAR and
 * TensorFlow's bilinear with antialias.
 */
#ifndef LW_RESIZE_H
#define LW_RESIZE_H

#include "nn/dataset.h"

/* "HxW", each from 1 to 4096. */
bool lw_resize_parse(const char *text, int *h, int *w, lw_error *err);

/* count images of src_h x src_w to as many of dst_h x dst_w. false: out of memory. */
bool lw_resize_images(const uint8_t *src, ptrdiff_t count, int src_h, int src_w, uint8_t *dst, int dst_h, int dst_w);

/* All images of the set, which keeps its name and its checksum. */
bool lw_dataset_resize(lw_dataset *set, int h, int w, lw_error *err);

#endif
