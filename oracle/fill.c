/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fill.c: the three kinds of values.
 *   EXACT         integers of -3 .. 3: products and sums of up to 2^20 terms are exact in fp32, in any order.
 *   RANDOM        uniform in [-1, 1).
 *   PATHOLOGICAL  runs of signed zeros, denormals, huge, tiny and ordinary values, and in most operands one NaN
 *                 or infinity, in the last places as often as in all others. Huge is 2^55: thousands of products of
 *                 two such numbers are still finite, so that the reference and a kernel overflow in the same places.
 */
#include "oracle/fill.h"

#include "oracle/random.h"

#include <math.h>
#include <string.h>

size_t lw_element_bytes(lw_element element)
{
    return element == LW_U8 ? 1 : 4;
}

ptrdiff_t lw_operand_extent(const lw_operand *o)
{
    return o->rows == 0 || o->cols == 0 ? 0 : (o->rows - 1) * o->ld + o->cols;
}

size_t lw_operand_bytes(const lw_operand *o)
{
    return (size_t)lw_operand_extent(o) * lw_element_bytes(o->element);
}

/* ---------------------------------------------------------------- integers */

static void fill_integers(const lw_operand *o, void *data, uint64_t *random)
{
    uint8_t *bytes = data;
    int32_t *words = data;
    for (ptrdiff_t r = 0; r < o->rows; r++)
        for (ptrdiff_t c = 0; c < o->cols; c++) {
            const int value = lw_random_int(random, 0, o->limit - 1);
            if (o->element == LW_U8)
                bytes[r * o->ld + c] = (uint8_t)value;
            else
                words[r * o->ld + c] = value;
        }
}

/* ---------------------------------------------------------------- floats */

typedef enum pattern { ORDINARY, ZEROS, DENORMALS, HUGE_ONES, TINY_ONES, MIXED, PATTERNS } pattern;

static float patterned(pattern p, uint64_t *random)
{
    const float ordinary = lw_random_signed(random);
    switch (p) {
    case ZEROS: return copysignf(0.0f, ordinary);
    case DENORMALS: return ordinary * 0x1p-130f;
    case HUGE_ONES: return ordinary * 0x1p55f;
    case TINY_ONES: return ordinary * 0x1p-90f;
    case MIXED: return patterned((pattern)lw_random_int(random, 0, MIXED - 1), random);
    default: return ordinary;
    }
}

static void place_special(const lw_operand *o, float *data, uint64_t *random)
{
    static const float specials[] = {NAN, INFINITY, -INFINITY};
    const int which = lw_random_int(random, 0, 4); /* the last two: none */
    ptrdiff_t c = lw_random_int(random, 0, (int)(o->cols < 1 << 30 ? o->cols : 1 << 30) - 1);
    ptrdiff_t r = lw_random_int(random, 0, (int)(o->rows < 1 << 30 ? o->rows : 1 << 30) - 1);
    if (lw_random(random) % 2) c = o->cols - 1 - c % (o->cols < 8 ? o->cols : 8);
    if (which < 3) data[r * o->ld + c] = o->values == LW_VALUES_NONNEGATIVE ? fabsf(specials[which]) : specials[which];
}

static void fill_pathological(const lw_operand *o, float *data, uint64_t *random)
{
    pattern p = ORDINARY;
    int left = 0;
    for (ptrdiff_t r = 0; r < o->rows; r++)
        for (ptrdiff_t c = 0; c < o->cols; c++) {
            if (left-- == 0) {
                p = (pattern)lw_random_int(random, 0, PATTERNS - 1);
                left = lw_random_int(random, 0, 40);
            }
            data[r * o->ld + c] = patterned(p, random);
        }
    if (o->rows > 0 && o->cols > 0) place_special(o, data, random);
}

static void fill_plain(const lw_operand *o, float *data, bool exact, uint64_t *random)
{
    for (ptrdiff_t r = 0; r < o->rows; r++)
        for (ptrdiff_t c = 0; c < o->cols; c++)
            data[r * o->ld + c] = exact ? (float)lw_random_int(random, -3, 3) : lw_random_signed(random);
}

static void make_nonnegative(const lw_operand *o, float *data)
{
    for (ptrdiff_t r = 0; r < o->rows; r++)
        for (ptrdiff_t c = 0; c < o->cols; c++) data[r * o->ld + c] = fabsf(data[r * o->ld + c]);
}

void lw_fill_operand(const lw_operand *o, void *data, lw_fill fill, uint64_t *random)
{
    if (o->element != LW_F32) {
        fill_integers(o, data, random);
        return;
    }
    if (fill == LW_FILL_PATHOLOGICAL)
        fill_pathological(o, data, random);
    else
        fill_plain(o, data, fill == LW_FILL_EXACT, random);
    if (o->values == LW_VALUES_NONNEGATIVE) make_nonnegative(o, data);
}

void lw_fill_unwritten(const lw_operand *o, void *data)
{
    for (ptrdiff_t r = 0; r < o->rows; r++) {
        if (o->element == LW_F32)
            for (ptrdiff_t c = 0; c < o->cols; c++) ((float *)data)[r * o->ld + c] = NAN;
        else
            memset((uint8_t *)data + (size_t)(r * o->ld) * lw_element_bytes(o->element), 0xff,
                   (size_t)o->cols * lw_element_bytes(o->element));
    }
}
