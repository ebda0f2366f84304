/* SPDX-License-Identifier: BSD-3-Clause
 * record.h: the values of one row in the order of its columns, before it is known in which formats they are
 * written. */
#ifndef LW_RECORD_H
#define LW_RECORD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct lw_record lw_record;

lw_record *lw_record_new(void); /* NULL: no memory */
void lw_record_free(lw_record *r);
void lw_record_clear(lw_record *r);

void lw_record_text(lw_record *r, const char *value); /* NULL is "" */
void lw_record_int(lw_record *r, int64_t value);
void lw_record_real(lw_record *r, double value,
                    int digits); /* significant digits, %.*g; "" where not finite */

bool lw_record_complete(const lw_record *r); /* false: memory ran out on the way */
int lw_record_count(const lw_record *r);
const char *lw_record_value(const lw_record *r, int i);
bool lw_record_is_number(const lw_record *r, int i); /* also where the value is missing */

#endif
