/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dataset.h: labelled images for training and test, where they are looked for, and how they are proved to
 * be what they are called.
 */
#ifndef LW_DATASET_H
#define LW_DATASET_H

#include "nn/error.h"
#include "nn/sha256.h"

#include <stddef.h>
#include <stdint.h>

/* A view: somebody else's memory. */
typedef struct lw_images {
    ptrdiff_t count;
    int h, w;
    const uint8_t *pixels; /* count x h x w */
    const uint8_t *labels; /* count */
} lw_images;

/* Items [first, first + count). */
lw_images lw_images_part(lw_images images, ptrdiff_t first, ptrdiff_t count);

/* Keras' validation_split: training takes the first floor(n * (1 - fraction)) items, validation the rest;
 * nothing is shuffled across. */
void lw_images_split(lw_images all, double fraction, lw_images *train, lw_images *validation);

/* The files of a data set in the order that everything here keeps. */
typedef enum lw_file {
    LW_FILE_TRAIN_IMAGES,
    LW_FILE_TRAIN_LABELS,
    LW_FILE_TEST_IMAGES,
    LW_FILE_TEST_LABELS,
    LW_FILES
} lw_file;

extern const char *const lw_file_names[LW_FILES]; /* "train-images-idx3-ubyte"; ".gz" may follow */

/* A data set that we know by its checksums (of the uncompressed files). */
typedef struct lw_known_set {
    const char *name;  /* "mnist" */
    const char *title; /* "MNIST, handwritten digits" */
    const char *how;   /* to get it */
    int train, test, classes;
    const char *sha256[LW_FILES];
    const char *system_folder; /* where a package of the distribution puts it, or NULL */
} lw_known_set;

extern const lw_known_set lw_known_sets[]; /* name NULL ends the list */
const lw_known_set *lw_known_set_named(const char *name);

enum { LW_PLACES = 5, LW_PLACE_PATH = 512 };

/* The folders in which the set `name` is looked for, in order. `data_dir`: $LANEWISE_DATA, or NULL.
 * Returns how many. */
int lw_dataset_places(const char *name, const char *data_dir, char places[LW_PLACES][LW_PLACE_PATH]);
bool lw_folder_has_set(const char *folder); /* all four files are there, plain or .gz */

typedef struct lw_dataset {
    char name[64];   /* "mnist"; "synthetic"; "unverified" for a folder of other content */
    char folder[LW_PLACE_PATH]; /* "" for the synthetic set */
    bool verified;   /* every file has the checksum that is on record for `name` */
    char sha256[LW_SHA256_HEX]; /* of the four files' checksums, one after the other as text */
    lw_images train, test;
    void *memory[LW_FILES]; /* what the views point into; lw_free */
} lw_dataset;

/* `request`: the name of a known set (looked for in lw_dataset_places, and refused if its checksums
 * differ), "synthetic", or a folder with four IDX files (identified by their checksums, else taken as
 * "unverified"). NULL: `data_dir` if that folder holds four IDX files itself, else "mnist". */
bool lw_dataset_load(lw_dataset *set, const char *request, const char *data_dir, lw_error *err);
void lw_dataset_free(lw_dataset *set);

/* Every label below `classes`; else `err` says which is not. */
bool lw_dataset_check_labels(const lw_dataset *set, int classes, lw_error *err);

#endif
