/* SPDX-License-Identifier: BSD-3-Clause
 * compare.h: an output against what it must be. */
#ifndef LW_ORACLE_COMPARE_H
#define LW_ORACLE_COMPARE_H

#include "oracle/spec.h"

typedef struct lw_comparison {
    double worst;      /* largest |err| / bound; infinite where an element is wrong beyond measure */
    ptrdiff_t at, wrong; /* the worst element, and how many exceed their bound */
} lw_comparison;

/* Judges only that NaN and infinity do not vanish: where one is wanted, no finite number may be. */
lw_comparison lw_compare_specials(const lw_operand *o, const void *got, const lw_want *want);

/* `exact`: the bound is zero. `tolerance`: the kernel's factor on the bound. `mixes`: as lw_kernel has it, so that all
 * elements have the largest one's bound. */
lw_comparison lw_compare(const lw_operand *o, const void *got, const lw_want *want, bool exact, double tolerance, bool mixes);

/* "dst[3][17] is 0.5, wanted 0.25 +- 1e-7 (12 of 400 elements wrong)" */
void lw_comparison_describe(const lw_comparison *c, const lw_operand *o, const void *got, const lw_want *want,
                            bool exact, double tolerance, char *text, size_t size);

/* Whether a and b hold the same bits in all rows; the padding is not looked at. */
bool lw_operand_same_bits(const lw_operand *o, const void *a, const void *b);

/* Whether the padding between the rows still holds the poison. */
bool lw_operand_padding_intact(const lw_operand *o, const void *data);

#endif
