/* SPDX-License-Identifier: BSD-3-Clause
 * run_folder.c: its name and its beginning. */
#define _GNU_SOURCE
#include "harness/records/run_folder.h"

#include "harness/records/build_info.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* "AMD EPYC 7B13" to "amd-epyc-7b13". */
static void machine_name(const char *cpu, char *out, size_t size)
{
    size_t length = 0;
    for (; *cpu && length + 1 < size; cpu++) {
        if (isalnum((unsigned char)*cpu))
            out[length++] = (char)tolower((unsigned char)*cpu);
        else if (length > 0 && out[length - 1] != '-')
            out[length++] = '-';
    }
    while (length > 0 && out[length - 1] == '-')
        length--;
    out[length] = '\0';
}

/* "2026-11-24T11:58:06Z" without what some file systems dislike. */
static void compact_date(const char *date, char *out, size_t size)
{
    size_t length = 0;
    for (; *date && length + 1 < size; date++)
        if (*date != '-' && *date != ':') out[length++] = *date;
    out[length] = '\0';
}

static bool make_parents(const char *parent, char *err, size_t err_size)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/", parent) >= (int)sizeof path) {
        snprintf(err, err_size, "--out: the name is too long");
        return false;
    }
    for (char *at = path + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = '\0';
        if (mkdir(path, 0777) == 0 || errno == EEXIST) continue;
        snprintf(err, err_size, "cannot create %s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

/* Two runs in the same second are two folders. */
static bool make_folder(lw_run_folder *f, const char *stem, char *err, size_t err_size)
{
    for (int turn = 1; turn < 1000; turn++) {
        char suffix[8] = "";
        if (turn > 1) snprintf(suffix, sizeof suffix, "-%d", turn);
        if (snprintf(f->path, sizeof f->path, "%s%s", stem, suffix) >=
            (int)(sizeof f->path - sizeof "/results.jsonl"))
            errno = ENAMETOOLONG;
        else if (mkdir(f->path, 0777) == 0)
            return true;
        if (errno != EEXIST) break;
    }
    snprintf(err, err_size, "cannot create %.400s: %s", f->path, strerror(errno));
    return false;
}

static bool write_command(const lw_run_folder *f, const char *command, char *err, size_t err_size)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/command.txt", f->path);
    FILE *out = fopen(path, "w");
    bool ok = out && fprintf(out, "%s\n", command) > 0;
    if (out) ok = fclose(out) == 0 && ok;
    if (!ok) snprintf(err, err_size, "cannot write %.400s: %s", path, strerror(errno));
    return ok;
}

bool lw_run_folder_make(lw_run_folder *f, const char *parent, const char *command, const lw_environment *e,
                        char *err, size_t err_size)
{
    char machine[64], date[32], stem[PATH_MAX];
    machine_name(e->machine->cpu, machine, sizeof machine);
    compact_date(e->date, date, sizeof date);
    if (!make_parents(parent, err, err_size)) return false;
    const int length = snprintf(stem, sizeof stem, "%s/%s-%s-%s", parent, machine, date, lw_build_revision);
    if (length >= (int)sizeof stem - 8) {
        snprintf(err, err_size, "--out: the name is too long");
        return false;
    }
    if (!make_folder(f, stem, err, err_size) || !write_command(f, command, err, err_size)) return false;
    snprintf(f->csv, sizeof f->csv, "%.*s/results.csv", PATH_MAX - 32, f->path);
    snprintf(f->jsonl, sizeof f->jsonl, "%.*s/results.jsonl", PATH_MAX - 32, f->path);
    snprintf(f->markdown, sizeof f->markdown, "%.*s/results.md", PATH_MAX - 32, f->path);
    return true;
}
