/* SPDX-License-Identifier: BSD-3-Clause
 * support.c: see support.h. */
#define _GNU_SOURCE
#include "support.h"

#include "nn/elide.h"

#include <dirent.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* ---------------------------------------------------------------- numbers */

uint32_t numbers_word(numbers *n)
{
    n->state = n->state * 1664525u + 1013904223u;
    return n->state;
}

float numbers_next(numbers *n)
{
    return (float)((int32_t)(numbers_word(n) >> 8) - (1 << 23)) * 0x1p-23f;
}

void numbers_fill(numbers *n, float *dst, ptrdiff_t count, float scale)
{
    for (ptrdiff_t i = 0; i < count; i++)
        dst[i] = numbers_next(n) * scale;
}

/* ---------------------------------------------------------------- networks */

int usable_sets(lw_dispatch sets[LW_ISA_COUNT])
{
    const lw_cpu cpu = lw_cpu_detect();
    int count = 0;
    for (int i = 0; i < LW_ISA_COUNT; i++) {
        char message[1024];
        if (!lw_isa_usable((lw_isa)i, &cpu))
            print_message("skipped: %s is %s\n", lw_isa_name((lw_isa)i), lw_isa_why_not((lw_isa)i, &cpu));
        else if (!lw_dispatch_init(&sets[count++], lw_isa_name((lw_isa)i), message, sizeof message))
            fail_msg("%s", message);
    }
    assert_true(count >= 1);
    return count;
}

static void parse(network *n, const char *text, lw_dims input)
{
    lw_error err;
    if (!lw_model_parse(&n->model, text, input, &err)) fail_msg("%s: %s", text, err.text);
}

static void lay_out(network *n, const char *text, const lw_dispatch *kernels, int batch, int threads)
{
    lw_error err;
    if (!lw_net_init(&n->net, &n->model, kernels, batch, threads, &err)) fail_msg("%s: %s", text, err.text);
}

void network_open(network *n, const char *text, lw_dims input, const lw_dispatch *kernels, int batch,
                  int threads)
{
    parse(n, text, input);
    lay_out(n, text, kernels, batch, threads);
}

void network_open_elided(network *n, const char *text, lw_dims input, const lw_dispatch *kernels, int batch,
                         int threads)
{
    parse(n, text, input);
    lw_model_elide(&n->model);
    lay_out(n, text, kernels, batch, threads);
}

void network_close(network *n)
{
    lw_net_free(&n->net);
}

/* A variance is none below zero: it gets the range [1/2, 3/2). */
static void fill_param(numbers *formula, const lw_param *param, float *values)
{
    const ptrdiff_t count = lw_param_count(param);
    numbers_fill(formula, values, count, 0.5f);
    for (ptrdiff_t i = 0; strcmp(param->name, "moving_variance") == 0 && i < count; i++)
        values[i] += 1;
}

void network_fill(network *n, int images, uint32_t seed)
{
    numbers formula = {seed};
    numbers_fill(&formula, n->net.input, images * lw_dims_count(n->model.input), 1);
    for (int i = 0; i < n->model.layers; i++)
        for (int j = 0; j < n->model.layer[i].params; j++)
            fill_param(&formula, &n->model.layer[i].param[j], n->net.tensors[i].param[j]);
    for (int i = 0; i < images; i++)
        n->net.label[i] = (int32_t)((numbers_word(&formula) >> 16) % (uint32_t)n->model.classes);
}

lw_pass pass_of(const network *n, int images, bool training)
{
    return (lw_pass){.kernels = n->net.kernels,
                     .team = &lw_team_solo,
                     .workspace = n->net.workspace,
                     .mb = images,
                     .training = training};
}

/* ---------------------------------------------------------------- claims */

void assert_near(double got, double want, double tolerance, const char *what, ptrdiff_t at)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%s [%td]: got %.9g, want %.9g, off by %.3g of at most %.3g", what, at, got, want,
                 fabs(got - want), tolerance);
}

void assert_refusal(const lw_error *err, lw_error_kind kind, const char *part)
{
    assert_true(memchr(err->text, '\0', sizeof err->text) != NULL);
    if (!strstr(err->text, part)) fail_msg("'%s' is not in: %s", part, err->text);
    for (const unsigned char *p = (const unsigned char *)err->text; *p; p++)
        if (*p < 0x20 || *p > 0x7e) fail_msg("byte 0x%02x in: %s", *p, err->text);
    assert_int_equal(err->kind, kind);
}

/* ---------------------------------------------------------------- files */

void folder_make(char folder[PATH_SIZE])
{
    const char *parent = getenv("TMPDIR");
    snprintf(folder, PATH_SIZE, "%s/lanewise-nn.XXXXXX", parent && *parent ? parent : "/tmp");
    assert_non_null(mkdtemp(folder));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void folder_remove(const char *folder)
{
    assert_int_equal(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

int folder_entries(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = 0;
    assert_non_null(dir);
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return count;
}

void path_join(char path[PATH_SIZE], const char *folder, const char *name)
{
    assert_true(strlen(folder) + strlen(name) + 2 <= PATH_SIZE);
    stpcpy(stpcpy(stpcpy(path, folder), "/"), name);
}

void file_write(const char *path, const void *bytes, size_t count)
{
    remove(path); /* file systems may flush a file that is cut and written anew: slow a thousand times over */
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

size_t file_read(const char *path, void *bytes, size_t most)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t count = fread(bytes, 1, most, file);
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    return count;
}

void file_write_gz(const char *path, const void *bytes, size_t count)
{
    remove(path);
    gzFile file = gzopen(path, "wb9");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)count), (int)count);
    assert_int_equal(gzclose(file), Z_OK);
}
