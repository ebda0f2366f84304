/* SPDX-License-Identifier: BSD-3-Clause
 * sha256.h: SHA-256 of bytes, as libcrypto computes it. */
#ifndef LW_SHA256_H
#define LW_SHA256_H

#include <stdbool.h>
#include <stddef.h>

enum { LW_SHA256_HEX = 65 };

/* Lower-case digits with a final '\0'. false: libcrypto refuses to work (out of memory). */
bool lw_sha256_hex(const void *bytes, size_t count, char hex[LW_SHA256_HEX]);

#endif
