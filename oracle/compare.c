/* SPDX-License-Identifier: BSD-3-Clause
 * compare.c: element by element, never stopping at the first. */
#include "oracle/compare.h"

#include "oracle/buffer.h"
#include "oracle/fill.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static double element(const lw_operand *o, const void *data, ptrdiff_t index)
{
    const ptrdiff_t at = index / o->cols * o->ld + index % o->cols;
    switch (o->element) {
    case LW_U8: return ((const uint8_t *)data)[at];
    case LW_I32: return ((const int32_t *)data)[at];
    default: return (double)((const float *)data)[at];
    }
}

/* |got - want| in units of the bound. */
static double distance(double got, double want, double bound, bool bits)
{
    if (isnan(want)) return isnan(got) ? 0 : INFINITY;
    if (isnan(got)) return INFINITY;
    if (bits) return got == want && signbit(got) == signbit(want) ? 0 : INFINITY;
    if (got == want) return 0;
    if (isinf(want)) return INFINITY;
    if (isinf(got)) return fabs(want) + bound >= (double)FLT_MAX && (got > 0) == (want > 0) ? 0 : INFINITY;
    return bound > 0 ? fabs(got - want) / bound : INFINITY;
}

static double largest(const double *bound, ptrdiff_t count)
{
    double most = 0;
    for (ptrdiff_t i = 0; i < count; i++) most = fmax(most, bound[i]);
    return most;
}

lw_comparison lw_compare(const lw_operand *o, const void *got, const lw_want *want, bool exact, double tolerance, bool mixes)
{
    lw_comparison c = {0, -1, 0};
    const double factor = exact ? 0 : tolerance;
    const double least = mixes && o->element == LW_F32 ? largest(want->bound, o->rows * o->cols) : 0;
    for (ptrdiff_t i = 0; i < o->rows * o->cols; i++) {
        const double d = distance(element(o, got, i), want->value[i], fmax(want->bound[i], least) * factor, o->bits);
        c.wrong += d > 1;
        if (d > c.worst || c.at < 0) {
            c.worst = d;
            c.at = i;
        }
    }
    return c;
}

lw_comparison lw_compare_specials(const lw_operand *o, const void *got, const lw_want *want)
{
    lw_comparison c = {.at = 0};
    for (ptrdiff_t i = 0; o->element == LW_F32 && i < o->rows * o->cols; i++) {
        if (isfinite(want->value[i]) || !isfinite(element(o, got, i))) continue;
        c = (lw_comparison){.worst = INFINITY, .at = i, .wrong = c.wrong + 1};
    }
    return c;
}

void lw_comparison_describe(const lw_comparison *c, const lw_operand *o, const void *got, const lw_want *want,
                            bool exact, double tolerance, char *text, size_t size)
{
    snprintf(text, size, "%s[%td][%td] is %.9g, wanted %.9g +- %.3g (%td of %td elements wrong)", o->name,
             c->at / o->cols, c->at % o->cols, element(o, got, c->at), want->value[c->at],
             exact ? 0 : want->bound[c->at] * tolerance, c->wrong, o->rows * o->cols);
}

bool lw_operand_same_bits(const lw_operand *o, const void *a, const void *b)
{
    const size_t size = lw_element_bytes(o->element);
    for (ptrdiff_t r = 0; o->cols > 0 && r < o->rows; r++) {
        const size_t at = (size_t)(r * o->ld) * size;
        if (memcmp((const char *)a + at, (const char *)b + at, (size_t)o->cols * size) != 0) return false;
    }
    return true;
}

bool lw_operand_padding_intact(const lw_operand *o, const void *data)
{
    const uint8_t *bytes = data;
    const size_t size = lw_element_bytes(o->element);
    for (ptrdiff_t r = 0; o->cols > 0 && r + 1 < o->rows; r++)
        for (size_t i = (size_t)(r * o->ld + o->cols) * size; i < (size_t)((r + 1) * o->ld) * size; i++)
            if (bytes[i] != LW_POISON) return false;
    return true;
}
