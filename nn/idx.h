/* SPDX-License-Identifier: BSD-3-Clause
 *
 * idx.h: the IDX format of MNIST: a big-endian magic number (0, 0, type, rank), the sizes, the values.
 * Read here: unsigned bytes, rank 1 (labels) or 3 (images), plain or gzip-compressed.
 */
#ifndef LW_IDX_H
#define LW_IDX_H

#include "nn/error.h"
#include "nn/sha256.h"

#include <stdint.h>

typedef struct lw_idx {
    int rank, size[3];     /* unused sizes are 1 */
    const uint8_t *values; /* inside `bytes` */
    uint8_t *bytes;        /* the whole file, uncompressed; lw_free */
    char sha256[LW_SHA256_HEX]; /* of `bytes`: the same for the plain and the compressed file */
} lw_idx;

/* false: `err` names the path, and what is wrong with it. */
bool lw_idx_read(lw_idx *idx, const char *path, int rank, lw_error *err);
void lw_idx_free(lw_idx *idx);

#endif
