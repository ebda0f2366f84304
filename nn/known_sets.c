/* SPDX-License-Identifier: BSD-3-Clause
 * known_sets.c: the data sets that are known by their checksums, and the folders where they may be. The
 * checksums are of the uncompressed files: each mirror and distribution compresses its own way. */
#define _GNU_SOURCE
#include "nn/dataset.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const lw_file_names[LW_FILES] = {
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
};

const lw_known_set lw_known_sets[] = {
    {"mnist",
     "MNIST: handwritten digits, 28x28",
     "scripts/fetch-data.sh mnist",
     60000,
     10000,
     10,
     {"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
     NULL},
    {"fashion-mnist",
     "Fashion-MNIST: articles of clothing, 28x28",
     "apt-get install dataset-fashion-mnist, or scripts/fetch-data.sh fashion-mnist",
     60000,
     10000,
     10,
     {"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
     "/usr/share/datasets/fashion-mnist"},
    {0},
};

const lw_known_set *lw_known_set_named(const char *name)
{
    for (const lw_known_set *known = lw_known_sets; known->name; known++)
        if (strcmp(known->name, name) == 0) return known;
    return NULL;
}

int lw_dataset_places(const char *name, const char *data_dir, char places[LW_PLACES][LW_PLACE_PATH])
{
    const lw_known_set *known = lw_known_set_named(name);
    int count = 0;
    if (data_dir && *data_dir) {
        snprintf(places[count++], LW_PLACE_PATH, "%s/%s", data_dir, name);
        snprintf(places[count++], LW_PLACE_PATH, "%s", data_dir);
    }
    snprintf(places[count++], LW_PLACE_PATH, "data/%s", name);
    if (known && known->system_folder) snprintf(places[count++], LW_PLACE_PATH, "%s", known->system_folder);
    return count;
}

bool lw_folder_has_set(const char *folder)
{
    if (strlen(folder) >= LW_PLACE_PATH) return false;
    for (int i = 0; i < LW_FILES; i++) {
        char path[LW_PLACE_PATH + 64];
        snprintf(path, sizeof path, "%s/%s", folder, lw_file_names[i]);
        if (access(path, F_OK) == 0) continue;
        strcat(path, ".gz");
        if (access(path, F_OK) != 0) return false;
    }
    return true;
}
