/* SPDX-License-Identifier: BSD-3-Clause
 * buffer.h: memory of an operand between two protected pages, with poisoned margins, so that what a kernel reads
 * or writes outside its extents faults or shows. */
#ifndef LW_ORACLE_BUFFER_H
#define LW_ORACLE_BUFFER_H

#include "oracle/oracle.h"

typedef struct lw_buffer {
    uint8_t *map; /* protected page, usable pages, protected page */
    size_t map_bytes;
    uint8_t *data;
    size_t bytes;
} lw_buffer;

/* `bytes` of data placed as `placement` says, of no particular value; `offset` in bytes, for LW_PLACE_OFFSET. false: no
 * memory. */
bool lw_buffer_init(lw_buffer *b, size_t bytes, lw_placement placement, size_t offset);
void lw_buffer_free(lw_buffer *b);

/* Fills everything that can be written, data included, with the poison. */
void lw_buffer_poison(lw_buffer *b);
bool lw_buffer_margins_intact(const lw_buffer *b);

enum { LW_POISON = 0xA5 };

#endif
