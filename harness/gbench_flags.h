/* SPDX-License-Identifier: BSD-3-Clause
 * gbench_flags.h: the --benchmark_* flags of Google Benchmark's programs, for a command that measures kernels. */
#ifndef LW_GBENCH_FLAGS_H
#define LW_GBENCH_FLAGS_H

#include "harness/timing/gbench_shim.h"

typedef struct lw_gbench_flags {
    const char *format, *out, *out_format, *filter, *min_time, *context, *time_unit, *color;
    int repetitions;
    bool list_tests, aggregates_only, display_aggregates_only, tabular, interleave;
    /* after lw_gbench_flags_check */
    double min_seconds; /* 0: not given */
    struct lw_gbench_filter *matcher;
} lw_gbench_flags;

/* Defaults that are not zero. */
#define LW_GBENCH_DEFAULTS {.out_format = "json", .time_unit = "ns", .color = "auto", .interleave = true}

/* Rows for a command's table of options. */
#define LW_GBENCH_OPTIONS(f)                                                                                           \
    {LW_OPT_HEADING, .help = "Flags of Google Benchmark"},                                                             \
    {LW_OPT_TEXT, "benchmark_format", .value = &(f)->format, .choices = "console|json|csv",                            \
     .help = "Also report through Google Benchmark, on standard output; our table then goes to standard error."},      \
    {LW_OPT_TEXT, "benchmark_out", .arg = "FILE", .value = &(f)->out, .help = "And into this file."},                  \
    {LW_OPT_TEXT, "benchmark_out_format", .value = &(f)->out_format, .choices = "json|console|csv",                    \
     .help = "Format of that file (default json, which its compare.py reads)."},                                       \
    {LW_OPT_TEXT, "benchmark_filter", .arg = "REGEX", .value = &(f)->filter,                                           \
     .help = "Only kernels whose name matches (POSIX extended; with a leading - those that do not; `all`: all)."},     \
    {LW_OPT_BOOL, "benchmark_list_tests", .value = &(f)->list_tests, .help = "Print the names and exit."},             \
    {LW_OPT_INT, "benchmark_repetitions", .arg = "N", .value = &(f)->repetitions, .min = 1,                            \
     .max = LW_MAX_REPETITIONS, .help = "The same as --repetitions: each sample is a repetition."},                    \
    {LW_OPT_TEXT, "benchmark_min_time", .arg = "SECONDS", .value = &(f)->min_time,                                     \
     .help = "The same as --min-time; `0.5` or `0.5s`."},                                                              \
    {LW_OPT_BOOL, "benchmark_enable_random_interleaving", .value = &(f)->interleave,                                   \
     .help = "Draw each round's order from --seed (default true); false: rounds keep the order of the list."},         \
    {LW_OPT_BOOL, "benchmark_report_aggregates_only", .value = &(f)->aggregates_only,                                  \
     .help = "Mean, median, stddev and cv without the repetitions."},                                                  \
    {LW_OPT_BOOL, "benchmark_display_aggregates_only", .value = &(f)->display_aggregates_only,                         \
     .help = "The same on standard output alone."},                                                                    \
    {LW_OPT_BOOL, "benchmark_counters_tabular", .value = &(f)->tabular, .help = "Rates in columns of the console."},   \
    {LW_OPT_TEXT, "benchmark_time_unit", .value = &(f)->time_unit, .choices = "ns|us|ms|s",                            \
     .help = "Of reported times (default ns)."},                                                                       \
    {LW_OPT_TEXT, "benchmark_color", .value = &(f)->color, .choices = "auto|true|false|yes|no|1|0",                    \
     .help = "Colours on the console (default auto: on a terminal)."},                                                 \
    {LW_OPT_TEXT, "benchmark_context", .arg = "KEY=VALUE[,KEY=VALUE...]", .value = &(f)->context,                      \
     .help = "Facts to add to the context of the reports."}

/* Reads what the table could not. false: the one-line refusal has been printed. */
bool lw_gbench_flags_check(lw_gbench_flags *f, const char *command);
void lw_gbench_flags_free(lw_gbench_flags *f);

/* Whether the filter lets a name through. */
bool lw_gbench_wanted(const lw_gbench_flags *f, const char *name);

/* Whether reports were asked for, and opens them. NULL with an empty `err`: none was. */
lw_gbench_report *lw_gbench_flags_open(const lw_gbench_flags *f, int name_width, char *err, size_t err_size);

#endif
