/* SPDX-License-Identifier: BSD-3-Clause
 * run_folder.h: a folder for what one run leaves behind, named after machine, date and revision. */
#ifndef LW_RUN_FOLDER_H
#define LW_RUN_FOLDER_H

#include "harness/records/environment.h"

#include <limits.h>

typedef struct lw_run_folder {
    char path[PATH_MAX]; /* "results/amd-epyc-20261124T115806Z-1a2b3c4d5e6f" */
    char csv[PATH_MAX], jsonl[PATH_MAX], markdown[PATH_MAX];
} lw_run_folder;

/* Makes it in `parent`, which is made where it is missing, and writes the command into command.txt; one that
 * is there already is never used again. false: `err` says why in one line. */
bool lw_run_folder_make(lw_run_folder *f, const char *parent, const char *command, const lw_environment *e,
                        char *err, size_t err_size);

#endif
