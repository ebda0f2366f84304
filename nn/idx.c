/* SPDX-License-Identifier: BSD-3-Clause
 * idx.c: reads an IDX file whole and checks every number in its header. */
#define _GNU_SOURCE
#include "nn/idx.h"

#include "kernels/kernels.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

/* Larger than any data set of this kind (EMNIST: 550 MB): a header or a bomb cannot ask for more. */
#define MAX_BYTES ((size_t)2 << 30)

/* Deflate makes no more bytes of one (zlib's algorithm.txt): who announces more has not got them. */
enum { DEFLATE_MOST = 1032 };

/* ---------------------------------------------------------------- bytes */

static bool read_file(const char *path, uint8_t **bytes, size_t *count, lw_error *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) return lw_refuse(err, LW_ERROR_DATA, "cannot read %s: %s", path, strerror(errno));
    struct stat st;
    if (fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode)) {
        fclose(file);
        return lw_refuse(err, LW_ERROR_DATA, "cannot read %s: not a regular file", path);
    }
    *count = (size_t)st.st_size;
    *bytes = *count <= MAX_BYTES ? lw_alloc(*count) : NULL;
    size_t got = *bytes ? fread(*bytes, 1, *count, file) : 0;
    bool failed = ferror(file);
    fclose(file);
    if (*bytes && got == *count && !failed) return true;
    bool memory = !*bytes;
    lw_free(*bytes);
    *bytes = NULL;
    if (memory) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s (%zu bytes)", path, *count);
    return lw_refuse(err, LW_ERROR_DATA, "cannot read %s: only %zu of %zu bytes came", path, got, *count);
}

static size_t announced(const uint8_t *bytes, size_t count, int rank);

/* Replaces gzip-compressed bytes by what is in them. The IDX header says how much that must be; one byte
 * more is asked for, so that a longer content shows. */
static bool inflate_bytes(const char *path, uint8_t **bytes, size_t *count, int rank, lw_error *err)
{
    uint8_t head[16];
    z_stream z = {.next_in = *bytes, .avail_in = (uInt)*count, .next_out = head, .avail_out = sizeof head};
    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return lw_refuse(err, LW_ERROR_MEMORY, "out of memory to decompress %s", path);
    int state = inflate(&z, Z_SYNC_FLUSH);
    size_t got = sizeof head - z.avail_out;
    size_t want = announced(head, got, rank);
    if (want / DEFLATE_MOST > *count) {
        inflateEnd(&z);
        return lw_refuse(err, LW_ERROR_DATA, "%s: truncated: %zu compressed bytes cannot hold the %zu that the header "
                         "announces", path, *count, want);
    }
    uint8_t *plain = want ? lw_alloc(want + 1) : NULL;
    if (plain) {
        memcpy(plain, head, got < want ? got : want);
        if (state == Z_OK && got <= want) {
            z.next_out = plain + got;
            z.avail_out = (uInt)(want + 1 - got);
            state = inflate(&z, Z_FINISH);
        }
        got = (size_t)z.total_out;
    }
    inflateEnd(&z);
    if (!plain && want) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s (%zu bytes)", path, want);
    if (!want) { /* no header to go by: let the check of the header explain */
        plain = lw_alloc(sizeof head);
        if (!plain) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s", path);
        memcpy(plain, head, got);
        if (got == sizeof head) state = Z_STREAM_END;
    }
    lw_free(*bytes);
    *bytes = plain;
    *count = got;
    if (state == Z_STREAM_END || (want && got > want)) return true;
    lw_free(plain);
    *bytes = NULL;
    return lw_refuse(err, LW_ERROR_DATA, "%s: the gzip data is %s", path,
                     state == Z_BUF_ERROR || state == Z_OK ? "truncated" : "damaged");
}

/* ---------------------------------------------------------------- header */

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Bytes of the file that this header announces; 0: not a header of that rank, or absurdly large. */
static size_t announced(const uint8_t *bytes, size_t count, int rank)
{
    size_t header = 4 + 4 * (size_t)rank, values = 1;
    if (count < header || big_endian(bytes) != (0x0800u | (uint32_t)rank)) return 0;
    for (int i = 0; i < rank; i++) {
        uint32_t size = big_endian(bytes + 4 + 4 * i);
        if (size == 0 || size > MAX_BYTES / values) return 0;
        values *= size;
    }
    return values <= MAX_BYTES - header ? header + values : 0;
}

static bool check_header(const char *path, const uint8_t *bytes, size_t count, int rank, lw_error *err)
{
    size_t header = 4 + 4 * (size_t)rank, want = announced(bytes, count, rank);
    uint32_t magic = 0x0800u | (uint32_t)rank;
    const char *what = rank == 1 ? "labels" : "images";
    if (count >= 4 && big_endian(bytes) != magic)
        return lw_refuse(err, LW_ERROR_DATA, "%s: wrong magic number 0x%08x, IDX %s begin with 0x%08x", path,
                         big_endian(bytes), what, magic);
    if (count < header)
        return lw_refuse(err, LW_ERROR_DATA, "%s: truncated: %zu bytes, the header of IDX %s has %zu", path, count, what,
                         header);
    if (!want) return lw_refuse(err, LW_ERROR_DATA, "%s: the header's sizes are zero or too large", path);
    if (count < want)
        return lw_refuse(err, LW_ERROR_DATA, "%s: truncated: %zu bytes, the header announces %zu", path, count, want);
    if (count > want)
        return lw_refuse(err, LW_ERROR_DATA, "%s: too long: the header announces %zu bytes, there are more", path, want);
    return true;
}

bool lw_idx_read(lw_idx *idx, const char *path, int rank, lw_error *err)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    *idx = (lw_idx){.rank = rank, .size = {1, 1, 1}};
    if (!read_file(path, &bytes, &count, err)) return false;
    if (count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b && !inflate_bytes(path, &bytes, &count, rank, err)) {
        lw_free(bytes);
        return false;
    }
    if (!check_header(path, bytes, count, rank, err)) {
        lw_free(bytes);
        return false;
    }
    for (int i = 0; i < rank; i++)
        idx->size[i] = (int)big_endian(bytes + 4 + 4 * i);
    idx->bytes = bytes;
    idx->values = bytes + 4 + 4 * rank;
    if (lw_sha256_hex(bytes, count, idx->sha256)) return true;
    lw_idx_free(idx);
    return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the checksum of %s", path);
}

void lw_idx_free(lw_idx *idx)
{
    lw_free(idx->bytes);
    *idx = (lw_idx){0};
}
