/* SPDX-License-Identifier: BSD-3-Clause
 * stream.h: the two loops over the vector that the including file names: VECTOR, LANES, LOAD, STORE,
 * SPLAT, TRIAD(b, s, c), and KEEP(v), which makes the compiler believe that v is needed. Sixteen
 * loads a round: with eight, the loop's own instructions cost L2 a tenth of its bandwidth on Zen 5. */
#include "harness/machine/bandwidth/loops.h"

#define TWICE(DO, i) DO(i) DO((i) + 1)
#define FOUR(DO) TWICE(DO, 0) TWICE(DO, 2)
#define EIGHT(DO, i) TWICE(DO, i) TWICE(DO, (i) + 2) TWICE(DO, (i) + 4) TWICE(DO, (i) + 6)

static inline void read_stream(const float *a, ptrdiff_t n, int64_t passes)
{
    for (int64_t pass = 0; pass < passes; pass++)
        for (ptrdiff_t i = 0; i < n; i += 16 * LANES) {
#define READ(k)                                \
    {                                          \
        VECTOR v = LOAD(a + i + (k) * LANES);  \
        KEEP(v);                               \
    }
            EIGHT(READ, 0)
            EIGHT(READ, 8)
#undef READ
        }
}

static inline void triad_stream(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes)
{
    VECTOR s = SPLAT(scale);
    for (int64_t pass = 0; pass < passes; pass++) {
        for (ptrdiff_t i = 0; i < n; i += 4 * LANES) {
#define STEP(k)                                                                                 \
    {                                                                                           \
        VECTOR v = TRIAD(LOAD(b + i + (k) * LANES), s, LOAD(c + i + (k) * LANES));              \
        STORE(a + i + (k) * LANES, v);                                                          \
    }
            FOUR(STEP)
#undef STEP
        }
        __asm__ volatile("" ::: "memory"); /* every pass stores, not only the last */
    }
}
