/* SPDX-License-Identifier: BSD-3-Clause
 * error.c: the one-line refusals of nn/. */
#include "nn/error.h"

#include <stdarg.h>
#include <stdio.h>

bool lw_refuse(lw_error *err, lw_error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    err->kind = kind;
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}
