/* SPDX-License-Identifier: BSD-3-Clause
 * setting.c: the ways to fill and place operands, and what they are called. */
#include "oracle/oracle.h"

#include <stdio.h>

const lw_setting lw_setting_plain = {LW_FILL_RANDOM, LW_PLACE_ALIGNED, 0};

lw_setting lw_setting_at(size_t i, size_t problem)
{
    return (lw_setting){(lw_fill)(i % LW_FILL_COUNT), (lw_placement)(i / LW_FILL_COUNT % 4), 1 + (int)(problem % 15)};
}

const char *lw_setting_describe(lw_setting s, char *text, size_t size)
{
    static const char *const fills[LW_FILL_COUNT] = {"small integers", "random values", "pathological values"};
    static const char *const places[] = {"aligned buffers", "", "a protected page after each buffer",
                                         "a protected page before each buffer"};
    if (s.placement == LW_PLACE_OFFSET)
        snprintf(text, size, "%s, buffers %d elements past alignment", fills[s.fill], s.offset);
    else
        snprintf(text, size, "%s, %s", fills[s.fill], places[s.placement]);
    return text;
}
