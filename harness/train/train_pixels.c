/* SPDX-License-Identifier: BSD-3-Clause
 * train_pixels.c: the size of the images and what the network sees of a pixel: as asked, else as the weights that
 * training starts from were trained with, else as the data set has them. */
#include "harness/train/train.h"

#include <stdio.h>

/* What --init-from says of itself, where nothing else was asked for. Files of other programs say nothing. */
static bool find_format(lw_train *t, lw_error *err)
{
    const lw_train_options *o = &t->options;
    lw_image_format *f = &t->format;
    snprintf(f->resize, sizeof f->resize, "%s", o->resize ? o->resize : "");
    snprintf(f->normalize, sizeof f->normalize, "%s", o->normalize ? o->normalize : "");
    if (o->init_from && !(o->resize && o->normalize)) {
        lw_safetensors *file = lw_safetensors_open(o->init_from, err);
        if (!file) return false;
        lw_image_format_read(f, file);
        lw_safetensors_close(file);
    }
    if (!f->normalize[0]) snprintf(f->normalize, sizeof f->normalize, "unit");
    return true;
}

/* What was given has been read before: only what a file said can be wrong in these two. */
bool lw_train_resize(lw_train *t, lw_error *err)
{
    return find_format(t, err) && lw_image_format_resize(&t->format, t->options.init_from, &t->data, err);
}

bool lw_train_normalize(lw_train *t, lw_error *err)
{
    bool measure;
    if (!lw_image_format_pixels(&t->format, t->options.init_from, &t->pixels, &measure, err)) return false;
    return !measure || lw_pixels_measure(&t->pixels, &t->train, err);
}
