/* SPDX-License-Identifier: BSD-3-Clause
 * train_pixels.c: the size of the images and what the network sees of a pixel: as asked, else as the weights that
 * training starts from were trained with, else as the data set has them. */
#include "harness/train/train.h"

#include "nn/resize.h"
#include "nn/safetensors.h"

#include <stdio.h>

/* What --init-from says of itself, where nothing else was asked for. Files of other programs say nothing. */
static bool inherit(lw_train *t, lw_error *err)
{
    const lw_train_options *o = &t->options;
    snprintf(t->resize, sizeof t->resize, "%s", o->resize ? o->resize : "");
    snprintf(t->normalize, sizeof t->normalize, "%s", o->normalize ? o->normalize : "unit");
    if (!o->init_from || (o->resize && o->normalize)) return true;
    lw_safetensors *file = lw_safetensors_open(o->init_from, err);
    if (!file) return false;
    if (!o->resize) lw_safetensors_metadata(file, "resize", t->resize, sizeof t->resize);
    if (!o->normalize) lw_safetensors_metadata(file, "normalize", t->normalize, sizeof t->normalize);
    lw_safetensors_close(file);
    return true;
}

/* Of a text from the metadata, which file it was in. */
static bool refuse_metadata(const lw_train *t, const char *key, lw_error *err)
{
    const lw_error why = *err;
    return lw_refuse(err, LW_ERROR_DATA, "%s: %s in its metadata: %.400s", t->options.init_from, key, why.text);
}

bool lw_train_resize(lw_train *t, lw_error *err)
{
    int h, w;
    if (!inherit(t, err)) return false;
    if (!t->resize[0]) return true;
    /* What was given has been read before: only what a file said can be wrong here. */
    if (!lw_resize_parse(t->resize, &h, &w, err)) return refuse_metadata(t, "resize", err);
    return lw_dataset_resize(&t->data, h, w, err);
}

bool lw_train_normalize(lw_train *t, lw_error *err)
{
    bool measure;
    if (!lw_pixels_parse(&t->pixels, &measure, t->normalize, err)) return refuse_metadata(t, "normalize", err);
    return !measure || lw_pixels_measure(&t->pixels, &t->train, err);
}
