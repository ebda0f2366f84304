/* SPDX-License-Identifier: BSD-3-Clause
 * gbench_flags.c: flags of Google Benchmark to what the engine takes. */
#define _GNU_SOURCE
#include "harness/gbench_flags.h"

#include "harness/exit_codes.h"
#include "harness/options.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lw_gbench_filter {
    regex_t regex;
    bool negative;
};

static bool refuse(const char *command, const char *flag, const char *want, const char *got)
{
    lw_fail(LW_EXIT_USAGE, command, "--%s wants %s, got '%s'", flag, want, got);
    return false;
}

static bool read_min_time(lw_gbench_flags *f, const char *command)
{
    char *end;
    if (!f->min_time) return true;
    f->min_seconds = strtod(f->min_time, &end);
    if (end != f->min_time && *end == 's') end++;
    if (end == f->min_time || *end || !(f->min_seconds >= 1e-3 && f->min_seconds <= 3600))
        return refuse(command, "benchmark_min_time", "seconds from 0.001 to 3600", f->min_time);
    return true;
}

static bool read_filter(lw_gbench_flags *f, const char *command)
{
    if (!f->filter || strcmp(f->filter, "all") == 0) return true;
    const bool negative = f->filter[0] == '-';
    f->matcher = calloc(1, sizeof *f->matcher);
    if (!f->matcher) return refuse(command, "benchmark_filter", "more memory than there is", f->filter);
    f->matcher->negative = negative;
    const int error = regcomp(&f->matcher->regex, f->filter + negative, REG_EXTENDED | REG_NOSUB);
    if (error == 0) return true;
    char message[128];
    regerror(error, &f->matcher->regex, message, sizeof message);
    free(f->matcher);
    f->matcher = NULL;
    lw_fail(LW_EXIT_USAGE, command, "--benchmark_filter wants a regular expression, got '%s': %s", f->filter, message);
    return false;
}

/* The library asserts that keys and values are there. */
static bool read_context(const lw_gbench_flags *f, const char *command)
{
    char *pairs = f->context ? strdup(f->context) : NULL, *rest = NULL;
    bool ok = true;
    for (char *pair = pairs ? strtok_r(pairs, ",", &rest) : NULL; ok && pair; pair = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(pair, '=');
        ok = equals && equals > pair;
        if (!ok) break;
        *equals = '\0';
        lw_gbench_context(pair, equals + 1);
    }
    free(pairs);
    return ok || refuse(command, "benchmark_context", "KEY=VALUE[,KEY=VALUE...]", f->context);
}

bool lw_gbench_flags_check(lw_gbench_flags *f, const char *command)
{
    return read_min_time(f, command) && read_filter(f, command) && read_context(f, command);
}

void lw_gbench_flags_free(lw_gbench_flags *f)
{
    if (f->matcher) regfree(&f->matcher->regex);
    free(f->matcher);
    f->matcher = NULL;
}

bool lw_gbench_wanted(const lw_gbench_flags *f, const char *name)
{
    if (!f->matcher) return true;
    return (regexec(&f->matcher->regex, name, 0, NULL, 0) == 0) != f->matcher->negative;
}

static lw_gbench_format format_of(const char *name)
{
    return !name                          ? LW_GBENCH_NONE
           : strcmp(name, "console") == 0 ? LW_GBENCH_CONSOLE
           : strcmp(name, "json") == 0    ? LW_GBENCH_JSON
                                          : LW_GBENCH_CSV;
}

static bool coloured(const char *color)
{
    if (strcmp(color, "auto") == 0) return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    return lw_choice_contains("true|yes|1", color);
}

lw_gbench_report *lw_gbench_flags_open(const lw_gbench_flags *f, int name_width, char *err, size_t err_size)
{
    const lw_gbench_options options = {.executable = program_invocation_name,
                                       .display = format_of(f->format),
                                       .out = f->out,
                                       .out_format = format_of(f->out_format),
                                       .time_unit = f->time_unit,
                                       .color = coloured(f->color),
                                       .tabular = f->tabular,
                                       .aggregates_only = f->aggregates_only,
                                       .display_aggregates_only = f->display_aggregates_only,
                                       .name_width = name_width};
    err[0] = '\0';
    return f->format || f->out ? lw_gbench_report_open(&options, err, err_size) : NULL;
}
