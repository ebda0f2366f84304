/* SPDX-License-Identifier: BSD-3-Clause
 * image_format.c: from metadata to images and pixels. */
#include "nn/image_format.h"

#include "nn/resize.h"

void lw_image_format_read(lw_image_format *f, const lw_safetensors *file)
{
    if (!f->resize[0]) lw_safetensors_metadata(file, "resize", f->resize, sizeof f->resize);
    if (!f->normalize[0]) lw_safetensors_metadata(file, "normalize", f->normalize, sizeof f->normalize);
}

static bool refuse(const char *path, const char *key, lw_error *err)
{
    const lw_error why = *err;
    return lw_refuse(err, LW_ERROR_DATA, "%s: %s in its metadata: %.400s", path, key, why.text);
}

bool lw_image_format_resize(const lw_image_format *f, const char *path, lw_dataset *set, lw_error *err)
{
    int h, w;
    if (!f->resize[0]) return true;
    if (!lw_resize_parse(f->resize, &h, &w, err)) return refuse(path, "resize", err);
    return lw_dataset_resize(set, h, w, err);
}

bool lw_image_format_pixels(const lw_image_format *f, const char *path, lw_pixels *p, bool *measure, lw_error *err)
{
    const char *text = f->normalize[0] ? f->normalize : "unit";
    return lw_pixels_parse(p, measure, text, err) || refuse(path, "normalize", err);
}
