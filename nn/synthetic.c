/* SPDX-License-Identifier: BSD-3-Clause
 *
 * synthetic.c: draws digits as strokes under a random affine map, with random pens, unsteady points and
 * specks. Lengths are in 1/64 pixel; C's integer division truncates on every machine, so no shift of a
 * negative number and no floating point is needed.
 */
#include "nn/synthetic.h"

#include "kernels/kernels.h"
#include "nn/rng.h"

#include <string.h>

enum {
    SIDE = LW_SYNTHETIC_SIDE,
    UNIT = 64, /* of a pixel */
    POINTS = 17,
    SPECKS = 14
};

static const uint64_t generator_seed = UINT64_C(0x4c616e6577697365); /* "Lanewise" */

typedef struct point {
    int x, y;
} point;

/* Strokes on a grid of 100 x 100, y downwards; every digit is one line. */
static const struct {
    int count;
    point at[POINTS];
} digits[10] = {
    {11, {{50, 5}, {72, 14}, {82, 35}, {82, 65}, {72, 86}, {50, 95}, {28, 86}, {18, 65}, {18, 35}, {28, 14}, {50, 5}}},
    {3, {{30, 25}, {52, 6}, {52, 95}}},
    {9, {{20, 28}, {28, 11}, {50, 5}, {72, 11}, {80, 28}, {72, 46}, {45, 68}, {18, 94}, {84, 94}}},
    {11, {{20, 16}, {40, 5}, {64, 6}, {78, 20}, {74, 38}, {48, 47}, {76, 56}, {84, 74}, {72, 90}, {46, 96}, {18, 86}}},
    {4, {{64, 95}, {64, 5}, {16, 66}, {86, 66}}},
    {9, {{78, 6}, {28, 6}, {24, 44}, {50, 38}, {74, 46}, {83, 66}, {74, 87}, {48, 96}, {18, 88}}},
    {11, {{70, 6}, {42, 22}, {24, 50}, {20, 72}, {32, 91}, {52, 96}, {74, 88}, {80, 70}, {70, 54}, {48, 49}, {26, 60}}},
    {4, {{16, 8}, {84, 8}, {58, 46}, {44, 95}}},
    {17,
     {{50, 47}, {28, 36}, {24, 20}, {36, 7}, {50, 5}, {64, 7}, {76, 20}, {72, 36}, {50, 47}, {26, 60}, {18, 76},
      {30, 92}, {50, 96}, {70, 92}, {82, 76}, {74, 60}, {50, 47}}},
    {11, {{78, 36}, {68, 50}, {46, 54}, {26, 44}, {20, 26}, {32, 9}, {54, 5}, {74, 14}, {79, 36}, {74, 66}, {56, 95}}},
};

static int between(lw_rng *rng, int low, int high)
{
    return low + (int)lw_rng_below(rng, (uint32_t)(high - low + 1));
}

/* ---------------------------------------------------------------- pen */

typedef struct pen {
    int64_t inner, outer; /* squared distances: full ink up to the one, none from the other */
    int reach;            /* the root of `outer` */
    int ink;
} pen;

/* Squared distance of p from the segment a b. */
static int64_t distance2(point p, point a, point b)
{
    int64_t dx = b.x - a.x, dy = b.y - a.y, px = p.x - a.x, py = p.y - a.y;
    int64_t length2 = dx * dx + dy * dy, along = px * dx + py * dy;
    if (along <= 0) return px * px + py * py;
    if (along >= length2) {
        px = p.x - b.x;
        py = p.y - b.y;
        return px * px + py * py;
    }
    return px * px + py * py - along * along / length2;
}

/* Pixels [first, last) of an axis: all whose centres the pen may reach from between a and b. */
typedef struct pixel_span {
    int first, last;
} pixel_span;

static pixel_span span_of(int a, int b, int reach)
{
    const int low = (a < b ? a : b) - reach - UNIT / 2, high = (a < b ? b : a) + reach - UNIT / 2;
    const int last = high < 0 ? 0 : high / UNIT + 1;
    return (pixel_span){low < 0 ? 0 : low / UNIT, last < SIDE ? last : SIDE};
}

static void draw_segment(uint8_t *pixels, point a, point b, const pen *with)
{
    const pixel_span rows = span_of(a.y, b.y, with->reach), columns = span_of(a.x, b.x, with->reach);
    for (int row = rows.first; row < rows.last; row++)
        for (int column = columns.first; column < columns.last; column++) {
            point centre = {column * UNIT + UNIT / 2, row * UNIT + UNIT / 2};
            int64_t d2 = distance2(centre, a, b);
            if (d2 >= with->outer) continue;
            int64_t value = with->ink;
            if (d2 > with->inner) value = value * (with->outer - d2) / (with->outer - with->inner);
            uint8_t *pixel = &pixels[row * SIDE + column];
            if (value > *pixel) *pixel = (uint8_t)value;
        }
}

/* ---------------------------------------------------------------- digits */

/* Grid to 1/64 pixel: matrix in 1/256, then the centre. */
typedef struct affine {
    int xx, xy, yx, yy, x, y;
} affine;

static affine random_affine(lw_rng *rng)
{
    int width = between(rng, 2300, 3700), height = between(rng, 2700, 3900);
    int slant = between(rng, -90, 90), tilt = between(rng, -45, 45);
    int x = SIDE * UNIT / 2 + between(rng, -160, 160), y = SIDE * UNIT / 2 + between(rng, -128, 128);
    return (affine){width, height * slant / 256, width * tilt / 256, height, x, y};
}

static point unsteady(lw_rng *rng, point p, const affine *map)
{
    int x = p.x - 50 + between(rng, -4, 4), y = p.y - 50 + between(rng, -4, 4);
    return (point){map->x + (map->xx * x + map->xy * y) / 256, map->y + (map->yx * x + map->yy * y) / 256};
}

static void draw(uint8_t *pixels, int label, lw_rng *rng)
{
    memset(pixels, 0, SIDE * SIDE);
    affine map = random_affine(rng);
    int radius = between(rng, 26, 72), reach = radius + UNIT;
    pen p = {radius * radius, reach * reach, reach, between(rng, 150, 255)};
    point last = unsteady(rng, digits[label].at[0], &map);
    for (int i = 1; i < digits[label].count; i++) {
        point next = unsteady(rng, digits[label].at[i], &map);
        draw_segment(pixels, last, next, &p);
        last = next;
    }
    for (int i = 0; i < SPECKS; i++) {
        int at = between(rng, 0, SIDE * SIDE - 1), ink = between(rng, 0, 200);
        if (ink > pixels[at]) pixels[at] = (uint8_t)ink;
    }
}

void lw_synthetic_draw(uint8_t pixels[LW_SYNTHETIC_SIDE * LW_SYNTHETIC_SIDE], int label, uint64_t sample)
{
    lw_rng rng = lw_rng_at(generator_seed, LW_PURPOSE_SYNTHETIC, 0, sample);
    draw(pixels, label, &rng);
}

/* ---------------------------------------------------------------- the set */

static const char *const on_record[LW_FILES] = {
    "d729f4c58bb2d5441c4623a795f9a611c7d5cea4177a284d3fdd77d5efe627f8",
    "c9951389f02ffbd55d72602de73b81c6c0dc482a673d2f026748290ec07d9201",
    "c25161e849e639ece1fb24f88e7df3b539e467ced169625b8cd5c6f6de8bff8a",
    "7a72e9663aa052d249907010f96088e128e887e2655cfd2a346e8ada9e33fb1f",
};

static void fill(uint8_t *pixels, uint8_t *labels, int count, uint64_t first_sample)
{
    lw_rng rng = lw_rng_at(generator_seed, LW_PURPOSE_SYNTHETIC, 1, first_sample);
    for (int i = 0; i < count; i++) {
        labels[i] = (uint8_t)lw_rng_below(&rng, 10);
        lw_synthetic_draw(pixels + (ptrdiff_t)i * SIDE * SIDE, labels[i], first_sample + (uint64_t)i);
    }
}

bool lw_synthetic_make(lw_images *train, lw_images *test, void *memory[LW_FILES],
                       char sha256[LW_FILES][LW_SHA256_HEX], lw_error *err)
{
    const size_t bytes[LW_FILES] = {(size_t)LW_SYNTHETIC_TRAIN * SIDE * SIDE, LW_SYNTHETIC_TRAIN,
                                    (size_t)LW_SYNTHETIC_TEST * SIDE * SIDE, LW_SYNTHETIC_TEST};
    for (int i = 0; i < LW_FILES; i++) {
        memory[i] = lw_alloc(bytes[i]);
        if (!memory[i]) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the synthetic digits");
    }
    fill(memory[LW_FILE_TRAIN_IMAGES], memory[LW_FILE_TRAIN_LABELS], LW_SYNTHETIC_TRAIN, 0);
    fill(memory[LW_FILE_TEST_IMAGES], memory[LW_FILE_TEST_LABELS], LW_SYNTHETIC_TEST, LW_SYNTHETIC_TRAIN);
    *train = (lw_images){LW_SYNTHETIC_TRAIN, SIDE, SIDE, memory[LW_FILE_TRAIN_IMAGES], memory[LW_FILE_TRAIN_LABELS]};
    *test = (lw_images){LW_SYNTHETIC_TEST, SIDE, SIDE, memory[LW_FILE_TEST_IMAGES], memory[LW_FILE_TEST_LABELS]};
    for (int i = 0; i < LW_FILES; i++) {
        if (!lw_sha256_hex(memory[i], bytes[i], sha256[i]))
            return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for a checksum");
        if (strcmp(sha256[i], on_record[i]) != 0)
            return lw_refuse(err, LW_ERROR_DATA, "the synthetic digits came out wrong (SHA-256 %.12s..., not %.12s...)",
                             sha256[i], on_record[i]);
    }
    return true;
}
