/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rowfile.h: a file of rows. A row is built in memory and handed to the operating system by one write, so a
 * killed process leaves whole rows behind, save the one that it was writing.
 */
#ifndef LW_ROWFILE_H
#define LW_ROWFILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct lw_rowfile lw_rowfile;

/* "-" is standard output. `keep`: what is in the file stays, and rows are appended; else it is emptied. NULL:
 * `err` says why in one line. */
lw_rowfile *lw_rowfile_open(const char *path, bool keep, char *err, size_t err_size);

void lw_rowfile_put(lw_rowfile *f, const char *bytes, size_t count);
void lw_rowfile_puts(lw_rowfile *f, const char *text);

/* The row so far, which lw_rowfile_drop forgets. */
const char *lw_rowfile_row(const lw_rowfile *f, size_t *length);
void lw_rowfile_drop(lw_rowfile *f);

/* Writes the row whole. false: it could not be (a full disk); lw_rowfile_error says so in one line. */
bool lw_rowfile_end(lw_rowfile *f);
const char *lw_rowfile_error(const lw_rowfile *f);

/* Of a regular file: what it holds, to be freed; NULL: the error says why. And shortening it. */
bool lw_rowfile_regular(const lw_rowfile *f);
char *lw_rowfile_read(lw_rowfile *f, size_t *size);
bool lw_rowfile_cut(lw_rowfile *f, size_t size);

bool lw_rowfile_close(lw_rowfile *f); /* false if any write failed; NULL is fine */

#endif
