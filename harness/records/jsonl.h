/* SPDX-License-Identifier: BSD-3-Clause
 * jsonl.h: records as JSON Lines: an object per row with every column, numbers as numbers, null where one is
 * missing. */
#ifndef LW_JSONL_H
#define LW_JSONL_H

#include "harness/records/record.h"
#include "harness/records/rowfile.h"

/* Writes one row to a file that is open. false: lw_rowfile_error says why. */
bool lw_jsonl_row(lw_rowfile *f, const char *const *columns, const lw_record *r);

#endif
