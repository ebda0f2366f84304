/* SPDX-License-Identifier: BSD-3-Clause
 * exit_codes.h: the exit codes of `bench`, as `bench --help` documents them. */
#ifndef LW_EXIT_CODES_H
#define LW_EXIT_CODES_H

enum {
    LW_EXIT_OK = 0,
    LW_EXIT_FAILED = 1,       /* a check failed: a kernel is wrong, a row became slower or lies outside its interval */
    LW_EXIT_USAGE = 2,        /* unknown option, kernel refused, malformed problem or model */
    LW_EXIT_DATA = 3,         /* a data set or a file of results is missing, unreadable, malformed, or not the one meant */
    LW_EXIT_OUTPUT = 4,       /* an output file cannot be created or written (disk full) */
    LW_EXIT_DIVERGED = 5,     /* the loss became NaN or infinite */
    LW_EXIT_MEMORY = 6,       /* out of memory */
    LW_EXIT_INTERRUPTED = 130 /* Ctrl-C: what was measured is kept */
};

#endif
