/* SPDX-License-Identifier: BSD-3-Clause
 * scan.h: reading a problem's text from left to right. After a refusal every step fails, so a parser may check
 * once, at its end. */
#ifndef LW_ORACLE_SCAN_H
#define LW_ORACLE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct lw_scan {
    const char *text, *at, *syntax;
    char *err;
    size_t err_size;
    bool failed;
} lw_scan;

lw_scan lw_scan_new(const char *text, const char *syntax, char *err, size_t err_size);

/* Says what is wrong, where and what would be right. Returns false. */
bool lw_scan_refuse(lw_scan *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool lw_scan_word(lw_scan *s, const char *word);                          /* takes `word` if it comes next */
bool lw_scan_whole(lw_scan *s, const char *what, long lo, long hi, long *value); /* a whole number, or refuses */
bool lw_scan_real(lw_scan *s, const char *what, double lo, double hi, double *value);
bool lw_scan_expect(lw_scan *s, const char *word);                        /* takes `word` or refuses */
bool lw_scan_end(lw_scan *s);                                             /* true at the end, else refuses */

#endif
