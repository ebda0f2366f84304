/* SPDX-License-Identifier: BSD-3-Clause
 * train_identity.c: which run this is: its resolved configuration as text, and the SHA-256 of that. */
#define _GNU_SOURCE
#include "harness/train/train.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers as %a: the identity must not depend on how many digits are enough. */
void lw_train_describe(const lw_train_options *o, const char *kernel, const char *data, uint64_t seed, FILE *out)
{
    char schedule[LW_SCHEDULE_TEXT];
    lw_schedule_text(&o->schedule, schedule);
    fprintf(out, "model = %s\ndata = %s\nvalidation-split = %a\ntest = %d\n", o->model, data, o->validation_split, o->test);
    fprintf(out, "epochs = %d\nbatch = %d\ninit = %d\ndense = %d\n", o->epochs, o->batch, (int)o->init, o->dense);
    fprintf(out, "optimizer = %s\nlr = %a\nschedule = %s\nmomentum = %a\nnesterov = %d\nweight-decay = %a\n",
            lw_optimizer_name(o->optimizer.kind), o->optimizer.lr, schedule, o->optimizer.momentum, o->optimizer.nesterov,
            o->optimizer.weight_decay);
    char augment[LW_AUGMENT_TEXT];
    lw_augment_text(&o->augment, augment);
    if (augment[0]) fprintf(out, "augment = %s\n", augment);
    if (o->resize) fprintf(out, "resize = %s\n", o->resize);
    if (o->normalize) fprintf(out, "normalize = %s\n", o->normalize);
    if (o->fraction < 1) fprintf(out, "fraction = %a\n", o->fraction);
    if (o->init_from) fprintf(out, "init-from = %s%s\n", o->init_run[0] ? "run " : "", o->init_run[0] ? o->init_run : o->init_sha256);
    if (o->anew) fprintf(out, "anew = %s\n", o->anew);
    if (o->freeze) fprintf(out, "freeze = %s\n", o->freeze);
    if (o->lr_factor) fprintf(out, "lr-factor = %s\n", o->lr_factor);
    if (o->smoothing > 0) fprintf(out, "label-smoothing = %a\n", o->smoothing);
    fprintf(out, "ema = %a\npatience = %d\nkeep = %s\n", o->ema, o->patience, o->keep_best ? "best" : "last");
    if (o->choice) fprintf(out, "choice = %s\n", o->choice_sha256);
    if (o->variant) fprintf(out, "variant = %s\n", o->variant);
    fprintf(out, "kernel = %s\nseed = %" PRIu64 "\n", kernel, seed);
}

bool lw_train_identity(const lw_train_options *o, const char *kernel, const char *data, uint64_t seed,
                       char identity[LW_SHA256_HEX])
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return false;
    lw_train_describe(o, kernel, data, seed, out);
    bool ok = fclose(out) == 0 && lw_sha256_hex(text, size, identity);
    free(text);
    return ok;
}

bool lw_train_hash_file(const char *path, char hex[LW_SHA256_HEX], lw_error *err)
{
    FILE *in = fopen(path, "rb");
    char *bytes = NULL;
    long size = in && fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    bool ok = size >= 0 && fseek(in, 0, SEEK_SET) == 0 && (bytes = malloc((size_t)size + 1)) != NULL &&
              fread(bytes, 1, (size_t)size, in) == (size_t)size;
    const int why = errno;
    if (ok) ok = lw_sha256_hex(bytes, (size_t)size, hex);
    if (in) fclose(in);
    free(bytes);
    return ok || lw_refuse(err, LW_ERROR_DATA, "cannot read %s: %s", path, strerror(why));
}
