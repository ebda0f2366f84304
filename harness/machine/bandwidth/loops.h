/* SPDX-License-Identifier: BSD-3-Clause
 * loops.h: the bandwidth loops, one pair per ISA. `n` floats per stream, a multiple of LW_STREAM_GRAIN,
 * aligned to 64 bytes; each of `passes` walks all of it.
 *   read   loads every element and does nothing with it      4 bytes per element
 *   triad  a[i] = b[i] + scale * c[i] (McCalpin's STREAM)   12 bytes per element, ordinary stores; the
 *          line that a store fetches first is not counted, as it is not in the bytes of a kernel */
#ifndef LW_BANDWIDTH_LOOPS_H
#define LW_BANDWIDTH_LOOPS_H

#include <stddef.h>
#include <stdint.h>

enum { LW_STREAM_GRAIN = 128 };

void lw_read_loop_scalar(const float *a, ptrdiff_t n, int64_t passes);
void lw_read_loop_avx2(const float *a, ptrdiff_t n, int64_t passes);
void lw_read_loop_avx512(const float *a, ptrdiff_t n, int64_t passes);
void lw_read_loop_neon(const float *a, ptrdiff_t n, int64_t passes);

void lw_triad_loop_scalar(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes);
void lw_triad_loop_avx2(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes);
void lw_triad_loop_avx512(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes);
void lw_triad_loop_neon(float *a, const float *b, const float *c, float scale, ptrdiff_t n, int64_t passes);

#endif
