/* SPDX-License-Identifier: BSD-3-Clause
 * sha256.c: SHA-256 through libcrypto's EVP interface. */
#include "nn/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>

bool lw_sha256_hex(const void *bytes, size_t count, char hex[LW_SHA256_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!EVP_Digest(bytes, count, digest, &length, EVP_sha256(), NULL) || length != 32) return false;
    for (int i = 0; i < 32; i++)
        snprintf(hex + (ptrdiff_t)2 * i, 3, "%02x", digest[i]);
    return true;
}
