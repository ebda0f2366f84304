/* SPDX-License-Identifier: BSD-3-Clause
 * aside.c: write, flush, rename. */
#define _GNU_SOURCE
#include "nn/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = write(fd, bytes, size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        bytes += got;
        size -= (size_t)got;
    }
    return fsync(fd) == 0;
}

bool lw_write_aside(const char *path, const void *bytes, size_t size, lw_error *err)
{
    char aside[4096];
    if (snprintf(aside, sizeof aside, "%s.new", path) >= (int)sizeof aside)
        return lw_refuse(err, LW_ERROR_OUTPUT, "cannot write %.64s...: its name is too long", path);
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && write_all(fd, bytes, size);
    int why = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(aside, path) != 0) {
        ok = false;
        why = errno;
    }
    if (ok) return true;
    if (fd >= 0) unlink(aside);
    return lw_refuse(err, LW_ERROR_OUTPUT, "cannot write %s: %s", path, strerror(why));
}
