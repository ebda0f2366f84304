/* SPDX-License-Identifier: BSD-3-Clause
 * support.h: what the tests of nn/ share: numbers by formula, small networks, folders that vanish. */
#ifndef NN_SUPPORT_H
#define NN_SUPPORT_H

#include "nn/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* ---------------------------------------------------------------- numbers */

/* The formula of golden/make_golden.py: multiples of 2^-23 in [-1, 1). */
typedef struct numbers {
    uint32_t state; /* the seed */
} numbers;

uint32_t numbers_word(numbers *n);
float numbers_next(numbers *n);
void numbers_fill(numbers *n, float *dst, ptrdiff_t count, float scale);

/* ---------------------------------------------------------------- networks */

/* The kernel sets usable here. The others are named in a message. Returns how many; at least scalar. */
int usable_sets(lw_dispatch sets[LW_ISA_COUNT]);

typedef struct network {
    lw_model model;
    lw_net net;
} network;

void network_open(network *n, const char *text, lw_dims input, const lw_dispatch *kernels, int batch,
                  int threads);
void network_open_elided(network *n, const char *text, lw_dims input, const lw_dispatch *kernels, int batch,
                         int threads); /* see nn/elide.h */
void network_close(network *n);

/* Input, parameters (in half the range) and labels of `images` images, as make_golden.py makes them. */
void network_fill(network *n, int images, uint32_t seed);

lw_pass pass_of(const network *n, int images, bool training); /* by a team of one, seed, epoch, step 0 */

/* ---------------------------------------------------------------- claims */

void assert_near(double got, double want, double tolerance, const char *what, ptrdiff_t at);
void assert_refusal(const lw_error *err, lw_error_kind kind,
                    const char *part); /* one line that holds `part` */

/* ---------------------------------------------------------------- files */

enum { PATH_SIZE = 4096 };

/* A new folder; folder_remove takes it away with all that is in it. */
void folder_make(char folder[PATH_SIZE]);
void folder_remove(const char *folder);
int folder_entries(const char *folder); /* files and folders in it */

void path_join(char path[PATH_SIZE], const char *folder, const char *name);
void file_write(const char *path, const void *bytes, size_t count);
size_t file_read(const char *path, void *bytes, size_t most);
void file_write_gz(const char *path, const void *bytes, size_t count);

#endif
