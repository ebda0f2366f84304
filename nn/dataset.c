/* SPDX-License-Identifier: BSD-3-Clause
 * dataset.c: finds, reads and identifies a data set. */
#define _GNU_SOURCE
#include "nn/dataset.h"

#include "kernels/kernels.h"
#include "nn/idx.h"
#include "nn/synthetic.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---------------------------------------------------------------- views */

lw_images lw_images_part(lw_images images, ptrdiff_t first, ptrdiff_t count)
{
    images.pixels += first * images.h * images.w;
    images.labels += first;
    images.count = count;
    return images;
}

void lw_images_split(lw_images all, double fraction, lw_images *train, lw_images *validation)
{
    ptrdiff_t first = (ptrdiff_t)floor((double)all.count * (1 - fraction));
    *train = lw_images_part(all, 0, first);
    *validation = lw_images_part(all, first, all.count - first);
}

/* ---------------------------------------------------------------- reading */

static bool read_files(lw_dataset *set, lw_idx idx[LW_FILES], lw_error *err)
{
    for (int i = 0; i < LW_FILES; i++) {
        char path[LW_PLACE_PATH + 64];
        snprintf(path, sizeof path, "%s/%s", set->folder, lw_file_names[i]);
        if (access(path, F_OK) != 0) strcat(path, ".gz");
        if (!lw_idx_read(&idx[i], path, i % 2 ? 1 : 3, err)) return false;
        set->memory[i] = idx[i].bytes;
    }
    return true;
}

static bool pair(lw_images *images, const lw_idx *pixels, const lw_idx *labels, const lw_dataset *set,
                 const char *which, lw_error *err)
{
    if (pixels->size[0] != labels->size[0])
        return lw_refuse(err, LW_ERROR_DATA, "%s: %d %s images but %d labels", set->folder, pixels->size[0], which,
                         labels->size[0]);
    if (pixels->size[1] > 4096 || pixels->size[2] > 4096)
        return lw_refuse(err, LW_ERROR_DATA, "%s: %s images of %dx%d are larger than 4096x4096", set->folder, which,
                         pixels->size[1], pixels->size[2]);
    *images = (lw_images){pixels->size[0], pixels->size[1], pixels->size[2], pixels->values, labels->values};
    return true;
}

static bool overall_sha256(lw_dataset *set, const char *const sha256[LW_FILES], lw_error *err)
{
    char all[LW_FILES * (LW_SHA256_HEX - 1) + 1] = "";
    for (int i = 0; i < LW_FILES; i++)
        strcat(all, sha256[i]);
    if (lw_sha256_hex(all, strlen(all), set->sha256)) return true;
    return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for a checksum");
}

/* The first file whose checksum is not that of `known`, or -1. */
static int first_difference(const lw_idx idx[LW_FILES], const lw_known_set *known)
{
    for (int i = 0; i < LW_FILES; i++)
        if (strcmp(idx[i].sha256, known->sha256[i]) != 0) return i;
    return -1;
}

static const lw_known_set *identify(const lw_idx idx[LW_FILES])
{
    for (const lw_known_set *known = lw_known_sets; known->name; known++)
        if (first_difference(idx, known) < 0) return known;
    return NULL;
}

/* Reads set->folder. `wanted`: what it must be, or NULL for any content. */
static bool read_folder(lw_dataset *set, const lw_known_set *wanted, lw_error *err)
{
    lw_idx idx[LW_FILES] = {0};
    if (!read_files(set, idx, err)) return false;
    const lw_known_set *found = identify(idx);
    if (wanted && found != wanted) {
        int i = first_difference(idx, wanted);
        return lw_refuse(err, LW_ERROR_DATA,
                         "%s/%s has the SHA-256 %.12s... but that of %s is %.12s...; fetch it anew (%s), or name the "
                         "folder itself (--data %s) to use it as it is",
                         set->folder, lw_file_names[i], idx[i].sha256, wanted->name, wanted->sha256[i], wanted->how,
                         set->folder);
    }
    set->verified = found != NULL;
    snprintf(set->name, sizeof set->name, "%s", found ? found->name : "unverified");
    if (!pair(&set->train, &idx[LW_FILE_TRAIN_IMAGES], &idx[LW_FILE_TRAIN_LABELS], set, "training", err) ||
        !pair(&set->test, &idx[LW_FILE_TEST_IMAGES], &idx[LW_FILE_TEST_LABELS], set, "test", err))
        return false;
    if (set->train.h != set->test.h || set->train.w != set->test.w)
        return lw_refuse(err, LW_ERROR_DATA, "%s: training images are %dx%d, test images %dx%d", set->folder,
                         set->train.h, set->train.w, set->test.h, set->test.w);
    const char *sha256[LW_FILES];
    for (int i = 0; i < LW_FILES; i++)
        sha256[i] = idx[i].sha256;
    return overall_sha256(set, sha256, err);
}

/* ---------------------------------------------------------------- finding */

static bool find_known(lw_dataset *set, const lw_known_set *known, const char *data_dir, lw_error *err)
{
    char places[LW_PLACES][LW_PLACE_PATH], looked[LW_PLACES * (LW_PLACE_PATH + 2)] = "";
    int count = lw_dataset_places(known->name, data_dir, places);
    for (int i = 0; i < count; i++) {
        if (lw_folder_has_set(places[i])) {
            snprintf(set->folder, sizeof set->folder, "%.*s", LW_PLACE_PATH - 1, places[i]);
            return read_folder(set, known, err);
        }
        size_t used = strlen(looked);
        snprintf(looked + used, sizeof looked - used, "%s%.*s", i ? ", " : "", LW_PLACE_PATH - 1, places[i]);
    }
    return lw_refuse(err, LW_ERROR_DATA, "%s not found (looked in %s); get it with %s, or use --data synthetic",
                     known->name, looked, known->how);
}

static bool find_folder(lw_dataset *set, const char *folder, lw_error *err)
{
    struct stat st;
    if (stat(folder, &st) != 0) {
        int why = errno;
        return lw_refuse(err, LW_ERROR_DATA, "no data set '%s': not a known name (mnist, fashion-mnist, synthetic), and "
                         "as a folder: %s", folder, strerror(why));
    }
    if (!S_ISDIR(st.st_mode)) return lw_refuse(err, LW_ERROR_DATA, "%s is not a folder", folder);
    if (access(folder, R_OK | X_OK) != 0)
        return lw_refuse(err, LW_ERROR_DATA, "cannot read folder %s: %s", folder, strerror(errno));
    if (strlen(folder) >= sizeof set->folder) return lw_refuse(err, LW_ERROR_DATA, "the folder's name is too long");
    strcpy(set->folder, folder);
    for (size_t length = strlen(set->folder); length > 1 && set->folder[length - 1] == '/'; length--)
        set->folder[length - 1] = '\0';
    if (!lw_folder_has_set(folder))
        return lw_refuse(err, LW_ERROR_DATA, "%s does not hold the four files %s, %s, %s, %s (plain or .gz)", folder,
                         lw_file_names[0], lw_file_names[1], lw_file_names[2], lw_file_names[3]);
    return read_folder(set, NULL, err);
}

static bool generate(lw_dataset *set, lw_error *err)
{
    snprintf(set->name, sizeof set->name, "synthetic");
    char sha256[LW_FILES][LW_SHA256_HEX];
    if (!lw_synthetic_make(&set->train, &set->test, set->memory, sha256, err)) return false;
    set->verified = true;
    const char *texts[LW_FILES];
    for (int i = 0; i < LW_FILES; i++)
        texts[i] = sha256[i];
    return overall_sha256(set, texts, err);
}

bool lw_dataset_load(lw_dataset *set, const char *request, const char *data_dir, lw_error *err)
{
    *set = (lw_dataset){0};
    if (!request) request = data_dir && *data_dir && lw_folder_has_set(data_dir) ? data_dir : "mnist";
    const lw_known_set *known = lw_known_set_named(request);
    bool ok = strcmp(request, "synthetic") == 0 ? generate(set, err)
              : known                           ? find_known(set, known, data_dir, err)
                                                : find_folder(set, request, err);
    if (!ok) lw_dataset_free(set);
    return ok;
}

void lw_dataset_free(lw_dataset *set)
{
    for (int i = 0; i < LW_FILES; i++)
        lw_free(set->memory[i]);
    *set = (lw_dataset){0};
}

bool lw_dataset_check_labels(const lw_dataset *set, int classes, lw_error *err)
{
    const lw_images *parts[2] = {&set->train, &set->test};
    for (int i = 0; i < 2; i++)
        for (ptrdiff_t j = 0; j < parts[i]->count; j++)
            if (parts[i]->labels[j] >= classes)
                return lw_refuse(err, LW_ERROR_DATA,
                                 "%s%s%s: label %d of item %td is too large for a model with %d outputs",
                                 set->folder[0] ? set->folder : "synthetic", set->folder[0] ? "/" : "",
                                 set->folder[0] ? lw_file_names[i ? LW_FILE_TEST_LABELS : LW_FILE_TRAIN_LABELS] : "",
                                 parts[i]->labels[j], j, classes);
    return true;
}
