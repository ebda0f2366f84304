/* SPDX-License-Identifier: BSD-3-Clause
 * jsonl.c: RFC 8259 objects, one a line. */
#include "harness/records/jsonl.h"

#include <stdio.h>

static void put_string(lw_rowfile *f, const char *text)
{
    lw_rowfile_put(f, "\"", 1);
    for (const char *c = text; *c; c++) {
        char escape[8];
        if (*c == '"' || *c == '\\') {
            lw_rowfile_put(f, "\\", 1);
            lw_rowfile_put(f, c, 1);
        } else if ((unsigned char)*c < 0x20) {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*c);
            lw_rowfile_puts(f, escape);
        } else {
            lw_rowfile_put(f, c, 1);
        }
    }
    lw_rowfile_put(f, "\"", 1);
}

bool lw_jsonl_row(lw_rowfile *f, const char *const *columns, const lw_record *r)
{
    for (int i = 0; i < lw_record_count(r); i++) {
        const char *value = lw_record_value(r, i);
        lw_rowfile_puts(f, i ? ", " : "{");
        put_string(f, columns[i]);
        lw_rowfile_puts(f, ": ");
        if (!lw_record_is_number(r, i))
            put_string(f, value);
        else
            lw_rowfile_puts(f, *value ? value : "null");
    }
    lw_rowfile_puts(f, "}\n");
    return lw_rowfile_end(f);
}
