/* SPDX-License-Identifier: BSD-3-Clause
 * rerun.c: a command's words, checked, and the process that runs them. */
#define _GNU_SOURCE
#include "harness/rerun.h"

#include "harness/exit_codes.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A file from elsewhere may say anything; these options neither write nor read files. */
static const char *const allowed[] = {"--op",          "--problem",  "--threads",  "--seed",
                                      "--repetitions", "--passes", "--min-time", "--max-time", "--precision",
                                      "--bind",        "--peer-isa", "--cache",    "--footprint"};

static bool is_allowed(const char *word)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (strcmp(word, allowed[i]) == 0) return true;
    return false;
}

static bool refuse(const char *why, const char *word, char *err, size_t err_size)
{
    snprintf(err, err_size, "its command %s '%.60s'", why, word);
    return false;
}

/* Commands of rows are options with a value each, without quotes. */
bool lw_rerun_parse(lw_rerun *r, const char *command, char *err, size_t err_size)
{
    char *rest;
    *r = (lw_rerun){0};
    if (snprintf(r->text, sizeof r->text, "%s", command) >= (int)sizeof r->text)
        return refuse("is too long:", command, err, err_size);
    for (char *word = strtok_r(r->text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (r->count < 2) {
            if (strcmp(word, r->count == 0 ? "bench" : "kernels") != 0)
                return refuse("is none of `bench kernels`:", command, err, err_size);
            r->words[r->count++] = word;
            continue;
        }
        char *value = strtok_r(NULL, " ", &rest);
        const bool kernel = strcmp(word, "--kernel") == 0;
        if (!kernel && !is_allowed(word))
            return refuse("has an option that verify does not pass on:", word, err, err_size);
        if (!value) return refuse("lacks a value after", word, err, err_size);
        if (kernel && snprintf(r->kernels, sizeof r->kernels, "%s", value) >= (int)sizeof r->kernels)
            return refuse("names too many kernels:", value, err, err_size);
        if (kernel) continue;
        if (r->count + 2 > LW_RERUN_WORDS) return refuse("has too many words:", word, err, err_size);
        r->words[r->count++] = word;
        r->words[r->count++] = value;
    }
    return (r->count >= 2 && r->kernels[0]) || refuse("names no kernel:", command, err, err_size);
}

static bool has_kernel(const lw_rerun *r, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = r->kernels; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) return true;
    return false;
}

bool lw_rerun_join(lw_rerun *r, const lw_rerun *other)
{
    if (r->count != other->count) return false;
    for (int i = 0; i < r->count; i++)
        if (strcmp(r->words[i], other->words[i]) != 0) return false;
    if (has_kernel(r, other->kernels)) return true;
    if (strlen(r->kernels) + strlen(other->kernels) + 2 > sizeof r->kernels) return false;
    strcat(strcat(r->kernels, ","), other->kernels);
    return true;
}

/* Rows go to `out`; the table, which goes to standard error, to nobody. Returns the exit code. */
static int run(lw_rerun *r, int out, char *err, size_t err_size)
{
    static char kernel[] = "--kernel", csv[] = "--csv", dash[] = "-";
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status, n = r->count;
    r->words[n++] = kernel;
    r->words[n++] = r->kernels;
    r->words[n++] = csv;
    r->words[n++] = dash;
    r->words[n] = NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int failed = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, r->words, environ);
    posix_spawn_file_actions_destroy(&actions);
    r->words[r->count] = NULL;
    if (failed) {
        snprintf(err, err_size, "cannot start a process: %s", strerror(failed));
        return LW_EXIT_MEMORY;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return LW_EXIT_MEMORY;
    return WIFEXITED(status) ? WEXITSTATUS(status) : LW_EXIT_INTERRUPTED;
}

int lw_rerun_now(lw_rerun *r, lw_results *out, char *err, size_t err_size)
{
    char path[64];
    *out = (lw_results){0};
    const int file = memfd_create("rows", MFD_CLOEXEC);
    if (file < 0) {
        snprintf(err, err_size, "no memory for rows: %s", strerror(errno));
        return LW_EXIT_MEMORY;
    }
    int code = run(r, file, err, err_size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (code != LW_EXIT_OK && code != LW_EXIT_FAILED)
        snprintf(err, err_size, "`bench kernels` ended with exit code %d", code);
    else if (!lw_results_read(out, path, err, err_size))
        code = LW_EXIT_USAGE; /* a kernel, or a number of threads, that this machine does not have */
    close(file);
    return code;
}
