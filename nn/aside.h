/* SPDX-License-Identifier: BSD-3-Clause
 * aside.h: files that are whole or not there: written as PATH.new, flushed to the disk, renamed to PATH. A program
 * that is killed leaves at most a PATH.new, which the next write replaces. One writer per path. */
#ifndef LW_ASIDE_H
#define LW_ASIDE_H

#include "nn/error.h"

#include <stddef.h>

bool lw_write_aside(const char *path, const void *bytes, size_t size, lw_error *err);

#endif
