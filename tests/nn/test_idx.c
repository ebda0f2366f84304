/* SPDX-License-Identifier: BSD-3-Clause
 * test_idx.c: the reader of IDX files, plain and compressed, against files that are whole, cut, bent or
 * lying. */
#include "nn/idx.h"
#include "support.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { COUNT = 3, H = 4, W = 5, HEADER = 16, BYTES = HEADER + COUNT * H * W };

static char folder[PATH_SIZE], path[PATH_SIZE], gz[PATH_SIZE];
static uint8_t images[BYTES];

static int make_folder(void **state)
{
    (void)state;
    folder_make(folder);
    path_join(path, folder, "images");
    path_join(gz, folder, "images.gz");
    const uint8_t header[HEADER] = {0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, H, 0, 0, 0, W};
    numbers formula = {1};
    memcpy(images, header, HEADER);
    for (int i = HEADER; i < BYTES; i++)
        images[i] = (uint8_t)(numbers_word(&formula) >> 24);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static void assert_images(const char *from)
{
    lw_idx idx;
    lw_error err;
    char hex[LW_SHA256_HEX];
    if (!lw_idx_read(&idx, from, 3, &err)) fail_msg("%s", err.text);
    assert_int_equal(idx.rank, 3);
    assert_int_equal(idx.size[0], COUNT);
    assert_int_equal(idx.size[1], H);
    assert_int_equal(idx.size[2], W);
    assert_memory_equal(idx.values, images + HEADER, BYTES - HEADER);
    assert_true(lw_sha256_hex(images, BYTES, hex));
    assert_string_equal(idx.sha256, hex);
    lw_idx_free(&idx);
    assert_null(idx.bytes);
}

static void assert_refused(const char *from, int rank, const char *part)
{
    lw_idx idx;
    lw_error err;
    memset(&err, '#', sizeof err);
    if (lw_idx_read(&idx, from, rank, &err)) fail_msg("accepted where it should say: %s", part);
    assert_refusal(&err, LW_ERROR_DATA, part);
    assert_non_null(strstr(err.text, from));
    assert_null(idx.bytes);
}

/* Of these bytes, plain and compressed alike. */
static void assert_bytes_refused(const uint8_t *bytes, size_t count, int rank, const char *part)
{
    file_write(path, bytes, count);
    assert_refused(path, rank, part);
    file_write_gz(gz, bytes, count);
    assert_refused(gz, rank, part);
}

/* ---------------------------------------------------------------- reading */

static void plain_and_compressed_files_read_alike(void **state)
{
    (void)state;
    file_write(path, images, BYTES);
    assert_images(path);
    file_write_gz(gz, images, BYTES);
    assert_images(gz);
    file_write_gz(path, images, BYTES); /* the content says what it is, not the name */
    assert_images(path);
}

static void labels_have_one_size(void **state)
{
    (void)state;
    const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 9};
    const char *const paths[] = {path, gz};
    file_write(path, labels, sizeof labels);
    file_write_gz(gz, labels, sizeof labels);
    for (int i = 0; i < 2; i++) {
        lw_idx idx;
        lw_error err;
        assert_true(lw_idx_read(&idx, paths[i], 1, &err));
        assert_true(idx.size[0] == 2 && idx.size[1] == 1 && idx.size[2] == 1);
        assert_true(idx.values[0] == 7 && idx.values[1] == 9);
        lw_idx_free(&idx);
    }
}

/* ---------------------------------------------------------------- refusing */

static void files_cut_anywhere_are_refused(void **state)
{
    (void)state;
    static uint8_t packed[4 * BYTES];
    for (size_t count = 0; count < BYTES; count++)
        assert_bytes_refused(images, count, 3, "truncated");
    file_write_gz(gz, images, BYTES);
    const size_t bytes = file_read(gz, packed, sizeof packed);
    for (size_t count = 0; count < bytes; count++) {
        file_write(gz, packed, count);
        assert_refused(gz, 3, "truncated");
    }
}

static void trailing_bytes_are_refused(void **state)
{
    (void)state;
    static uint8_t longer[BYTES + 300000];
    memcpy(longer, images, BYTES);
    assert_bytes_refused(longer, BYTES + 1, 3, "too long");
    assert_bytes_refused(longer, BYTES + 9, 3, "too long");
    assert_bytes_refused(longer, sizeof longer, 3, "too long"); /* compressed: few bytes that swell */
    const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (size_t count = 11; count <= sizeof labels; count++)
        assert_bytes_refused(labels, count, 1, "too long");
}

static void other_magic_numbers_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[BYTES];
    for (int at = 0; at < 4; at++) {
        memcpy(bytes, images, BYTES);
        bytes[at] ^= 0x05;
        assert_bytes_refused(bytes, BYTES, 3, "wrong magic number 0x");
    }
    assert_bytes_refused(images, BYTES, 1, "wrong magic number 0x00000803, IDX labels begin with 0x00000801");
    assert_bytes_refused((const uint8_t *)"<!DOCTYPE html><html></html>", 28, 3,
                         "wrong magic number 0x3c21444f");
}

static void sizes_that_lie_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[BYTES];
    for (int size = 0; size < 3; size++) {
        memcpy(bytes, images, BYTES);
        bytes[7 + 4 * size]++;
        assert_bytes_refused(bytes, BYTES, 3, "truncated");
        bytes[7 + 4 * size] -= 2;
        assert_bytes_refused(bytes, BYTES, 3, "too long");
        bytes[7 + 4 * size] = 0;
        assert_bytes_refused(bytes, BYTES, 3, "zero or too large");
    }
    const uint8_t huge[][12] = {
        {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
        {0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0},        /* 2^48 */
        {0, 0x40, 0, 0, 0, 0x40, 0, 0, 0, 0, 16, 0}, /* 2^56 */
        {128, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 4},    /* 2^64: nothing, if it wrapped */
        {128, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1},      /* 2^31: negative as an int */
    };
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        memcpy(bytes, images, BYTES);
        memcpy(bytes + 4, huge[i], 12);
        assert_bytes_refused(bytes, BYTES, 3, "zero or too large");
    }
}

/* A header that announces 1.9 GB in a file of 100 bytes is refused before that memory is touched. */
static void a_header_cannot_ask_for_memory(void **state)
{
    (void)state;
    uint8_t bytes[BYTES];
    struct rusage before, after;
    memcpy(bytes, images, BYTES);
    memcpy(bytes + 4, (const uint8_t[]){0, 0, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0, 0xf0},
           12); /* 32512 x 256 x 240 */
    getrusage(RUSAGE_SELF, &before);
    assert_bytes_refused(bytes, BYTES, 3, "truncated");
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_maxrss - before.ru_maxrss < 64 * 1024); /* kB */
}

/* Accepted with the same bytes (a flag of the gzip header that says nothing about them), or refused. */
static void bent_gzip_files_never_read_otherwise(void **state)
{
    (void)state;
    static uint8_t packed[4 * BYTES];
    file_write_gz(gz, images, BYTES);
    const size_t bytes = file_read(gz, packed, sizeof packed);
    int refused = 0;
    for (size_t at = 0; at < bytes; at++)
        for (int bit = 0; bit < 8; bit++) {
            lw_idx idx;
            lw_error err;
            packed[at] ^= (uint8_t)(1 << bit);
            file_write(gz, packed, bytes);
            packed[at] ^= (uint8_t)(1 << bit);
            if (lw_idx_read(&idx, gz, 3, &err)) {
                assert_memory_equal(idx.bytes, images, BYTES);
                lw_idx_free(&idx);
                continue;
            }
            assert_refusal(&err, LW_ERROR_DATA, gz);
            refused++;
        }
    assert_true(refused > 8 * (int)(bytes - 10));
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    char other[PATH_SIZE];
    path_join(other, folder, "missing");
    assert_refused(other, 3, "No such file");
    assert_refused(folder, 3, "not a regular file");
    path_join(other, path, "below-a-file");
    file_write(path, "", 0);
    assert_refused(other, 3, "Not a directory");
    assert_refused(path, 3, "truncated: 0 bytes");
    file_write_gz(gz, "", 0);
    assert_refused(gz, 3, "truncated: 0 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_and_compressed_files_read_alike),
        cmocka_unit_test(labels_have_one_size),
        cmocka_unit_test(files_cut_anywhere_are_refused),
        cmocka_unit_test(trailing_bytes_are_refused),
        cmocka_unit_test(other_magic_numbers_are_refused),
        cmocka_unit_test(sizes_that_lie_are_refused),
        cmocka_unit_test(a_header_cannot_ask_for_memory),
        cmocka_unit_test(bent_gzip_files_never_read_otherwise),
        cmocka_unit_test(what_is_no_file_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
