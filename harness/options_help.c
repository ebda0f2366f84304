/* SPDX-License-Identifier: BSD-3-Clause
 *
 * options_help.c: `--help` of a command, from its table. */
#include "harness/options.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_WIDTH = 100, HELP_COLUMN = 26 };

/* Words of `text` wrapped between `indent` and the page's right edge; the first line starts at `column`. */
static void print_wrapped(const char *text, int indent, int column)
{
    bool first = true;
    while (*text) {
        if (*text == '\n') {
            printf("\n%*s", indent, "");
            column = indent;
            first = true;
            text++;
            continue;
        }
        int length = (int)strcspn(text, " \n");
        if (!first && column + 1 + length > PAGE_WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
            first = true;
        }
        if (!first) column += printf(" ");
        column += printf("%.*s", length, text);
        first = false;
        text += length;
        while (*text == ' ')
            text++;
    }
    putchar('\n');
}

static void print_option(const lw_option *o)
{
    int column = o->letter ? printf("  -%c, --%s", o->letter, o->name) : printf("      --%s", o->name);
    if (o->kind == LW_OPT_BOOL)
        column += printf("[=BOOL]");
    else if (o->kind != LW_OPT_FLAG)
        column += printf(" %s", o->arg ? o->arg : o->choices ? o->choices : "X");
    if (column >= HELP_COLUMN) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", HELP_COLUMN - column, "");
    print_wrapped(o->help ? o->help : "", HELP_COLUMN, HELP_COLUMN);
}

void lw_options_help(const lw_usage *usage, const lw_option *table)
{
    static const lw_option help = {LW_OPT_FLAG, .name = "help", .letter = 'h',
                                   .help = "Print this and exit."};
    printf("Usage: bench %s %s\n\n", usage->command, usage->synopsis);
    print_wrapped(usage->summary, 0, 0);
    bool any = false, headed = table[0].kind == LW_OPT_HEADING;
    for (const lw_option *o = table; o->kind != LW_OPT_END; o++) {
        if (!any && !headed) printf("\nOptions:\n");
        any = true;
        if (o->kind == LW_OPT_HEADING)
            printf("\n%s:\n", o->help);
        else
            print_option(o);
    }
    if (!any) printf("\nOptions:\n");
    print_option(&help);
    if (usage->notes) printf("\n%s", usage->notes);
}
