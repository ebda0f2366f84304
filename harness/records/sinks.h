/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sinks.h: where the rows of a command go: the table for people, and files. A row is made once, as a record
 * of every column and as the cells of the table; CSV and JSON Lines take the record, the terminal and
 * Markdown take the cells.
 */
#ifndef LW_SINKS_H
#define LW_SINKS_H

#include "harness/records/environment.h"
#include "harness/records/record.h"
#include "harness/records/report.h"

/* As options name them; "-" is standard output, NULL none. */
typedef struct lw_sink_options {
    const char *csv, *jsonl, *markdown;
    const char *out;     /* a folder, in which one of this run is made */
    const char *command; /* what was typed, for that folder and above the Markdown table */
} lw_sink_options;

bool lw_sinks_want_stdout(const lw_sink_options *o);

typedef struct lw_layout {
    const char *const *names; /* of the record's columns */
    int name_count;
    const lw_column *columns; /* of the table */
    int column_count;
} lw_layout;

typedef struct lw_sinks lw_sinks;

/* Opens all, says where --out goes on stderr, and gives back the exit code in *code where it returns NULL;
 * `err` then says why in one line. */
lw_sinks *lw_sinks_open(const lw_sink_options *o, const lw_layout *layout, const lw_environment *e, int *code,
                        char *err, size_t err_size);

/* The stream of the table: stderr where data goes to standard output, or where `lw_sinks_talk` sent it. */
FILE *lw_sinks_table(const lw_sinks *s);
void lw_sinks_talk(lw_sinks *s); /* standard output is somebody else's */

bool lw_sinks_head(lw_sinks *s);
bool lw_sinks_row(lw_sinks *s, const lw_record *r, const char *const *cells);
const char *lw_sinks_error(const lw_sinks *s);
bool lw_sinks_close(lw_sinks *s); /* false if a write failed; NULL is fine */

/* Everything of `argv` as one line that a shell takes, after "bench". */
const char *lw_command_line(int argc, char **argv, char *text, size_t size);

/* The options' lines, for a command's table. */
#define LW_SINK_OPTIONS(o)                                                                                   \
    {LW_OPT_TEXT,                                                                                            \
     "csv",                                                                                                  \
     'c',                                                                                                    \
     "FILE|-",                                                                                               \
     &(o).csv,                                                                                               \
     .help =                                                                                                 \
         "Also write the rows as CSV; `-` is standard output, and the table then goes to standard error."},  \
        {LW_OPT_TEXT, "jsonl", .arg = "FILE|-", .value = &(o).jsonl, .help = "The same as JSON Lines."},     \
        {LW_OPT_TEXT, "markdown", .arg = "FILE|-", .value = &(o).markdown,                                   \
         .help = "The table as Markdown, as GitHub shows it."},                                              \
    {                                                                                                        \
        LW_OPT_TEXT, "out",                                                                                  \
            .arg = "DIR", .value = &(o).out,                                                                 \
            .help = "All three, and the command, into a new folder DIR/MACHINE-DATE-REVISION."               \
    }

#endif
