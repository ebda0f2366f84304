/* SPDX-License-Identifier: BSD-3-Clause
 * command_line.c: arguments back to what was typed. */
#include "harness/records/sinks.h"

#include <string.h>

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
    return *word && !word[strspn(word, plain)];
}

static size_t put(char *text, size_t size, size_t length, const char *piece)
{
    const size_t more = strlen(piece);
    if (length + more >= size) return length;
    memcpy(text + length, piece, more + 1);
    return length + more;
}

const char *lw_command_line(int argc, char **argv, char *text, size_t size)
{
    size_t length = put(text, size, 0, "bench");
    for (int i = 0; i < argc; i++) {
        const bool plain = is_plain(argv[i]);
        length = put(text, size, length, plain ? " " : " '");
        for (const char *c = argv[i]; *c; c++)
            length = put(text, size, length, *c == '\'' ? "'\\''" : (const char[]){*c, '\0'});
        if (!plain) length = put(text, size, length, "'");
    }
    return text;
}
