/* SPDX-License-Identifier: BSD-3-Clause
 * data.c: `bench data`: the data sets that are known, where they were looked for, and whether what was
 * found is what it is called. */
#include "harness/commands.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "nn/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const lw_usage usage = {
    "data", "[options] [NAME|DIR]",
    "Lists the known data sets: found or missing, where each was looked for, and how to get it. What is found is "
    "read, and its SHA-256 compared with those on record. With a NAME or a folder, only that one.",
    "Examples\n"
    "  bench data\n"
    "  bench data mnist                 exit code 0 only if it is there and right\n"
    "  bench data ~/my-digits           any folder with four IDX files\n"
    "  LANEWISE_DATA=/srv/sets bench data\n"
    "\n"
    "Exit codes\n"
    "  0 listed; with an argument: found and readable   2 wrong option   3 missing, malformed, wrong checksum\n",
    1};

static void show_places(const char *name, const char *data_dir)
{
    char places[LW_PLACES][LW_PLACE_PATH];
    int count = lw_dataset_places(name, data_dir, places);
    for (int i = 0; i < count; i++)
        printf("  looked in  %s: %s\n", places[i], lw_folder_has_set(places[i]) ? "four files" : "not there");
}

static void show_set(const lw_dataset *set)
{
    if (set->folder[0]) printf("  folder     %s\n", set->folder);
    printf("  images     %td training, %td test, %dx%d\n", set->train.count, set->test.count, set->train.h, set->train.w);
    printf("  sha256     %s (of the four files' checksums)\n", set->sha256);
}

/* "mnist          verified      MNIST: handwritten digits" */
static void show_head(const char *name, const char *state, const char *title)
{
    printf("%-15s %-12s %s\n", name, state, title);
}

static bool show_request(const char *request, const char *title, const char *data_dir, lw_error *err)
{
    lw_dataset set;
    if (!lw_dataset_load(&set, request, data_dir, err)) return false;
    bool synthetic = strcmp(set.name, "synthetic") == 0;
    show_head(set.name, synthetic ? "generated" : set.verified ? "verified" : "not on record", title);
    show_set(&set);
    lw_dataset_free(&set);
    return true;
}

static bool is_there(const char *name, const char *data_dir)
{
    char places[LW_PLACES][LW_PLACE_PATH];
    int count = lw_dataset_places(name, data_dir, places);
    for (int i = 0; i < count; i++)
        if (lw_folder_has_set(places[i])) return true;
    return false;
}

static void show_known(const lw_known_set *known, const char *data_dir)
{
    lw_error err;
    if (!is_there(known->name, data_dir)) {
        show_head(known->name, "missing", known->title);
        show_places(known->name, data_dir);
        printf("  get it     %s\n", known->how);
    } else if (!show_request(known->name, known->title, data_dir, &err)) {
        show_head(known->name, "unusable", known->title);
        printf("  problem    %s\n", err.text);
        show_places(known->name, data_dir);
    }
    putchar('\n');
}

int lw_cmd_data(int argc, char **argv)
{
    const lw_option table[] = {{.kind = LW_OPT_END}};
    const char *data_dir = getenv("LANEWISE_DATA"), *title = "digits drawn by the program; says nothing about MNIST";
    lw_error err;
    int code;
    if (!lw_options_parse(&usage, table, argc, argv, &code)) return code;
    if (optind < argc) {
        const lw_known_set *known = lw_known_set_named(argv[optind]);
        bool synthetic = strcmp(argv[optind], "synthetic") == 0;
        if (show_request(argv[optind], known ? known->title : synthetic ? title : "", data_dir, &err)) return LW_EXIT_OK;
        return lw_fail(err.kind == LW_ERROR_MEMORY ? LW_EXIT_MEMORY : LW_EXIT_DATA, "data", "%s", err.text);
    }
    printf("LANEWISE_DATA is %s\n\n", data_dir && *data_dir ? data_dir : "not set");
    for (const lw_known_set *known = lw_known_sets; known->name; known++)
        show_known(known, data_dir);
    if (!show_request("synthetic", title, data_dir, &err))
        return lw_fail(err.kind == LW_ERROR_MEMORY ? LW_EXIT_MEMORY : LW_EXIT_DATA, "data", "%s", err.text);
    return LW_EXIT_OK;
}
