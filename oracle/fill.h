/* SPDX-License-Identifier: BSD-3-Clause
 * fill.h: values of an operand. */
#ifndef LW_ORACLE_FILL_H
#define LW_ORACLE_FILL_H

#include "oracle/spec.h"

ptrdiff_t lw_operand_extent(const lw_operand *o); /* elements from the first to the last one, padding between rows */
size_t lw_operand_bytes(const lw_operand *o);     /* of that extent */
size_t lw_element_bytes(lw_element element);

/* Values for all rows; the padding between them is left alone. */
void lw_fill_operand(const lw_operand *o, void *data, lw_fill fill, uint64_t *random);

/* What an output holds before a kernel runs: NaN, or all bits set. */
void lw_fill_unwritten(const lw_operand *o, void *data);

#endif
