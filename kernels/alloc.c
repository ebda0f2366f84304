/* SPDX-License-Identifier: BSD-3-Clause
 * alloc.c: the one allocator. 64-byte alignment is a cache line and the widest vector. */
#include "kernels/kernels.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

void *lw_alloc(size_t bytes)
{
    if (bytes > SIZE_MAX - ALIGNMENT) return NULL;
    const size_t rounded = bytes == 0 ? ALIGNMENT : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *p = aligned_alloc(ALIGNMENT, rounded);
    if (p) memset(p, 0, rounded);
    return p;
}

void lw_free(void *p)
{
    free(p);
}
