/* SPDX-License-Identifier: BSD-3-Clause
 *
 * safetensors.h: parameters in a file that PyTorch, NumPy, JAX and Rust read: eight bytes of little-endian
 * length, a JSON header with dtype, shape and data_offsets of each tensor, then the values. Tensors are
 * named "<layer>/<parameter>" as in Keras ("conv2d/kernel", "dense_1/bias"), F32, in the layouts of
 * kernels.h (which are Keras').
 */
#ifndef LW_SAFETENSORS_H
#define LW_SAFETENSORS_H

#include "nn/net.h"

/* An entry of the header's __metadata__. */
typedef struct lw_metadata {
    const char *key, *value;
} lw_metadata;

/* Writes beside `path` and renames, so that no half file is ever at `path`. */
bool lw_safetensors_write(const char *path, const lw_net *net, const lw_metadata *metadata, int count,
                          lw_error *err);

/* Reads every parameter of `net`; the file may hold others too. The header is not trusted. On false the
 * parameters are as before. */
bool lw_safetensors_read(const char *path, lw_net *net, lw_error *err);

/* The same, tensor by tensor. */
typedef struct lw_safetensors lw_safetensors;
lw_safetensors *lw_safetensors_open(const char *path, lw_error *err);
bool lw_safetensors_take(const lw_safetensors *file, lw_net *net, int layer, int param, lw_error *err);

/* The text under `key` of __metadata__. false, and `text` as before: none, or none that fits into it. */
bool lw_safetensors_metadata(const lw_safetensors *file, const char *key, char *text, size_t size);
void lw_safetensors_close(lw_safetensors *file);

#endif
