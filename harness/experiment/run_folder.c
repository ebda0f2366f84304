/* SPDX-License-Identifier: BSD-3-Clause
 * run_folder.c: what stage a run is in, read off its files, and the rows of all finished ones. */
#define _GNU_SOURCE
#include "harness/experiment/run_folder.h"

#include "nn/aside.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool lw_planned_run_init(lw_planned_run *r, const lw_plan *p, const char *out, int variant, uint64_t seed)
{
    *r = (lw_planned_run){.variant = variant, .seed = seed};
    if (!lw_plan_identity(p, variant, seed, r->identity)) return false;
    return snprintf(r->folder, sizeof r->folder, "%s/runs/%.*s", out, LW_IDENTITY_SHORT, r->identity) < (int)sizeof r->folder;
}

bool lw_folder_beside(const char *out, const char *name, char path[LW_RUN_PATH])
{
    size_t length = strlen(out);
    while (length > 1 && out[length - 1] == '/') length--;
    while (length && out[length - 1] != '/') length--;
    return snprintf(path, LW_RUN_PATH, "%.*s%s", (int)length, out, name) < LW_RUN_PATH;
}

bool lw_planned_run_first(lw_planned_run *first, const lw_planned_run *r, const lw_plan *p, const char *out)
{
    const lw_variant *v = &p->variant[r->variant];
    char beside[LW_RUN_PATH];
    return lw_folder_beside(out, v->first->name, beside) && lw_planned_run_init(first, v->first, beside, v->first_variant, r->seed);
}

static void path_in(const lw_planned_run *r, const char *name, char path[LW_RUN_PATH + 64])
{
    snprintf(path, LW_RUN_PATH + 64, "%s/%s", r->folder, name);
}

/* Line number `wanted` of a file, without its end; NULL: not there, or not whole. */
static char *read_line(const char *path, int wanted)
{
    FILE *in = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    ssize_t length = -1;
    for (int i = 0; in && i <= wanted; i++)
        length = getline(&line, &size, in);
    if (in) fclose(in);
    if (length > 0 && line[length - 1] == '\n') {
        line[length - 1] = '\0';
        return line;
    }
    free(line);
    return NULL;
}

lw_run_stage lw_run_folder_stage(const lw_planned_run *r)
{
    char path[LW_RUN_PATH + 64], name[64];
    path_in(r, "diverged", path);
    if (access(path, F_OK) == 0) return LW_RUN_DIVERGED;
    snprintf(name, sizeof name, "checkpoint-seed%" PRIu64, r->seed);
    path_in(r, name, path);
    if (access(path, F_OK) == 0) return LW_RUN_BEGUN; /* it goes when all else is written */
    path_in(r, "runs.csv", path);
    char *row = read_line(path, 1);
    free(row);
    return row ? LW_RUN_FINISHED : LW_RUN_NEW;
}

int lw_run_folder_epochs(const lw_planned_run *r)
{
    char path[LW_RUN_PATH + 64];
    int lines = 0, c;
    path_in(r, "epochs.csv", path);
    FILE *in = fopen(path, "r");
    while (in && (c = getc_unlocked(in)) != EOF)
        lines += c == '\n';
    if (in) fclose(in);
    return lines ? lines - 1 : 0;
}

bool lw_run_folder_mark_diverged(const lw_planned_run *r, lw_error *err)
{
    char path[LW_RUN_PATH + 64];
    path_in(r, "diverged", path);
    return lw_write_aside(path, "", 0, err);
}

/* ---------------------------------------------------------------- runs.csv */

/* Which variant's run with which seed a folder is; -1: none of this plan's. Its checkpoints and rows name the seed, but
 * only the identity says that nothing else has changed. */
static int variant_of(const lw_plan *p, const char *out, const char *folder, lw_planned_run *r)
{
    char path[LW_RUN_PATH + 320], seed_text[32];
    snprintf(path, sizeof path, "%s/runs/%s/seed", out, folder);
    char *line = read_line(path, 0);
    if (!line) return -1;
    snprintf(seed_text, sizeof seed_text, "%s", line);
    free(line);
    for (int v = 0; v < p->variants; v++)
        if (lw_planned_run_init(r, p, out, v, strtoull(seed_text, NULL, 10)) &&
            strncmp(r->identity, folder, LW_IDENTITY_SHORT) == 0)
            return v;
    return -1;
}

static int by_variant_and_seed(const void *a, const void *b)
{
    const lw_planned_run *x = a, *y = b;
    if (x->variant != y->variant) return x->variant < y->variant ? -1 : 1;
    return (x->seed > y->seed) - (x->seed < y->seed);
}

/* The finished runs in OUT/runs that are of this plan, in its order. */
static lw_planned_run *finished_runs(const lw_plan *p, const char *out, int *count)
{
    char path[LW_RUN_PATH];
    struct dirent *entry;
    lw_planned_run *runs = NULL;
    *count = 0;
    snprintf(path, sizeof path, "%s/runs", out);
    DIR *folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        lw_planned_run r, *more;
        if (entry->d_name[0] == '.' || variant_of(p, out, entry->d_name, &r) < 0) continue;
        if (lw_run_folder_stage(&r) != LW_RUN_FINISHED) continue;
        more = realloc(runs, (size_t)(*count + 1) * sizeof *runs);
        if (!more) break;
        runs = more;
        runs[(*count)++] = r;
    }
    if (folder) closedir(folder);
    if (runs) qsort(runs, (size_t)*count, sizeof *runs, by_variant_and_seed);
    return runs;
}

/* A name holds no quotes; grids may bring commas. */
static bool put_row(FILE *out, const lw_plan *p, const lw_planned_run *r, const char *header, lw_error *err)
{
    char path[LW_RUN_PATH + 64];
    path_in(r, "runs.csv", path);
    char *head = read_line(path, 0), *row = read_line(path, 1);
    const bool alike = head && strcmp(head, header) == 0;
    if (alike && row) fprintf(out, "\"%s\",\"%s\",\"%s\",%s,%s\n", p->name, p->variant[r->variant].name,
                     p->variant[p->baseline].name, r->identity, row);
    free(head);
    free(row);
    return alike || lw_refuse(err, LW_ERROR_DATA, "%s has other columns than the runs beside it, so another version wrote "
                              "it; without its folder that run is done again", path);
}

bool lw_run_folders_collect(const lw_plan *p, const char *out, lw_error *err)
{
    int count;
    char path[LW_RUN_PATH + 64], *text = NULL, *header = NULL;
    size_t size = 0;
    lw_planned_run *runs = finished_runs(p, out, &count);
    FILE *memory = open_memstream(&text, &size);
    if (count) {
        path_in(&runs[0], "runs.csv", path);
        header = read_line(path, 0);
    }
    bool alike = true;
    if (memory && header) {
        fprintf(memory, "experiment,variant,baseline,identity,%s\n", header);
        for (int i = 0; alike && i < count; i++)
            alike = put_row(memory, p, &runs[i], header, err);
    }
    bool ok = memory && fclose(memory) == 0;
    snprintf(path, sizeof path, "%s/runs.csv", out);
    if (!alike)
        ok = false; /* the refusal stands */
    else if (!ok)
        lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s", path);
    else if (header)
        ok = lw_write_aside(path, text, size, err);
    free(text);
    free(header);
    free(runs);
    return ok;
}
