/* SPDX-License-Identifier: BSD-3-Clause
 * test_dataset.c: how a data set is found, identified, split and refused. */
#define _GNU_SOURCE
#include "nn/dataset.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_SIZE];

/* A folder of its own for every test, and the current one: "data/mnist" is looked for there. */
static int make_folder(void **state)
{
    (void)state;
    folder_make(folder);
    return chdir(folder);
}

static int drop_folder(void **state)
{
    (void)state;
    if (chdir("/") != 0) return -1;
    folder_remove(folder);
    return 0;
}

/* ---------------------------------------------------------------- files */

static size_t make_images(uint8_t *bytes, int count, int h, int w)
{
    const uint8_t header[16] = {0, 0, 8, 3,          0, 0, 0, (uint8_t)count,
                                0, 0, 0, (uint8_t)h, 0, 0, 0, (uint8_t)w};
    memcpy(bytes, header, 16);
    for (int i = 0; i < count * h * w; i++)
        bytes[16 + i] = (uint8_t)(i * 37 + count);
    return 16 + (size_t)count * (size_t)h * (size_t)w;
}

static size_t make_labels(uint8_t *bytes, int count)
{
    const uint8_t header[8] = {0, 0, 8, 1, 0, 0, 0, (uint8_t)count};
    memcpy(bytes, header, 8);
    for (int i = 0; i < count; i++)
        bytes[8 + i] = (uint8_t)(i * 3 % 10);
    return 8 + (size_t)count;
}

/* 7 images of 4x5 to train on and 3 to test on, in `in`; the files of `packed` (bits) compressed. */
static void make_set(const char *in, int packed)
{
    static const int count[LW_FILES] = {7, 7, 3, 3};
    for (int i = 0; i < LW_FILES; i++) {
        uint8_t bytes[512];
        char path[PATH_SIZE], name[64];
        const size_t size = i % 2 ? make_labels(bytes, count[i]) : make_images(bytes, count[i], 4, 5);
        snprintf(name, sizeof name, "%s%s", lw_file_names[i], packed >> i & 1 ? ".gz" : "");
        path_join(path, in, name);
        if (packed >> i & 1)
            file_write_gz(path, bytes, size);
        else
            file_write(path, bytes, size);
    }
}

static void replace(lw_file file, const uint8_t *bytes, size_t size)
{
    char path[PATH_SIZE];
    path_join(path, folder, lw_file_names[file]);
    file_write(path, bytes, size);
}

static void assert_refused(const char *request, const char *data_dir, const char *part)
{
    lw_dataset set;
    lw_error err;
    memset(&err, '#', sizeof err);
    if (lw_dataset_load(&set, request, data_dir, &err)) fail_msg("accepted where it should say: %s", part);
    assert_refusal(&err, LW_ERROR_DATA, part);
    for (int i = 0; i < LW_FILES; i++)
        assert_null(set.memory[i]);
}

static void assert_loaded(const char *request, const char *data_dir)
{
    lw_dataset set;
    lw_error err;
    if (!lw_dataset_load(&set, request, data_dir, &err)) fail_msg("%s", err.text);
    assert_string_equal(set.name, "unverified");
    assert_false(set.verified);
    assert_int_equal(set.train.count, 7);
    assert_int_equal(set.test.count, 3);
    assert_true(set.train.h == 4 && set.train.w == 5 && set.test.h == 4 && set.test.w == 5);
    assert_true(set.train.pixels[1] == 37 + 7 && set.test.pixels[2] == 2 * 37 + 3);
    assert_true(set.train.labels[6] == 8 && set.test.labels[2] == 6);
    lw_dataset_free(&set);
    assert_null(set.train.pixels);
}

/* ---------------------------------------------------------------- finding */

static void a_folder_is_read_plain_and_compressed(void **state)
{
    (void)state;
    char overall[LW_SHA256_HEX] = "";
    for (int packed = 0; packed < 16; packed++) {
        lw_dataset set;
        lw_error err;
        folder_remove(folder);
        assert_int_equal(mkdir(folder, 0755), 0);
        make_set(folder, packed);
        assert_loaded(folder, NULL);
        assert_true(lw_dataset_load(&set, folder, NULL, &err));
        if (packed) assert_string_equal(set.sha256, overall);
        strcpy(overall, set.sha256);
        lw_dataset_free(&set);
    }
    /* as Python's hashlib computes it */
    assert_string_equal(overall, "41a4980821e6af2e6aa6100fd4bdf9ddf13d9e75e6c1e3e8449e1ae63f81d573");
}

static void a_folder_is_named_or_lies_in_the_environment(void **state)
{
    (void)state;
    char slashes[PATH_SIZE + 3];
    make_set(folder, 0);
    assert_loaded(NULL, folder);
    snprintf(slashes, sizeof slashes, "%s///", folder);
    assert_loaded(slashes, NULL);
    assert_loaded(".", "elsewhere");
    assert_refused(NULL, NULL, "mnist not found (looked in data/mnist)");
    assert_refused(NULL, "", "mnist not found");
    assert_refused(NULL, "elsewhere", "looked in elsewhere/mnist, elsewhere, data/mnist");
}

static void a_known_name_demands_its_checksums(void **state)
{
    (void)state;
    char mnist[PATH_SIZE];
    path_join(mnist, folder, "mnist");
    assert_int_equal(mkdir(mnist, 0755), 0);
    make_set(mnist, 0);
    assert_refused("mnist", folder, "train-images-idx3-ubyte has the SHA-256 ");
    assert_refused("mnist", folder, "but that of mnist is ba891046e650");
    assert_loaded(mnist, NULL); /* as what it is, it may be used */
}

static void places_are_in_order(void **state)
{
    (void)state;
    char places[LW_PLACES][LW_PLACE_PATH];
    assert_int_equal(lw_dataset_places("mnist", "/d", places), 3);
    assert_string_equal(places[0], "/d/mnist");
    assert_string_equal(places[1], "/d");
    assert_string_equal(places[2], "data/mnist");
    assert_int_equal(lw_dataset_places("fashion-mnist", NULL, places), 2);
    assert_string_equal(places[0], "data/fashion-mnist");
    assert_string_equal(places[1], "/usr/share/datasets/fashion-mnist");
    assert_null(lw_known_set_named("MNIST"));
    assert_int_equal(lw_known_set_named("mnist")->train, 60000);
}

/* ---------------------------------------------------------------- refusing */

static void what_is_no_data_set_is_refused(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    assert_refused("mnits", NULL, "no data set 'mnits': not a known name (mnist, fashion-mnist, synthetic)");
    assert_refused("/nonexistent/folder", NULL, "No such file");
    assert_refused(folder, NULL, "does not hold the four files");
    make_set(folder, 0);
    path_join(path, folder, lw_file_names[LW_FILE_TRAIN_IMAGES]);
    assert_refused(path, NULL, "is not a folder");
    for (int i = 0; i < LW_FILES; i++) {
        make_set(folder, 0);
        path_join(path, folder, lw_file_names[i]);
        assert_int_equal(unlink(path), 0);
        assert_refused(folder, NULL, "does not hold the four files");
    }
    make_set(folder, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_refused(folder, NULL, "not a regular file");
}

static void names_of_any_length_are_refused_unharmed(void **state)
{
    (void)state;
    for (size_t length = 1; length < 3000; length += length < 490 || length > 600 ? 97 : 1) {
        char name[3001];
        memset(name, 'x', length);
        name[length] = '\0';
        assert_refused(name, NULL,
                       length > 500   ? "no data set 'xxx"
                       : length > 255 ? "File name too long"
                                      : "No such file");
        assert_refused(NULL, name, "mnist not found");
    }
}

static void files_that_do_not_fit_each_other_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[512];
    make_set(folder, 0);
    replace(LW_FILE_TRAIN_LABELS, bytes, make_labels(bytes, 6));
    assert_refused(folder, NULL, "7 training images but 6 labels");
    make_set(folder, 0);
    replace(LW_FILE_TEST_IMAGES, bytes, make_images(bytes, 4, 4, 5));
    assert_refused(folder, NULL, "4 test images but 3 labels");
    replace(LW_FILE_TEST_IMAGES, bytes, make_images(bytes, 3, 5, 4));
    assert_refused(folder, NULL, "training images are 4x5, test images 5x4");
    replace(LW_FILE_TEST_IMAGES, bytes, make_images(bytes, 3, 4, 5) - 1);
    assert_refused(folder, NULL, "t10k-images-idx3-ubyte: truncated");
    replace(LW_FILE_TEST_IMAGES, bytes, make_labels(bytes, 3));
    assert_refused(folder, NULL, "t10k-images-idx3-ubyte: wrong magic number");
}

static void a_label_that_the_model_lacks_is_refused(void **state)
{
    (void)state;
    lw_dataset set;
    lw_error err;
    make_set(folder, 0);
    assert_true(lw_dataset_load(&set, folder, NULL, &err));
    assert_true(lw_dataset_check_labels(&set, 10, &err));
    assert_false(lw_dataset_check_labels(&set, 9, &err)); /* labels are 0 3 6 9 2 5 8 and 0 3 6 */
    assert_refusal(&err, LW_ERROR_DATA,
                   "train-labels-idx1-ubyte: label 9 of item 3 is too large for a model with 9 outputs");
    uint8_t bytes[512];
    make_labels(bytes, 3);
    bytes[9] = 255;
    replace(LW_FILE_TEST_LABELS, bytes, 11);
    lw_dataset_free(&set);
    assert_true(lw_dataset_load(&set, folder, NULL, &err));
    assert_false(lw_dataset_check_labels(&set, 10, &err));
    assert_refusal(&err, LW_ERROR_DATA, "t10k-labels-idx1-ubyte: label 255 of item 1");
    lw_dataset_free(&set);
}

/* ---------------------------------------------------------------- splitting */

static void the_split_is_that_of_keras(void **state)
{
    (void)state;
    const struct {
        ptrdiff_t count;
        double fraction;
        ptrdiff_t train;
    } known[] = {
        /* int(floor(count * (1 - fraction))), in Python */
        {60000, 0.2, 48000}, {10, 0.2, 8}, {9, 0.2, 7},         {11, 0.2, 8}, {10, 0.9, 0},    {3, 0.1, 2},
        {7, 0, 7},           {1, 0.5, 0},  {60000, 0.1, 54000}, {10, 0.7, 3}, {100, 0.29, 71},
    };
    static uint8_t pixels[60000 * 6], labels[60000];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        lw_images train, validation;
        lw_images_split((lw_images){known[i].count, 2, 3, pixels, labels}, known[i].fraction, &train,
                        &validation);
        assert_int_equal(train.count, known[i].train);
        assert_int_equal(validation.count, known[i].count - known[i].train);
        assert_true(train.pixels == pixels && train.labels == labels);
        assert_true(validation.pixels == pixels + 6 * known[i].train &&
                    validation.labels == labels + known[i].train);
        assert_true(validation.h == 2 && validation.w == 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)
        IN_FOLDER(a_folder_is_read_plain_and_compressed),
        IN_FOLDER(a_folder_is_named_or_lies_in_the_environment),
        IN_FOLDER(a_known_name_demands_its_checksums),
        cmocka_unit_test(places_are_in_order),
        IN_FOLDER(what_is_no_data_set_is_refused),
        IN_FOLDER(names_of_any_length_are_refused_unharmed),
        IN_FOLDER(files_that_do_not_fit_each_other_are_refused),
        IN_FOLDER(a_label_that_the_model_lacks_is_refused),
        cmocka_unit_test(the_split_is_that_of_keras),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
