/* SPDX-License-Identifier: BSD-3-Clause
 * test_safetensors.c: parameters to a file and back bit by bit, and files that are cut, bent, lying or
 * foreign. */
#include "nn/safetensors.h"
#include "support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { MOST = 1 << 16 };

static const char *const text = "conv(2,2) relu flatten dense(3)";
static const lw_dims input = {3, 3, 1};

static lw_dispatch scalar;
static char folder[PATH_SIZE], path[PATH_SIZE];

static int make_folder(void **state)
{
    (void)state;
    char message[256];
    folder_make(folder);
    path_join(path, folder, "weights.safetensors");
    return !lw_dispatch_init(&scalar, "scalar", message, sizeof message);
}

static int drop_folder(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

/* With parameters of every bit pattern, NaN and infinity among them. */
static void open_filled(network *n, const char *of, uint32_t seed)
{
    network_open(n, of, input, &scalar, 1, 1);
    network_fill(n, 1, seed);
    memcpy(n->net.tensors[0].param[0], (const uint32_t[]){0x7fc12345, 0xff800000, 0x80000000, 0x00000001},
           16);
}

static void write_it(const network *n, const lw_metadata *metadata, int count)
{
    lw_error err;
    if (!lw_safetensors_write(path, &n->net, metadata, count, &err)) fail_msg("%s", err.text);
}

static void assert_same_tensors(const network *a, const network *b)
{
    for (int i = 0; i < a->model.layers; i++)
        for (int j = 0; j < a->model.layer[i].params; j++)
            assert_memory_equal(a->net.tensors[i].param[j], b->net.tensors[i].param[j],
                                (size_t)lw_param_count(&a->model.layer[i].param[j]) * sizeof(float));
}

/* Reads `path` into a network that holds other parameters. On a refusal they must still be there. */
static bool read_it(network *n, lw_error *err)
{
    network before;
    open_filled(n, text, 99);
    open_filled(&before, text, 99);
    const bool ok = lw_safetensors_read(path, &n->net, err);
    if (!ok) assert_memory_equal(n->net.params, before.net.params, (size_t)n->net.arena * sizeof(float));
    network_close(&before);
    return ok;
}

static void assert_refused(const char *part)
{
    network n;
    lw_error err;
    memset(&err, '#', sizeof err);
    if (read_it(&n, &err)) fail_msg("accepted where it should say: %s", part);
    assert_refusal(&err, LW_ERROR_DATA, part);
    network_close(&n);
}

/* ---------------------------------------------------------------- round trip */

static void parameters_come_back_bit_by_bit(void **state)
{
    (void)state;
    network written, read;
    lw_error err;
    const lw_metadata odd[] = {{"format", "pt"}, {"quote\"d\\", "conv2d/kernel\":{\"dtype\":\"F32\"\n\t}"}};
    for (int count = 0; count <= 2; count++) {
        open_filled(&written, text, 1 + (uint32_t)count);
        write_it(&written, odd, count);
        if (!read_it(&read, &err)) fail_msg("%s", err.text);
        assert_same_tensors(&written, &read);
        for (ptrdiff_t i = 8; i < 16; i++)
            assert_true(read.net.params[i] == 0); /* the gap after conv2d/kernel */
        network_close(&written);
        network_close(&read);
    }
    assert_int_equal(folder_entries(folder), 1);
}

/* They lie where no optimiser walks, and are saved all the same. */
static void running_statistics_come_back_too(void **state)
{
    (void)state;
    const char *const normed = "conv(2,2) batchnorm relu residual(batchnorm) flatten dense(3)";
    network written, read;
    lw_error err;
    open_filled(&written, normed, 7);
    open_filled(&read, normed, 8);
    assert_true(written.net.values == written.net.arena + 4 * 16);
    assert_true(written.net.tensors[1].param[2] == written.net.params + written.net.arena);
    assert_null(written.net.tensors[1].grad[2]);
    const size_t bytes = (size_t)written.net.values * sizeof(float);
    assert_true(memcmp(written.net.params, read.net.params, bytes) != 0);
    write_it(&written, NULL, 0);
    if (!lw_safetensors_read(path, &read.net, &err)) fail_msg("%s", err.text);
    assert_memory_equal(written.net.params, read.net.params, bytes);
    network_close(&written);
    network_close(&read);
}

static void the_file_is_as_the_format_says(void **state)
{
    (void)state;
    static char bytes[MOST];
    const char *want = "{\"__metadata__\":{\"a\":\"b\\u000a\"},"
                       "\"conv2d/kernel\":{\"dtype\":\"F32\",\"shape\":[2,2,1,2],\"data_offsets\":[0,32]},"
                       "\"conv2d/bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[32,40]},"
                       "\"dense/kernel\":{\"dtype\":\"F32\",\"shape\":[8,3],\"data_offsets\":[40,136]},"
                       "\"dense/bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[136,148]}}";
    network n;
    open_filled(&n, text, 4);
    write_it(&n, &(lw_metadata){"a", "b\n"}, 1);
    const size_t size = file_read(path, bytes, sizeof bytes), header = (strlen(want) + 7) / 8 * 8;
    const uint64_t length = header;
    struct stat st;
    assert_int_equal(size, 8 + header + 148);
    assert_memory_equal(bytes, &length, 8);
    assert_memory_equal(bytes + 8, want, strlen(want));
    for (size_t i = strlen(want); i < header; i++)
        assert_int_equal(bytes[8 + i], ' ');
    assert_memory_equal(bytes + 8 + header + 40, n.net.tensors[2].param[0], 96);
    assert_memory_equal(bytes + 8 + header + 136, n.net.tensors[2].param[1], 12);
    assert_int_equal(stat(path, &st), 0);
    const mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(st.st_mode & 0777, 0666 & ~mask);
    for (size_t fill = 0; fill < 8; fill++) { /* whatever the header's length */
        uint64_t padded;
        write_it(&n, &(lw_metadata){"a", &"bbbbbbbb"[fill]}, 1);
        file_read(path, bytes, sizeof bytes);
        memcpy(&padded, bytes, 8);
        assert_int_equal(padded % 8, 0);
        assert_true(padded < header + 16);
    }
    network_close(&n);
}

static void a_foreign_file_is_read_by_its_names(void **state)
{
    (void)state;
    const char *header =
        " {\"other\" : {\"shape\":[0],\"data_offsets\":[0,0],\"dtype\":\"I64\", \"x\":[{\"}\":1}]},\n"
        "\"dense/bias\":{\"data_offsets\":[0, 12],\"shape\":[ 3 ],\"dtype\":\"F32\"},"
        "\"dense/kernel\":{\"dtype\":\"F32\",\"shape\":[8,3],\"data_offsets\":[12,108]},"
        "\"conv2d/bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[108,116]},"
        "\"conv2d/kernel\":{\"dtype\":\"F32\",\"shape\":[2,2,1,2],\"data_offsets\":[116,148]}}";
    static char bytes[MOST];
    const uint64_t length = strlen(header);
    float values[37];
    network n;
    lw_error err;
    numbers formula = {3};
    numbers_fill(&formula, values, 37, 1);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    memcpy(bytes + 8 + length, values, sizeof values); /* at no multiple of four */
    file_write(path, bytes, 8 + length + sizeof values);
    if (!read_it(&n, &err)) fail_msg("%s", err.text);
    assert_memory_equal(n.net.tensors[2].param[1], values, 12);
    assert_memory_equal(n.net.tensors[2].param[0], values + 3, 96);
    assert_memory_equal(n.net.tensors[0].param[1], values + 27, 8);
    assert_memory_equal(n.net.tensors[0].param[0], values + 29, 32);
    network_close(&n);
}

static void another_models_file_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *text, *part;
    } others[] = {
        {"conv(3,2) relu flatten dense(3)", "tensor 'conv2d/kernel' has another shape"},
        {"conv(2,2) relu flatten dense(4)", "tensor 'dense/kernel' has another shape"},
        {"conv(2,2) globalavgpool", "no tensor 'dense/kernel'"},
        {"flatten dense(3)", "no tensor 'conv2d/kernel'"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        network n;
        network_open(&n, others[i].text, input, &scalar, 1, 1);
        write_it(&n, NULL, 0);
        assert_refused(others[i].part);
        network_close(&n);
    }
}

/* ---------------------------------------------------------------- malformed */

static size_t good_file(char *bytes)
{
    network n;
    open_filled(&n, text, 6);
    write_it(&n, &(lw_metadata){"model", text}, 1);
    network_close(&n);
    return file_read(path, bytes, MOST);
}

static void files_cut_anywhere_are_refused(void **state)
{
    (void)state;
    static char bytes[MOST];
    const size_t size = good_file(bytes);
    for (size_t count = 0; count < size; count++) {
        file_write(path, bytes, count);
        assert_refused(path);
    }
    bytes[size] = 0;
    file_write(path, bytes, size + 1);
    assert_refused(path); /* values that belong to no tensor */
}

/* One byte of the length or of the header changed: refused, or all values as they were written. */
static void bent_headers_never_shift_values(void **state)
{
    (void)state;
    static char bytes[MOST];
    const int bends[] = {1, 2, 4, 8, 16, 32, 64, 128, 0x7f, 0x1b};
    network good;
    open_filled(&good, text, 6);
    const size_t size = good_file(bytes);
    uint64_t length;
    int refused = 0;
    memcpy(&length, bytes, 8);
    for (size_t at = 0; at < 8 + length; at++)
        for (size_t b = 0; b < sizeof bends / sizeof bends[0]; b++) {
            network n;
            lw_error err;
            bytes[at] = (char)(bytes[at] ^ bends[b]);
            file_write(path, bytes, size);
            bytes[at] = (char)(bytes[at] ^ bends[b]);
            if (read_it(&n, &err)) {
                assert_same_tensors(&n, &good);
            } else {
                assert_non_null(strstr(err.text, path));
                assert_int_equal(err.kind, LW_ERROR_DATA);
                refused++;
            }
            network_close(&n);
        }
    assert_true(refused > 1000);
    network_close(&good);
}

static void assert_header_refused(const char *header, size_t values)
{
    static char bytes[MOST];
    const uint64_t length = strlen(header);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    file_write(path, bytes, 8 + length + values);
    assert_refused(path);
}

static void headers_that_lie_are_refused(void **state)
{
    (void)state;
    const char *rest = "\"conv2d/bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[32,40]},"
                       "\"dense/kernel\":{\"dtype\":\"F32\",\"shape\":[8,3],\"data_offsets\":[40,136]},"
                       "\"dense/bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[136,148]}}";
    const char *const kernels[] = {
        "{\"dtype\":\"F64\",\"shape\":[2,2,1,2],\"data_offsets\":[0,32]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,2],\"data_offsets\":[0,32]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,2,1],\"data_offsets\":[0,32]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,-2],\"data_offsets\":[0,32]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,18446744073709551618],\"data_offsets\":[0,32]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,2],\"data_offsets\":[0,28]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,2],\"data_offsets\":[32,0]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,2],\"data_offsets\":[120,152]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,2],\"data_offsets\":[18446744073709551584,0]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,2],\"data_offsets\":[-32,0]}",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,2]}",
        "{\"dtype\":\"F32\",\"data_offsets\":[0,32]}",
        "{\"shape\":[2,2,1,2],\"data_offsets\":[0,32]}",
        "[0,32]",
        "7",
        "{{{{{{{{{{{{{{{{{{{{{{{{",
        "{\"dtype\":\"F32\",\"shape\":[2,2,1,2],\"data_offsets\":[0,32]]",
    };
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
        char header[2048];
        snprintf(header, sizeof header, "{\"conv2d/kernel\":%s,%s", kernels[i], rest);
        assert_header_refused(header, 148);
    }
    const char *const odd[] = {
        "",       " ",       "{",        "{}",       "[]",       "{\"",       "{\"a", "{\"a\\",
        "{\"a\"", "{\"a\":", "{\"a\":{", "{\"a\":[", "{\"a\":1", "{\"a\":1,", "null", "\"conv2d/kernel\"",
        "{,}",    "{:}",     "{\"a\":}"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_header_refused(odd[i], i % 2 ? 148 : 0);
}

static void lengths_of_any_size_are_refused(void **state)
{
    (void)state;
    for (int bit = 0; bit < 64; bit++)
        for (int ones = 0; ones < 2; ones++) {
            const uint64_t length = ones ? UINT64_MAX >> bit : UINT64_C(1) << bit;
            file_write(path, &length, 8);
            assert_refused("the header is longer than the file");
        }
}

/* ---------------------------------------------------------------- files that cannot be */

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    char weights[PATH_SIZE];
    strcpy(weights, path);
    path_join(path, folder, "missing");
    assert_refused("No such file");
    strcpy(path, folder);
    assert_refused("not a regular file");
    strcpy(path, weights);
}

static void assert_unwritable(const char *to, const network *n, const char *part)
{
    lw_error err;
    const int before = folder_entries(folder);
    assert_false(lw_safetensors_write(to, &n->net, NULL, 0, &err));
    assert_refusal(&err, LW_ERROR_OUTPUT, part);
    assert_non_null(strstr(err.text, to));
    assert_int_equal(folder_entries(folder), before);
}

static void a_failed_write_leaves_no_file(void **state)
{
    (void)state;
    static char before[MOST], after[MOST];
    const size_t size = good_file(before);
    char below[PATH_SIZE];
    network n;
    network_open(&n, "flatten dense(900)", input, &scalar, 1, 1);
    path_join(below, folder, "missing/weights");
    assert_unwritable(below, &n, "No such file");
    path_join(below, path, "weights");
    assert_unwritable(below, &n, "Not a directory");
    path_join(below, folder, "folder");
    assert_int_equal(mkdir(below, 0755), 0);
    assert_unwritable(below, &n, "directory");

    /* A disk that is full after 4000 bytes. */
    struct rlimit was, full;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    full = was;
    full.rlim_cur = 4000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    lw_error err;
    const int entries = folder_entries(folder);
    const bool ok = lw_safetensors_write(path, &n.net, NULL, 0, &err);
    setrlimit(RLIMIT_FSIZE, &was);
    signal(SIGXFSZ, handler);
    assert_false(ok);
    assert_refusal(&err, LW_ERROR_OUTPUT, "File too large");
    assert_int_equal(folder_entries(folder), entries);
    assert_int_equal(file_read(path, after, sizeof after), size); /* what was there is still whole */
    assert_memory_equal(before, after, size);
    network_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_come_back_bit_by_bit),
        cmocka_unit_test(running_statistics_come_back_too),
        cmocka_unit_test(the_file_is_as_the_format_says),
        cmocka_unit_test(a_foreign_file_is_read_by_its_names),
        cmocka_unit_test(another_models_file_is_refused),
        cmocka_unit_test(files_cut_anywhere_are_refused),
        cmocka_unit_test(bent_headers_never_shift_values),
        cmocka_unit_test(headers_that_lie_are_refused),
        cmocka_unit_test(lengths_of_any_size_are_refused),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(a_failed_write_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
