/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_format.h: what a network wants of its images, as text: their size (resize.h) and what it sees of a pixel
 * (pixels.h). Weights remember it in their metadata, under "resize" and "normalize".
 */
#ifndef LW_IMAGE_FORMAT_H
#define LW_IMAGE_FORMAT_H

#include "nn/pixels.h"
#include "nn/safetensors.h"

typedef struct lw_image_format {
    char resize[32], normalize[LW_PIXELS_TEXT]; /* empty: nothing is said of it */
} lw_image_format;

/* Fills what is empty from the file's metadata, where that says something. */
void lw_image_format_read(lw_image_format *f, const lw_safetensors *file);

/* Put to use; a refusal names `path`, the file that a malformed text must come from. Resizing does nothing where no size
 * is said; for pixels see lw_pixels_parse, and nothing said is "unit". */
bool lw_image_format_resize(const lw_image_format *f, const char *path, lw_dataset *set, lw_error *err);
bool lw_image_format_pixels(const lw_image_format *f, const char *path, lw_pixels *p, bool *measure, lw_error *err);

#endif
