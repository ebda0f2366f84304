/* SPDX-License-Identifier: BSD-3-Clause
 *
 * options.h: the command line from one table per command. The table gives getopt_long its options, the
 * values their range, and `--help` its text, so that the three cannot disagree.
 *
 *     int threads = 0;
 *     bool quick = false;
 *     const lw_option table[] = {
 *         {LW_OPT_HEADING, .help = "What to measure"},
 *         {LW_OPT_INT, "threads", 't', "N", &threads, .min = 1, .max = 1024, .help = "Threads (1)."},
 *         {LW_OPT_FLAG, "quick", .value = &quick, .help = "The first problems only."},
 *         {.kind = LW_OPT_END}};
 *     int code;
 *     if (!lw_options_parse(&usage, table, argc, argv, &code)) return code;
 *
 * A variable's value before the call is its default. `--help` and `-h` are added to each table.
 */
#ifndef LW_OPTIONS_H
#define LW_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum lw_option_kind {
    LW_OPT_END,
    LW_OPT_HEADING, /* a line of --help; only `help` is used */
    LW_OPT_FLAG,    /* bool *, set to true */
    LW_OPT_BOOL,    /* bool *, --name or --name=true, false, yes, no, 1, 0 */
    LW_OPT_INT,     /* int *, within min .. max */
    LW_OPT_U64,     /* uint64_t *, any value (a seed); decimal, or 0x... */
    LW_OPT_REAL,    /* double *, finite, within min .. max */
    LW_OPT_PERCENT, /* double *, a fraction: "3" and "3%" are 0.03; min and max in percent */
    LW_OPT_TEXT,    /* const char **, not empty; with `choices` one of those */
    LW_OPT_TEXTS    /* lw_texts *, may be given several times */
} lw_option_kind;

enum { LW_TEXTS = 64 };

typedef struct lw_texts {
    int count;
    char *text[LW_TEXTS];
} lw_texts;

typedef struct lw_option {
    lw_option_kind kind;
    const char *name; /* long name without the dashes */
    char letter;      /* short name, or 0 */
    const char *arg;  /* what --help calls the argument: "N", "FILE|-" */
    void *value;
    double min, max;     /* LW_OPT_INT and LW_OPT_REAL; both 0: any (INT: of an int) */
    const char *choices; /* "adam|sgd", or NULL: any text */
    const char *help;    /* wrapped to the page; '\n' starts a new line */
} lw_option;

typedef struct lw_usage {
    const char *command;  /* "kernels" */
    const char *synopsis; /* "[options]" */
    const char *summary;  /* one sentence */
    const char *notes;    /* below the options, printed as it is: examples, exit codes; or NULL */
    int max_operands;     /* how many arguments that are not options; they start at argv[optind] */
} lw_usage;

/* true: go on. false: leave with *exit_code; the help or the one-line refusal has been printed. */
bool lw_options_parse(const lw_usage *usage, const lw_option *table, int argc, char **argv, int *exit_code);

/* The page that `--help` prints. */
void lw_options_help(const lw_usage *usage, const lw_option *table);

/* One value by hand, as a file gives it: a flag is "yes" or "no" (NULL: yes). false: `err` says "wants ..., got ...". */
bool lw_option_set(const lw_option *option, const char *text, char *err, int size);
const lw_option *lw_option_named(const lw_option *table, const char *name); /* NULL: none */

/* Whole-word lookup in text like "adam|sgd". */
bool lw_choice_contains(const char *choices, const char *word);

/* Copies the first name of a list separated by commas; returns the rest, or NULL where that was the last. */
const char *lw_list_next(const char *list, char *name, size_t size);

/* The one of `names` nearest to `word` if it is near enough to be meant, else NULL. */
const char *lw_nearest(const char *word, const char *const *names, int count);

/* Prints "bench COMMAND: message" as one line on stderr and returns `code` (`return lw_fail(...)`).
 * command NULL: "bench: message". */
int lw_fail(int code, const char *command, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
