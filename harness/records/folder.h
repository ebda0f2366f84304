/* SPDX-License-Identifier: BSD-3-Clause
 * folder.h: folders for results. */
#ifndef LW_FOLDER_H
#define LW_FOLDER_H

#include <stdbool.h>

/* The folder and those above it, as far as they are missing. false: errno says why not. */
bool lw_make_folder(const char *path);

#endif
