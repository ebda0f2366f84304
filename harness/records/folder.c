/* SPDX-License-Identifier: BSD-3-Clause
 * folder.c: mkdir -p. */
#define _GNU_SOURCE
#include "harness/records/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool lw_make_folder(const char *path)
{
    char part[512];
    struct stat st;
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) return false;
        *slash = '/';
    }
    if (mkdir(part, 0777) == 0) return true;
    if (errno != EEXIST) return false;
    errno = ENOTDIR;
    return stat(part, &st) == 0 && S_ISDIR(st.st_mode);
}
