/* SPDX-License-Identifier: BSD-3-Clause
 * markdown.h: the table for people once more, as GitHub renders it. */
#ifndef LW_MARKDOWN_H
#define LW_MARKDOWN_H

#include "harness/records/report.h"
#include "harness/records/rowfile.h"

/* Each writes to a file that is open. false: lw_rowfile_error says why. */
bool lw_markdown_head(lw_rowfile *f, const lw_column *columns, int count);
bool lw_markdown_row(lw_rowfile *f, const char *const *cells, int count);

#endif
