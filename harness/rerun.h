/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rerun.h: measures rows of `bench kernels` again, in a process of its own as they once were: by the commands
 * that they carry. Nothing of a command is run but this program, with options that write no file.
 */
#ifndef LW_RERUN_H
#define LW_RERUN_H

#include "harness/records/results.h"

enum { LW_RERUN_WORDS = 64 };

typedef struct lw_rerun {
    char text[2048];
    char *words[LW_RERUN_WORDS + 8]; /* "bench", "kernels" and options without --kernel, NULL at the end */
    int count;
    char kernels[256]; /* what --kernel is to be */
} lw_rerun;

/* From a row's command. false: `err` says why in one line. */
bool lw_rerun_parse(lw_rerun *r, const char *command, char *err, size_t err_size);

/* Adds another command's kernels if it is otherwise the same, so that both take turns as they did. */
bool lw_rerun_join(lw_rerun *r, const lw_rerun *other);

/* Measures. Returns an exit code; results are there where it is LW_EXIT_OK or LW_EXIT_FAILED and there are
 * rows. Where it is another, `err` has one line. */
int lw_rerun_now(lw_rerun *r, lw_results *out, char *err, size_t err_size);

#endif
