/* SPDX-License-Identifier: BSD-3-Clause
 * stream.h: the two loops over the vector that the including file names: VECTOR, LANES, LOAD, STORE,
 * SPLAT, TRIAD(b, s, c), and KEEP(v), which makes the compiler believe that v is needed. Eight vectors
 * a round: the loop's own two instructions then hide beside eight loads. */
#include "harness/machine/bandwidth/loops.h"

#define TWICE(DO, i) DO(i) DO((i) + 1)
#define EIGHT(DO) TWICE(DO, 0) TWICE(DO, 2) TWICE(DO, 4) TWICE(DO, 6)

static inline void read_stream(const float *a, ptrdiff_t n, int64_t passes)
{
    for (int64_t pass = 0; pass < passes; pass++)
        for (ptrdiff_t i = 0; i < n; i += 8 * LANES) {
#define READ(k)                                \
    {                                          \
        VECTOR v = LOAD(a + i + (k) * LANES);  \
        KEEP(v);                               \
    }
            EIGHT(READ)
#undef READ
        }
}

static inline void triad_stream(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes)
{
    VECTOR s = SPLAT(scale);
    for (int64_t pass = 0; pass < passes; pass++) {
        for (ptrdiff_t i = 0; i < n; i += 8 * LANES) {
#define STEP(k)                                                                                 \
    {                                                                                           \
        VECTOR v = TRIAD(LOAD(b + i + (k) * LANES), s, LOAD(c + i + (k) * LANES));              \
        STORE(a + i + (k) * LANES, v);                                                          \
    }
            EIGHT(STEP)
#undef STEP
        }
        __asm__ volatile("" ::: "memory"); /* every pass stores, not only the last */
    }
}
