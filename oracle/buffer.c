/* SPDX-License-Identifier: BSD-3-Clause
 * buffer.c: guarded memory by mmap, kept for the next buffer of the same size. */
#define _GNU_SOURCE
#include "oracle/buffer.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ALIGNMENT = 64, MARGIN = 256 /* bytes on both sides, where no protected page stands there */ };

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* ---------------------------------------------------------------- maps */

/* A sweep wants thirty thousand maps, and to make one takes longer than most kernels do with it. */
enum { KEPT = 16, KEPT_BYTES = 1 << 20 };
static _Thread_local struct {
    uint8_t *map;
    size_t bytes;
} kept[KEPT];
static _Thread_local int oldest;

static uint8_t *new_map(size_t bytes, size_t page)
{
    uint8_t *map = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) return NULL;
    if (mprotect(map + page, bytes - 2 * page, PROT_READ | PROT_WRITE) == 0) return map;
    munmap(map, bytes);
    return NULL;
}

static uint8_t *take_map(size_t bytes, size_t page)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i].map && kept[i].bytes == bytes) {
            uint8_t *map = kept[i].map;
            kept[i].map = NULL;
            return map;
        }
    return new_map(bytes, page);
}

static void keep_map(uint8_t *map, size_t bytes)
{
    if (bytes > KEPT_BYTES) {
        munmap(map, bytes);
        return;
    }
    if (kept[oldest].map) munmap(kept[oldest].map, kept[oldest].bytes);
    kept[oldest].map = map;
    kept[oldest].bytes = bytes;
    oldest = (oldest + 1) % KEPT;
}

/* ---------------------------------------------------------------- buffers */

bool lw_buffer_init(lw_buffer *b, size_t bytes, lw_placement placement, size_t offset)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (bytes > SIZE_MAX / 2) return false;
    const size_t usable = round_up(bytes + offset + 2 * MARGIN, page);
    uint8_t *map = take_map(usable + 2 * page, page);
    if (!map) return false;
    *b = (lw_buffer){.map = map, .map_bytes = usable + 2 * page, .bytes = bytes};
    switch (placement) {
    case LW_PLACE_BEGIN_GUARD: b->data = map + page; break;
    case LW_PLACE_END_GUARD: b->data = map + page + usable - bytes; break;
    case LW_PLACE_OFFSET: b->data = map + page + round_up(MARGIN, ALIGNMENT) + offset; break;
    default: b->data = map + page + round_up(MARGIN, ALIGNMENT); break;
    }
    return true;
}

void lw_buffer_free(lw_buffer *b)
{
    if (b->map) keep_map(b->map, b->map_bytes);
    *b = (lw_buffer){0};
}

static uint8_t *usable_begin(const lw_buffer *b)
{
    return b->map + (size_t)sysconf(_SC_PAGESIZE);
}

static uint8_t *usable_end(const lw_buffer *b)
{
    return b->map + b->map_bytes - (size_t)sysconf(_SC_PAGESIZE);
}

void lw_buffer_poison(lw_buffer *b)
{
    memset(usable_begin(b), LW_POISON, (size_t)(usable_end(b) - usable_begin(b)));
}

static bool all_poison(const uint8_t *from, const uint8_t *to)
{
    while (from < to)
        if (*from++ != LW_POISON) return false;
    return true;
}

bool lw_buffer_margins_intact(const lw_buffer *b)
{
    return all_poison(usable_begin(b), b->data) && all_poison(b->data + b->bytes, usable_end(b));
}
