/* SPDX-License-Identifier: BSD-3-Clause
 * png.c: the three chunks that a grey picture needs (ISO/IEC 15948), packed and checked by zlib. */
#define _GNU_SOURCE
#include "harness/records/png.h"

#include "nn/aside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Length, type, data, and a checksum of type and data. */
static void put_chunk(FILE *out, const char type[5], const uint8_t *data, uint32_t length)
{
    uint8_t word[4];
    put_u32(word, length);
    fwrite(word, 1, 4, out);
    fwrite(type, 1, 4, out);
    fwrite(data, 1, length, out);
    uLong sum = crc32(crc32(0, Z_NULL, 0), (const Bytef *)type, 4);
    if (length) sum = crc32(sum, data, length);
    put_u32(word, (uint32_t)sum);
    fwrite(word, 1, 4, out);
}

/* Each row begins with its filter: 0, none. */
static uint8_t *pack(const uint8_t *grey, int h, int w, uLongf *length)
{
    size_t row = (size_t)w + 1;
    uint8_t *plain = malloc(row * (size_t)h), *packed = NULL;
    *length = compressBound((uLong)(row * (size_t)h));
    if (plain) packed = malloc(*length);
    if (packed) {
        for (int y = 0; y < h; y++) {
            plain[row * (size_t)y] = 0;
            memcpy(plain + row * (size_t)y + 1, grey + (size_t)y * (size_t)w, (size_t)w);
        }
        if (compress2(packed, length, plain, (uLong)(row * (size_t)h), 9) != Z_OK) {
            free(packed);
            packed = NULL;
        }
    }
    free(plain);
    return packed;
}

bool lw_png_write(const char *path, const uint8_t *grey, int h, int w, lw_error *err)
{
    uint8_t head[13] = {[8] = 8}; /* bits; then grey, deflate, the usual filters, not interlaced: all 0 */
    uLongf length;
    char *text = NULL;
    size_t size = 0;
    uint8_t *packed = pack(grey, h, w, &length);
    FILE *out = packed ? open_memstream(&text, &size) : NULL;
    if (out) {
        fwrite("\x89PNG\r\n\x1a\n", 1, 8, out);
        put_u32(head, (uint32_t)w);
        put_u32(head + 4, (uint32_t)h);
        put_chunk(out, "IHDR", head, sizeof head);
        put_chunk(out, "IDAT", packed, (uint32_t)length);
        put_chunk(out, "IEND", head, 0);
    }
    bool ok = out && fclose(out) == 0;
    ok = ok ? lw_write_aside(path, text, size, err) : lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s", path);
    free(text);
    free(packed);
    return ok;
}
