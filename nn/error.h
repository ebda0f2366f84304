/* SPDX-License-Identifier: BSD-3-Clause
 * error.h: how the functions of nn/ refuse: false, and one line that says what is wrong, where, and what
 * would be right. */
#ifndef LW_ERROR_H
#define LW_ERROR_H

#include <stdbool.h>

typedef enum lw_error_kind {
    LW_ERROR_MODEL,  /* a model's text, or a model that does not fit its data */
    LW_ERROR_SETTING, /* the text of a schedule, of an augmentation, ... */
    LW_ERROR_DATA,   /* a file that is read: missing, malformed, of another content */
    LW_ERROR_OUTPUT, /* a file that is written */
    LW_ERROR_MEMORY
} lw_error_kind;

typedef struct lw_error {
    lw_error_kind kind;
    char text[768];
} lw_error;

/* Fills `err` and returns false (`return lw_refuse(...)`). */
bool lw_refuse(lw_error *err, lw_error_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
