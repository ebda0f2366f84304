/* SPDX-License-Identifier: BSD-3-Clause
 * markdown.c: rows between bars. */
#include "harness/records/markdown.h"

static void put_cell(lw_rowfile *f, const char *text)
{
    lw_rowfile_puts(f, " ");
    for (const char *c = text; *c; c++) {
        if (*c == '|' || *c == '\\') lw_rowfile_put(f, "\\", 1);
        lw_rowfile_put(f, *c == '\n' || *c == '\r' ? " " : c, 1);
    }
    lw_rowfile_puts(f, " |");
}

bool lw_markdown_head(lw_rowfile *f, const lw_column *columns, int count)
{
    lw_rowfile_puts(f, "|");
    for (int i = 0; i < count; i++)
        put_cell(f, columns[i].title);
    lw_rowfile_puts(f, "\n|");
    for (int i = 0; i < count; i++)
        lw_rowfile_puts(f, columns[i].width < 0 ? "---:|" : "---|");
    lw_rowfile_puts(f, "\n");
    return lw_rowfile_end(f);
}

bool lw_markdown_row(lw_rowfile *f, const char *const *cells, int count)
{
    lw_rowfile_puts(f, "|");
    for (int i = 0; i < count; i++)
        put_cell(f, cells[i]);
    lw_rowfile_puts(f, "\n");
    return lw_rowfile_end(f);
}
