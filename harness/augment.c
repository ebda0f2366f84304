/* SPDX-License-Identifier: BSD-3-Clause
 * augment.c: `bench augment`: a sheet of training images, each row one image, first as it is, then as training with
 * this augmentation sees it in one epoch after another. */
#define _GNU_SOURCE
#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/records/png.h"
#include "harness/train/train.h"
#include "nn/augment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const lw_usage usage = {
    "augment", "--out FILE.png [options]",
    "Shows what --augment of `bench train` does: a sheet of training images, one a row, first as it is and then as the "
    "epochs see it.",
    "Examples\n"
    "  bench augment --out sheet.png --augment rotate=10,translate=0.1,scale=0.1\n"
    "  bench augment --out sheet.png --data synthetic --augment elastic=4,grid=6 --rows 4 --columns 12\n"
    "\n"
    "Exit codes\n"
    "  0 written   2 wrong option, kernel or augmentation   3 data   4 the file cannot be written   6 out of memory\n",
    0};

typedef struct sheet_options {
    const char *data, *kernel, *augment, *out;
    uint64_t seed;
    int rows, columns;
} sheet_options;

static bool parse(sheet_options *o, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to show"},
        {LW_OPT_TEXT, "augment", 'a', "TEXT", &o->augment,
         .help = "The augmentation, as `bench train --augment` takes it (rotate=10,translate=0.1,scale=0.1)."},
        {LW_OPT_TEXT, "data", 'd', "NAME|DIR", &o->data, .help = "The data set, as `bench train --data` takes it."},
        {LW_OPT_INT, "rows", .arg = "N", .value = &o->rows, .min = 1, .max = 1000, .help = "Images (10)."},
        {LW_OPT_INT, "columns", .arg = "N", .value = &o->columns, .min = 1, .max = 1000, .help = "Epochs (10)."},
        {LW_OPT_U64, "seed", 's', "N", &o->seed, .help = "The seed of training (1)."},
        {LW_OPT_TEXT, "kernel", 'k', "K", &o->kernel, .help = "Kernel set."},
        {LW_OPT_TEXT, "out", 'o', "FILE", &o->out, .help = "The PNG file."},
        {.kind = LW_OPT_END}};
    return lw_options_parse(&usage, table, argc, argv, code);
}

enum { GAP = 2, LIGHT = 64 }; /* a grey line between the images */

static void put_image(uint8_t *sheet, int pitch, const lw_images *images, int row, int column, const float *image)
{
    for (int y = 0; y < images->h; y++)
        for (int x = 0; x < images->w; x++) {
            float value = roundf(255 * image[y * images->w + x]);
            int to_y = GAP + row * (images->h + GAP) + y, to_x = GAP + column * (images->w + GAP) + x;
            sheet[(ptrdiff_t)to_y * pitch + to_x] = (uint8_t)fmaxf(0, fminf(255, value));
        }
}

static int draw(const sheet_options *o, const lw_images *images, const lw_augmenter *g)
{
    int rows = o->rows < images->count ? o->rows : (int)images->count;
    int h = GAP + rows * (images->h + GAP), w = GAP + (o->columns + 1) * (images->w + GAP);
    ptrdiff_t pixels = (ptrdiff_t)images->h * images->w;
    uint8_t *sheet = lw_alloc((size_t)h * (size_t)w);
    float *image = lw_alloc((size_t)pixels * sizeof *image);
    lw_error err;
    bool ok = sheet && image ? true : lw_refuse(&err, LW_ERROR_MEMORY, "out of memory for a sheet of %dx%d", h, w);
    if (ok) memset(sheet, LIGHT, (size_t)h * (size_t)w);
    for (int i = 0; ok && i < rows; i++)
        for (int j = 0; j <= o->columns; j++) {
            const uint8_t *src = images->pixels + i * pixels;
            for (ptrdiff_t k = 0; k < pixels; k++)
                image[k] = src[k] / 255.0f;
            if (j > 0) lw_augmenter_image(g, 0, o->seed, (uint64_t)j - 1, (uint64_t)i, src, 1.0f / 255, 0, image);
            put_image(sheet, w, images, i, j, image);
        }
    ok = ok && lw_png_write(o->out, sheet, h, w, &err);
    lw_free(sheet);
    lw_free(image);
    if (!ok) return lw_fail_error("augment", &err);
    printf("%s: %d images of %dx%d, as they are and in %d epochs\n", o->out, rows, images->h, images->w, o->columns);
    return LW_EXIT_OK;
}

int lw_cmd_augment(int argc, char **argv)
{
    sheet_options o = {.augment = "rotate=10,translate=0.1,scale=0.1", .seed = 1, .rows = 10, .columns = 10};
    lw_augment settings;
    lw_augmenter g = {0};
    lw_dispatch kernels;
    lw_dataset data;
    lw_error err;
    char message[1024];
    int code;
    if (!parse(&o, argc, argv, &code)) return code;
    if (!o.out) return lw_fail(LW_EXIT_USAGE, "augment", "--out FILE.png says where the sheet goes");
    if (!lw_dispatch_init(&kernels, o.kernel, message, sizeof message)) return lw_fail(LW_EXIT_USAGE, "augment", "%s", message);
    if (!lw_augment_parse(&settings, o.augment, &err) || !lw_dataset_load(&data, o.data, getenv("LANEWISE_DATA"), &err))
        return lw_fail_error("augment", &err);
    if (lw_augmenter_init(&g, &settings, &kernels, data.train.h, data.train.w, 1, &err))
        code = draw(&o, &data.train, &g);
    else
        code = lw_fail_error("augment", &err);
    lw_augmenter_free(&g);
    lw_dataset_free(&data);
    return code;
}
